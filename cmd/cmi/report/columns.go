package report

import (
	"strings"
	"unicode/utf8"
)

// aligned lays cells out in columns, the first few to the left and those with figures to the right.
func aligned(lines [][]string, left int) []string {
	widths := make(map[int]int)
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	all := make([]string, len(lines))
	for i, cells := range lines {
		var b strings.Builder
		for j, cell := range cells {
			space := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if j < left {
				b.WriteString(cell + space + "  ")
			} else {
				b.WriteString(space + cell + "  ")
			}
		}
		all[i] = strings.TrimRight(b.String(), " ")
	}
	return all
}

// Wrap breaks text between words into lines of at most width characters, but for words longer than that.
func Wrap(text string, width int) []string {
	var all []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			all = append(all, line)
			line = word
		}
	}
	return append(all, line)
}
