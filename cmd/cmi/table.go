package main

import (
	"strings"
	"unicode/utf8"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
)

// lineWidth is how wide output for people may be.
const lineWidth = 100

// table lays rows out in columns under a heading. The last column holds sentences, which are wrapped within lineWidth.
func table(heading []string, rows [][]string) string {
	all := append([][]string{heading}, rows...)
	last := len(heading) - 1
	widths := make([]int, last)
	for _, row := range all {
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	indent := 0
	for _, w := range widths {
		indent += w + 2
	}
	var b strings.Builder
	for _, row := range all {
		for i, w := range widths {
			b.WriteString(row[i] + strings.Repeat(" ", w+2-utf8.RuneCountInString(row[i])))
		}
		for i, line := range report.Wrap(row[last], max(40, lineWidth-indent)) {
			if i > 0 {
				b.WriteString(strings.Repeat(" ", indent))
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
