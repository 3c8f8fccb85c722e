package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unit is how the numbers of a column are written.
type unit int

const (
	// points are those of a scale, such as 0 to 100.
	points unit = iota
	// change is a difference of points, with its sign.
	change
	// share is a part, 0 to 1, shown in percent.
	share
	// shareChange is a difference of shares, shown in percentage points with its sign.
	shareChange
	// whole is a count.
	whole
	// ratio is how many times something is something else.
	ratio
	// scale is a number of a scale, with the decimals that it has.
	scale
	// money is an amount of a currency that the row names.
	money
)

// number writes a number alone.
func (u unit) number(v float64) string {
	switch u {
	case change:
		return signed(v, 1)
	case share:
		return unsigned(100*v, 1)
	case shareChange:
		return signed(100*v, 1)
	case whole:
		return grouped(strconv.FormatFloat(math.Round(v), 'f', 0, 64))
	case scale:
		return unsigned(v, -1)
	case ratio:
		return unsigned(v, 2)
	case money:
		return grouped(unsigned(v, 2))
	}
	return unsigned(v, 1)
}

// brief writes a number where there is little room.
func (u unit) brief(v float64) string {
	const much = 1000
	if u == money && math.Abs(v) >= much {
		return whole.number(v)
	}
	return u.number(v) + u.sign()
}

// sign is what stands behind a number.
func (u unit) sign() string {
	if u == share {
		return " %"
	}
	return ""
}

// write writes a figure with its interval and its test: -18.1 [-22.7, -13.4].
func (u unit) write(f figure) string {
	if f.words != "" {
		return f.words
	}
	if f.absent() {
		return absent
	}
	text := u.number(*f.value) + u.sign()
	if f.ranged() {
		text += " [" + u.number(*f.low) + ", " + u.number(*f.high) + "]"
	}
	if finite(f.p) {
		text += ", p " + probability(*f.p)
	}
	if f.n != nil {
		text += fmt.Sprintf(" (n %d)", *f.n)
	}
	return text
}

// absent stands for what cannot be said.
const absent = "-"

// probability writes how likely something is: never 0.
func probability(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return "= " + unsigned(p, 3)
}

// unsigned writes a number with decimals; nothing is 0, and never -0.
func unsigned(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// signed writes a number with decimals and its sign, unless it is nothing.
func signed(v float64, decimals int) string {
	text := unsigned(v, decimals)
	if v > 0 && strings.Trim(text, "0.") != "" {
		return "+" + text
	}
	return text
}

// grouped sets the thousands of a number off.
func grouped(text string) string {
	digits, rest, _ := strings.Cut(text, ".")
	if rest != "" {
		rest = "." + rest
	}
	minus := ""
	if strings.HasPrefix(digits, "-") {
		minus, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return minus + digits + rest
}
