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
)

// bar shows on a terminal how far something is, with words before and after it. Its zero value shows nothing.
type bar struct {
	pool *mpb.Progress
	line *mpb.Bar
	// doing and said make the words, each time the bar is drawn.
	doing, said atomic.Pointer[func() string]
}

// newBar shows a bar if w is a terminal.
func newBar(w io.Writer, doing, said string) *bar {
	if file, ok := w.(*os.File); !ok || !isatty.IsTerminal(file.Fd()) {
		return &bar{}
	}
	const width = 40
	return drawBar(w, width, doing, said)
}

func drawBar(w io.Writer, width int, doing, said string) *bar {
	b := &bar{pool: mpb.New(mpb.WithOutput(w), mpb.WithWidth(width), mpb.WithAutoRefresh())}
	b.do(doing)
	b.say(func() string { return said })
	b.line = b.pool.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return (*b.doing.Load())() + " " })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + (*b.said.Load())() })),
	)
	return b
}

func (b *bar) shows() bool { return b.line != nil }

func (b *bar) do(doing string) {
	words := func() string { return doing }
	b.doing.Store(&words)
}

func (b *bar) say(words func() string) { b.said.Store(&words) }

// reach draws the bar where it is. A total that is not known is 0.
func (b *bar) reach(done, total int64) {
	if b.shows() && total > 0 {
		b.line.SetTotal(total, false)
		b.line.SetCurrent(min(done, total))
	}
}

// end takes the bar away.
func (b *bar) end() {
	if b.shows() {
		b.line.Abort(true)
		b.pool.Wait()
	}
}

// pace says how fast so many were done in a time, and how long those that are left will take.
func pace(done, left int64, took time.Duration) string {
	if done <= 0 || took <= 0 {
		return ""
	}
	rate := float64(done) / took.Seconds()
	remaining := time.Duration(float64(left) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf(", %.0f a second, %s left", rate, remaining)
}
