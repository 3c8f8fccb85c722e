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

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// operationBar shows on a terminal how far an operation is. Where it has no bar it shows nothing.
type operationBar struct {
	pool *mpb.Progress
	bar  *mpb.Bar
	// said is what stands beside the bar. It changes with each answer, not with each drawing.
	said atomic.Pointer[string]
	// from and since are where the operation stood when the first answer came: the rate is that of what was seen.
	from  int32
	since time.Time
}

// newOperationBar shows a bar if w is a terminal.
func newOperationBar(w io.Writer) *operationBar {
	if file, ok := w.(*os.File); !ok || !isatty.IsTerminal(file.Fd()) {
		return &operationBar{}
	}
	const width = 40
	return drawOperationBar(w, width)
}

func drawOperationBar(w io.Writer, width int) *operationBar {
	b := &operationBar{pool: mpb.New(mpb.WithOutput(w), mpb.WithWidth(width), mpb.WithAutoRefresh())}
	b.say("waiting for its turn")
	b.bar = b.pool.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("Scoring again ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + *b.said.Load() })),
	)
	return b
}

func (b *operationBar) say(text string) { b.said.Store(&text) }

// reach shows how far the operation is.
func (b *operationBar) reach(about *cmiv1.OperationMetadata) {
	if b.bar == nil || about.ResponsesTotal == nil {
		return
	}
	done, total := about.GetResponsesDone(), about.GetResponsesTotal()
	if b.since.IsZero() {
		b.from, b.since = done, time.Now()
	}
	b.bar.SetTotal(int64(total), false)
	b.bar.SetCurrent(int64(done))
	b.say(fmt.Sprintf("%d of %s", done, plural(int(total), "response")) + pace(done-b.from, total-done, time.Since(b.since)))
}

// pace says how fast so many were done in a time, and how long those that are left will take.
func pace(done, left int32, took time.Duration) string {
	if left <= 0 {
		return ", comparing"
	}
	if done <= 0 || took <= 0 {
		return ""
	}
	rate := float64(done) / took.Seconds()
	remaining := time.Duration(float64(left) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf(", %.0f a second, %s left", rate, remaining)
}

// lost shows that the service does not answer.
func (b *operationBar) lost() {
	if b.bar != nil {
		b.say("the service does not answer; trying again")
	}
}

// end takes the bar away.
func (b *operationBar) end() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.pool.Wait()
	}
}
