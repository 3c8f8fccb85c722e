package scoring

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textProblem says what is wrong with a text of at most most characters; empty when nothing is. The clean path reads the
// bytes once or twice and allocates nothing.
func textProblem(s string, most int) string {
	switch {
	case !utf8.ValidString(s):
		return fmt.Sprintf("%s is not valid UTF-8", quoted(s))
	case strings.IndexByte(s, 0) >= 0:
		return fmt.Sprintf("%s contains U+0000, which is not allowed", quoted(s))
	case len(s) > most && utf8.RuneCountInString(s) > most:
		return fmt.Sprintf("%d characters are too many; at most %d are allowed", utf8.RuneCountInString(s), most)
	}
	return ""
}

// quoted repeats a value in a message: in quotes, escaped, and cut when long.
func quoted(s string) string {
	n := 0
	for i := range s {
		if n == maxQuoted {
			return strconv.Quote(s[:i] + "…")
		}
		n++
	}
	return strconv.Quote(s)
}

// listed repeats the first few values in a message, joined by commas.
func listed(values []string) string {
	shown := make([]string, 0, maxListed+1)
	for i, v := range values {
		if i == maxListed {
			shown = append(shown, fmt.Sprintf("%d more", len(values)-maxListed))
			break
		}
		shown = append(shown, quoted(v))
	}
	return strings.Join(shown, ", ")
}

// number writes x as a person would: the fewest digits that give it back, without an exponent where it is short.
func number(x float64) string {
	if a := math.Abs(x); a == 0 || a >= 1e-4 && a < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// finite reports whether x is neither NaN nor an infinity.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
