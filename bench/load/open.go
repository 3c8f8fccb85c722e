package load

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// open starts calls at a steady rate, whether or not earlier ones were answered, and measures each from the moment at which
// it was to start: a server that stalls is charged for all who wait, not only for those whom it let in.
func open(ctx context.Context, c caller, o Order, next *atomic.Uint64) (Report, error) {
	total := int(o.Rate * o.Seconds)
	took := make([]time.Duration, total)
	faults := make([]error, total)
	due := make(chan int, total)
	start := time.Now().Add(time.Millisecond)
	when := func(i int) time.Time { return start.Add(time.Duration(float64(i) / o.Rate * float64(time.Second))) }

	var callers sync.WaitGroup
	for slot := range o.Callers {
		callers.Go(func() {
			for i := range due {
				faults[i] = c.call(ctx, slot, next.Add(1))
				took[i] = time.Since(when(i))
			}
		})
	}
	pace(total, when, due)
	callers.Wait()
	seconds := since(start)
	if err := errors.Join(faults...); err != nil {
		return Report{}, err
	}
	slices.Sort(took)
	return Report{Responses: total, Seconds: seconds, P50: quantile(took, 0.50), P99: quantile(took, 0.99)}, nil
}

// pace hands out each call at its time. It sleeps in the kernel, on a thread of its own: an idle Go scheduler wakes up at whole
// milliseconds, which would be longer than the calls.
func pace(total int, when func(int) time.Time, due chan<- int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(due)
	for i := range total {
		if wait := time.Until(when(i)); wait > 0 {
			nap(wait)
		}
		due <- i
	}
}

func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Seconds()
}
