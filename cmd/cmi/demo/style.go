package demo

import (
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// style is how text is set off: in colours on a terminal, plain anywhere else.
type style struct{ colours bool }

// styleFor picks the style for where the text goes; NO_COLOR (no-color.org) and TERM=dumb ask for the plain one.
func styleFor(w io.Writer) style {
	return style{isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

func (s style) set(code, text string) string {
	if !s.colours || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) heading(text string) string { return s.set("1", text) }
func (s style) faint(text string) string   { return s.set("2", text) }
func (s style) good(text string) string    { return s.set("32", text) }
func (s style) middling(text string) string {
	return s.set("33", text)
}
func (s style) bad(text string) string { return s.set("31", text) }

// barWidth is how long the bar of everything is.
const barWidth = 40

// bar draws a share of 0..1.
func (s style) bar(share float64) string {
	cells := int(share*barWidth + 0.5)
	if cells == 0 && share > 0 {
		cells = 1
	}
	block := "#"
	if s.colours {
		block = "█"
	}
	return strings.Repeat(block, cells)
}
