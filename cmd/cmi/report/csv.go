package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// csv writes a line for each figure, with all that is known of it; what is absent is empty. Its first columns are the keys of all
// sheets, so that a spreadsheet can filter and pivot by them.
func (r *Report) csv(w io.Writer) error {
	keys := r.csvKeys()
	out := csv.NewWriter(w)
	heading := append([]string{"report"}, texts(keys)...)
	lines := [][]string{append(heading, "metric", "n", "n_eff", "flag", "value", "low", "high", "level", "statistic", "freedom", "p_value", "text")}
	for _, s := range r.sheets {
		for _, row := range s.rows {
			lines = append(lines, r.csvLines(keys, s, row)...)
		}
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	return nil
}

// csvKeys are the names of the keys of all sheets, in the order in which they come.
func (r *Report) csvKeys() (names []string) {
	for _, s := range r.sheets {
		for _, k := range s.keys {
			if !slices.Contains(names, k.name) {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// csvLines are those of the figures of a row.
func (r *Report) csvLines(keys []string, s *sheet, row *row) (lines [][]string) {
	start := []string{r.name}
	for _, name := range keys {
		at := slices.IndexFunc(s.keys, func(k key) bool { return k.name == name })
		if at < 0 {
			start = append(start, "")
		} else {
			start = append(start, guarded(row.labels[at].raw))
		}
	}
	for i, c := range s.columns {
		f := row.figures[i]
		n := f.n
		if n == nil {
			n = row.n
		}
		line := append(slices.Clip(start), c.name, csvCount(n), csvNumber(row.eff), csvFlag(row))
		for _, v := range []*float64{f.value, f.low, f.high, f.level, f.statistic, f.freedom, f.p} {
			line = append(line, csvNumber(v))
		}
		lines = append(lines, append(line, guarded(f.words)))
	}
	return lines
}

// csvFlag is a word for how much the figures of a row may be relied on.
func csvFlag(r *row) string { return Word(r.flag) }

func csvCount(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// csvNumber writes a number in full; one that cannot be written is absent.
func csvNumber(v *float64) string {
	if !finite(v) {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// texts guards texts.
func texts(all []string) []string {
	out := make([]string, len(all))
	for i, text := range all {
		out[i] = guarded(text)
	}
	return out
}

// guarded keeps spreadsheets from taking text for a formula: what begins like one gets an apostrophe before it, which they take
// for "this is text". Numbers, with a sign or without, are no formulas.
func guarded(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if text == "" || !strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
