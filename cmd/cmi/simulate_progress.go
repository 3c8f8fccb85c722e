package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// between is how much time passes at least from one showing of progress to the next.
const between = 200 * time.Millisecond

// progress shows on one line of a terminal how far something is. Shown nowhere else: there it writes nothing.
type progress struct {
	to    io.Writer // nil: nowhere
	now   func() time.Time
	total int // customers

	what           string
	started, shown time.Time
}

// newProgress shows progress if w is a terminal.
func newProgress(w io.Writer, total int) *progress {
	p := &progress{now: time.Now, total: total}
	if file, ok := w.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		p.to = w
	}
	return p
}

// begin starts to show something else.
func (p *progress) begin(what string) {
	p.what, p.started, p.shown = what, p.now(), p.now()
}

// reach says that so many customers are done.
func (p *progress) reach(done int) {
	now := p.now()
	if p.to == nil || now.Sub(p.shown) < between {
		return
	}
	p.shown = now
	rate := float64(done) / now.Sub(p.started).Seconds()
	left := time.Duration(0)
	if rate > 0 {
		left = time.Duration(float64(p.total-done) / rate * float64(time.Second)).Round(time.Second)
	}
	fmt.Fprintf(p.to, "\r%s: %d of %s, %.0f a second, %s left\x1b[K", p.what, done, plural(p.total, "customer"), rate, left)
}

// end takes the line away.
func (p *progress) end() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
