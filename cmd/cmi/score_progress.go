package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
)

// scoreBar shows on a terminal how far the scoring of a table is. Where it has no bar it shows nothing.
type scoreBar struct {
	pool  *mpb.Progress
	bar   *mpb.Bar
	said  atomic.Pointer[string]
	since time.Time
}

// newScoreBar shows a bar if w is a terminal.
func newScoreBar(w io.Writer) *scoreBar {
	if file, ok := w.(*os.File); !ok || !isatty.IsTerminal(file.Fd()) {
		return &scoreBar{}
	}
	const width = 40
	return drawScoreBar(w, width)
}

func drawScoreBar(w io.Writer, width int) *scoreBar {
	b := &scoreBar{pool: mpb.New(mpb.WithOutput(w), mpb.WithWidth(width), mpb.WithAutoRefresh()), since: time.Now()}
	nothing := ""
	b.said.Store(&nothing)
	b.bar = b.pool.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("Scoring ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + *b.said.Load() })),
	)
	return b
}

// reach shows how far it is.
func (b *scoreBar) reach(p tables.Progress) {
	if b.bar == nil {
		return
	}
	text := scorePace(p, time.Since(b.since))
	b.said.Store(&text)
	if p.Total > 0 {
		b.bar.SetTotal(p.Total, false)
		b.bar.SetCurrent(min(p.Done, p.Total))
	}
}

// scorePace says how many rows are done, how fast, and how long the rest will take.
func scorePace(p tables.Progress, took time.Duration) string {
	text := plural(int(p.Rows), "row")
	if took <= 0 {
		return text
	}
	text += fmt.Sprintf(", %.0f a second", float64(p.Rows)/took.Seconds())
	if p.Total <= 0 || p.Done <= 0 || p.Done > p.Total {
		return text
	}
	left := time.Duration(float64(took) * float64(p.Total-p.Done) / float64(p.Done)).Round(time.Second)
	return text + fmt.Sprintf(", %s left", left)
}

// end takes the bar away.
func (b *scoreBar) end() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.pool.Wait()
	}
}
