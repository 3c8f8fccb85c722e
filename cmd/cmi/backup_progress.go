package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// copyBar shows on a terminal how far a copy is. Its zero value shows nothing.
type copyBar struct {
	pool *mpb.Progress
	bar  *mpb.Bar
}

// newCopyBar shows a bar if w is a terminal.
func newCopyBar(w io.Writer, what string) copyBar {
	if file, ok := w.(*os.File); !ok || !isatty.IsTerminal(file.Fd()) {
		return copyBar{}
	}
	return drawCopyBar(w, what)
}

func drawCopyBar(w io.Writer, what string) copyBar {
	pool := mpb.New(mpb.WithOutput(w), mpb.WithWidth(50), mpb.WithAutoRefresh())
	// The total is not known yet. What comes after the last byte, syncing and checking, has no measure.
	doing := func(s decor.Statistics) string {
		if s.Total > 0 && s.Current >= s.Total {
			return "Finishing "
		}
		return what + " "
	}
	return copyBar{pool, pool.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(doing)),
		mpb.AppendDecorators(decor.Counters(decor.SizeB1000(0), " % .1f of % .1f")),
	)}
}

// tell answers who tells the bar how far the copy is; nil where nothing is shown.
func (b copyBar) tell() func(done, total int64) {
	if b.bar == nil {
		return nil
	}
	return func(done, total int64) {
		b.bar.SetTotal(total, false)
		b.bar.SetCurrent(done)
	}
}

// end takes the bar away.
func (b copyBar) end() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.pool.Wait()
	}
}
