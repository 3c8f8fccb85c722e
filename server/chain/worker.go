package chain

import (
	"context"
	"math"
	"time"
)

// worker runs one operation of a stream, one message at a time, in a goroutine that starts with the first message. Whoever
// hands it a message may stop waiting for the outcome. It is used by one goroutine at a time, as gRPC asks of RecvMsg and
// SendMsg.
type worker struct {
	run  func(any) error
	todo chan any
	// done holds one outcome, so that the worker never waits for somebody who stopped waiting for it.
	done chan error
	over <-chan struct{}
	// timer runs while somebody waits.
	timer *time.Timer
	// ended, once set, is the answer to everything.
	ended error
}

func newWorker(run func(any) error, over <-chan struct{}) *worker {
	return &worker{run: run, over: over}
}

// hand gives the worker a message. The outcome comes on done, or else the timer fires after limit; 0 is no limit.
func (w *worker) hand(m any, limit time.Duration) error {
	if w.ended != nil {
		return w.ended
	}
	if limit <= 0 {
		limit = math.MaxInt64
	}
	if w.timer == nil {
		w.todo, w.done = make(chan any), make(chan error, 1)
		w.timer = time.NewTimer(limit)
		go w.work()
	} else {
		w.timer.Reset(limit)
	}
	select {
	case w.todo <- m:
		return nil
	case <-w.over:
		// The handler has returned, and something that it left behind still uses the stream.
		return context.Canceled
	}
}

// end stops waiting for good, unless the outcome came at the last moment: a message that came in is not lost.
func (w *worker) end(because error) error {
	select {
	case err := <-w.done:
		return err
	default:
		w.timer.Stop()
		w.ended = because
		return because
	}
}

func (w *worker) work() {
	for {
		select {
		case m := <-w.todo:
			w.done <- w.safely(m)
		case <-w.over:
			return
		}
	}
}

// safely keeps a panic (of a codec, say) from ending the process: this goroutine is not under the recovery link.
func (w *worker) safely(m any) (err error) {
	defer rescue(&err)
	return w.run(m)
}
