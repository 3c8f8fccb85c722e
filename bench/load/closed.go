package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// closed keeps every slot busy: the next call starts when the last one was answered.
func closed(ctx context.Context, c caller, o Order, next *atomic.Uint64) (Report, error) {
	var answered atomic.Int64
	faults := make([]error, o.Callers)
	start := time.Now()
	more := o.more(start)
	var callers sync.WaitGroup
	for slot := range o.Callers {
		callers.Go(func() {
			n := int64(0)
			for more(1) {
				if err := c.call(ctx, slot, next.Add(1)); err != nil {
					faults[slot] = err
					break
				}
				n++
			}
			answered.Add(n)
		})
	}
	callers.Wait()
	return Report{Responses: int(answered.Load()), Seconds: since(start)}, errors.Join(faults...)
}

// more answers what says whether some more responses are to be sent.
func (o Order) more(start time.Time) func(n int) bool {
	if o.Responses > 0 {
		var sent atomic.Int64
		return func(n int) bool { return sent.Add(int64(n)) <= int64(o.Responses) }
	}
	until := start.Add(time.Duration(o.Seconds * float64(time.Second)))
	return func(int) bool { return time.Now().Before(until) }
}
