package customers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// slice is how many customers are computed at a time.
	slice = 256
	// tick is how often the keeper looks for what became due by the passing of time.
	tick = time.Second
	// rest is how many times as long as it worked the keeper rests while more and more is written: what is recorded in bulk goes
	// first, and each standing is computed once and not again for every response. Whoever asks for a list does not wait for that.
	rest = 3
	// firstPause and longestPause are how long it waits after the store failed, longer each time.
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// derivation is the version of how standings follow from facts. Whoever changes that raises it.
const derivation = 1

// UseRules says by which rules standings are computed. It is called once when the service starts, before Keep and before
// anything is listed; where the rules are others than before, all standings are computed anew.
func (c *Customers) UseRules(ctx context.Context) error {
	rules := fmt.Sprintf("standings %d; new %v days, inactive %v days or %v gaps",
		derivation, c.rules.NewDays, c.rules.InactiveDays, c.rules.InactiveGaps)
	if err := c.store.UseRules(ctx, rules); err != nil {
		return fmt.Errorf("say by which rules standings are computed: %w", err)
	}
	return nil
}

// Nudge tells the keeper that something was written. It never waits.
func (c *Customers) Nudge() {
	select {
	case c.nudges <- struct{}{}:
	default: // it has been told already
	}
}

// nudged tells whether something was written since it was asked before.
func (c *Customers) nudged() bool {
	select {
	case <-c.nudges:
		return true
	default:
		return false
	}
}

// Keep computes the standings that are due until ctx ends. It survives whatever the store does.
func (c *Customers) Keep(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		saved, err := c.keepGuarded(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.log.WarnContext(ctx, "standings are not kept up to date; trying again", "error", err, "pause", pause)
			c.wait(ctx, pause, nil)
			pause = min(2*pause, longestPause)
			continue
		case saved == 0:
			c.wait(ctx, tick, c.nudges)
		case c.nudged():
			c.wait(ctx, min(rest*time.Since(began), tick), nil)
		}
		pause = firstPause
	}
}

// keepGuarded is keepSlice for a goroutine that nothing else guards: a panic in it would end the process.
func (c *Customers) keepGuarded(ctx context.Context) (saved int, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return c.keepSlice(ctx)
}

// wait waits for a while, for a nudge or for the end.
func (c *Customers) wait(ctx context.Context, while time.Duration, nudges <-chan struct{}) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-nudges:
	case <-timer.C:
	}
}

// keepSlice computes and saves some of the standings that are due, and answers how many. Only one does so at a time: two
// would compute the same ones.
func (c *Customers) keepSlice(ctx context.Context) (int, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	defer func() { <-c.turn }()

	now := c.moment()
	due, err := c.store.Due(ctx, now.UnixMicro(), slice)
	if err != nil {
		return 0, fmt.Errorf("read which standings are due: %w", err)
	}
	standings, err := c.standings(ctx, now, due)
	if err != nil || len(standings) == 0 {
		return 0, err
	}
	if err := c.store.SaveStandings(ctx, standings); err != nil {
		return 0, fmt.Errorf("save standings: %w", err)
	}
	return len(standings), nil
}

// standings computes those that are due, the customers of one tenant at a time.
func (c *Customers) standings(ctx context.Context, at time.Time, due []store.Due) ([]store.Standing, error) {
	tenants, ids := []string(nil), make(map[string][]string)
	for _, d := range due {
		if ids[d.Tenant] == nil {
			tenants = append(tenants, d.Tenant)
		}
		ids[d.Tenant] = append(ids[d.Tenant], d.CustomerID)
	}
	standings := make([]store.Standing, 0, len(due))
	for _, tenant := range tenants {
		all, err := c.store.Facts(ctx, tenant, ids[tenant], at)
		if err != nil {
			return nil, fmt.Errorf("read what is known of customers: %w", err)
		}
		by := c.freshYardsticks(at) // after the facts
		for i, facts := range all {
			if facts == nil { // erased since
				continue
			}
			standing, err := c.standingOf(ctx, by, store.Due{Tenant: tenant, CustomerID: ids[tenant][i]}, facts)
			if err != nil {
				return nil, err
			}
			standings = append(standings, standing)
		}
	}
	return standings, nil
}

// retryUnreadable is when a customer is computed again whose scores could not be read.
const retryUnreadable = time.Hour

// standingOf computes one standing. A customer with a score whose questionnaire cannot be read must not keep all others from
// being computed: they are kept without a standing in scores, said so in the log, and tried again.
func (c *Customers) standingOf(ctx context.Context, by *yardsticks, due store.Due, facts *store.Facts) (store.Standing, error) {
	s, err := c.state(ctx, by, due.Tenant, facts)
	if _, refused := errors.AsType[*fault.Error](err); refused {
		c.log.ErrorContext(ctx, "the scores of a customer cannot be read", "tenant", due.Tenant, "error", err)
		s = c.unscored(by.at, facts)
		saved := s.saved(due)
		saved.Direction = cmiv1.Direction_DIRECTION_INSUFFICIENT
		saved.Until = min(saved.Until, by.at.Add(retryUnreadable).UnixMicro())
		return saved, nil
	}
	if err != nil {
		return store.Standing{}, err
	}
	return s.saved(due), nil
}
