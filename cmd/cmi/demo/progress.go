package demo

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bar shows how far the stream is. Its zero value shows nothing.
type bar struct {
	pool *mpb.Progress
	bar  *mpb.Bar
}

// newBar starts a bar on a terminal.
func newBar(to io.Writer, total int) bar {
	pool := mpb.New(mpb.WithOutput(to), mpb.WithWidth(50), mpb.WithAutoRefresh())
	return bar{pool, pool.AddBar(int64(total),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("Scoring ")),
		mpb.AppendDecorators(decor.CountersNoUnit(" %d of %d responses")),
	)}
}

// add tells that n more were answered.
func (b bar) add(n int) {
	if b.bar != nil {
		b.bar.IncrBy(n)
	}
}

// end takes the bar away, done or not.
func (b bar) end() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.pool.Wait()
	}
}
