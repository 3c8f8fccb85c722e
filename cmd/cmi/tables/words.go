package tables

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mostListed is how many names a sentence lists.
const mostListed = 10

// some lists names, the first few of many.
func some(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) > mostListed {
		return strings.Join(names[:mostListed], ", ") + fmt.Sprintf(" and %d more", len(names)-mostListed)
	}
	return strings.Join(names, ", ")
}

// listed counts names and lists them.
func listed(what string, names []string) string {
	if len(names) != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s (%s)", len(names), what, some(names))
}

// mostQuoted is how many bytes of a cell a sentence repeats.
const mostQuoted = 40

// quoted repeats a cell, cut where it is long.
func quoted(cell string) string {
	if len(cell) <= mostQuoted {
		return strconv.Quote(cell)
	}
	cut := mostQuoted
	for cut > 0 && !utf8.RuneStart(cell[cut]) {
		cut--
	}
	return strconv.Quote(cell[:cut]) + "..."
}
