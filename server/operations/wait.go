package operations

import (
	"context"
	"time"
)

const (
	// firstLook and lastLook are how long it takes at first, and at most, to see that an operation has ended.
	firstLook, lastLook = 50 * time.Millisecond, time.Second
	// answerTime is kept back of a call's time, to answer within it.
	answerTime = 500 * time.Millisecond
)

// Wait answers an operation once it has ended, or as it is when the time is over, or nearly that of ctx. A timeout of 0 waits
// as long as ctx lets it.
func (o *Operations) Wait(ctx context.Context, tenant, id string, timeout time.Duration) (*Operation, error) {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline) - answerTime
		if timeout == 0 || timeout > left {
			timeout = max(left, 0)
		}
		if timeout == 0 {
			return o.Get(ctx, tenant, id)
		}
	}
	var over <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		over = timer.C
	}
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		view, err := o.Get(ctx, tenant, id)
		if err != nil || view.Ended {
			return view, err
		}
		look := time.NewTimer(pause)
		select {
		case <-look.C:
		case <-over:
			look.Stop()
			return o.Get(ctx, tenant, id)
		case <-ctx.Done():
			look.Stop()
			return nil, ctx.Err()
		}
	}
}
