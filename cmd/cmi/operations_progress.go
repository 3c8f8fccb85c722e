package main

import (
	"fmt"
	"io"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// operationBar shows on a terminal how far an operation is.
type operationBar struct {
	*bar
	// from and since are where the operation stood when the first answer came: the rate is that of what was seen.
	from  int64
	since time.Time
}

func newOperationBar(w io.Writer) *operationBar {
	return &operationBar{bar: newBar(w, "Scoring again", waitsForItsTurn)}
}

const waitsForItsTurn = "waiting for its turn"

// reach shows how far the operation is.
func (b *operationBar) reach(about *cmiv1.OperationMetadata) {
	if about.ResponsesTotal == nil {
		return
	}
	done, total := int64(about.GetResponsesDone()), int64(about.GetResponsesTotal())
	if b.since.IsZero() {
		b.from, b.since = done, time.Now()
	}
	from, since := b.from, b.since
	b.say(func() string { return operationPace(from, done, total, time.Since(since)) })
	b.bar.reach(done, total)
}

// operationPace says how many responses are done, how fast since the first ones that were seen, and how long the rest will take.
func operationPace(from, done, total int64, took time.Duration) string {
	text := fmt.Sprintf("%d of %s", done, plural(int(total), "response"))
	if done >= total {
		return text + ", adding up"
	}
	return text + pace(done-from, total-done, took)
}

// lost shows that the service does not answer.
func (b *operationBar) lost() {
	b.say(func() string { return "the service does not answer; trying again" })
}
