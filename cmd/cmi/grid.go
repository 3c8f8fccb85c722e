package main

import (
	"strings"
	"unicode/utf8"
)

// grid lays rows of numbers and names out in columns. It may take them piece by piece, as a long list comes: its columns get
// wider where they must, and never narrower.
type grid struct {
	// figures tells the columns that are aligned to the right.
	figures []bool
	widths  []int
}

// newGrid makes a grid; of each column it says whether it holds figures, by an r, or names, by an l.
func newGrid(columns string) *grid {
	g := &grid{widths: make([]int, len(columns))}
	for _, column := range columns {
		g.figures = append(g.figures, column == 'r')
	}
	return g
}

// lay lays rows out.
func (g *grid) lay(rows ...[]string) string {
	for _, row := range rows {
		for i, cell := range row {
			g.widths[i] = max(g.widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			space := strings.Repeat(" ", g.widths[i]-utf8.RuneCountInString(cell))
			if g.figures[i] {
				cell = space + cell
			} else {
				cell += space
			}
			line += cell + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
