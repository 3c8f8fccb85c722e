package customers

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// patience is how long a list waits for standings that are due, and shortPatience how long a call about one customer does
	// for the mean of their group.
	patience      = time.Second
	shortPatience = 100 * time.Millisecond
	// mostPending is up to how many of them are counted.
	mostPending = 100_000
)

// Settle helps to compute the standings that are due until none of the tenant's is, or it took too long, and answers how many
// still are.
func (c *Customers) Settle(ctx context.Context, tenant string) (int, error) {
	return c.settle(ctx, tenant, patience)
}

func (c *Customers) settle(ctx context.Context, tenant string, most time.Duration) (int, error) {
	within, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		pending, err := c.store.Pending(within, tenant, c.moment().UnixMicro(), 1)
		if err == nil && pending == 0 {
			return 0, nil
		}
		if err == nil {
			_, err = c.keepSlice(within)
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		// A store may give up a little before the time is over, to say so while there is time.
		if within.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("settle standings: %w", err)
		}
	}
	pending, err := c.store.Pending(ctx, tenant, c.moment().UnixMicro(), mostPending)
	if err != nil {
		return 0, fmt.Errorf("count standings that are due: %w", err)
	}
	return pending, nil
}
