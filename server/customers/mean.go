package customers

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/customer-momentum/cmi/server/store"
)

// mostForPastMean is up to how many customers of a tenant the mean of a group in the past is computed, customer by customer.
const mostForPastMean = 10_000

// mean is the mean CMI of the customers of a group that have one.
type mean struct {
	n   int
	cmi float64
}

// peers names the group whose mean a customer's score leans to: the same lifecycle, or the same value of a segment. It
// answers false where the customer is not in that segment.
func peers(s *state, segment string) (store.Group, bool) {
	if segment == "" {
		return store.Group{Lifecycle: s.phase}, true
	}
	value, ok := s.facts.Profile.GetSegments()[segment]
	return store.Group{Segment: store.Segment{Key: segment, Value: value}}, ok
}

// meanNow answers the mean of a group by the saved standings; nil where nobody in it has a CMI. In a bulk load it may lag
// behind: one customer in a group weighs little, and the caller waits.
func (c *Customers) meanNow(ctx context.Context, tenant string, group store.Group) (*mean, error) {
	if _, err := c.settle(ctx, tenant, shortPatience); err != nil {
		return nil, err
	}
	n, cmi, err := c.store.MeanCMI(ctx, tenant, group)
	if err != nil {
		return nil, fmt.Errorf("read a mean: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	return &mean{n: n, cmi: cmi}, nil
}

// errTooMany ends a walk over more customers than are computed one by one.
var errTooMany = errors.New("too many customers")

// meanThen answers the mean of a group in the past, customer by customer; nil where nobody in it had a CMI, or the tenant has
// too many customers.
func (c *Customers) meanThen(ctx context.Context, by *yardsticks, tenant string, group store.Group) (*mean, error) {
	var ids []string
	err := c.everyone(ctx, tenant, "", func(page []string) error {
		if ids = append(ids, page...); len(ids) > mostForPastMean {
			return errTooMany
		}
		return nil
	})
	if errors.Is(err, errTooMany) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found tally
	for start := 0; start < len(ids); start += slice {
		all, err := c.states(ctx, by, tenant, ids[start:min(start+slice, len(ids))])
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if s != nil && s.course.Level != nil && in(group, s) {
				found.add(*s.course.Level)
			}
		}
	}
	return found.mean(), nil
}

// in tells whether a customer belongs to a group.
func in(group store.Group, s *state) bool {
	if group.Segment.Key == "" {
		return s.phase == group.Lifecycle
	}
	value, ok := s.facts.Profile.GetSegments()[group.Segment.Key]
	return ok && value == group.Segment.Value
}

// tally sums in whole billionths of a point, so that the sum does not depend on the order.
type tally struct {
	n     int
	nanos int64
}

func (t *tally) add(cmi float64) {
	t.n++
	t.nanos += int64(math.Round(cmi * 1e9))
}

func (t *tally) mean() *mean {
	if t.n == 0 {
		return nil
	}
	return &mean{n: t.n, cmi: float64(t.nanos) / 1e9 / float64(t.n)}
}

// everyone visits the ids of a tenant's customers, or of an account's, in the order in which the service came to know them,
// some at a time.
func (c *Customers) everyone(ctx context.Context, tenant, accountID string, visit func(ids []string) error) error {
	filter := store.CustomerFilter{AccountID: accountID}
	for {
		found, err := c.store.ListCustomers(ctx, tenant, filter, slice)
		if err != nil {
			return fmt.Errorf("list customers: %w", err)
		}
		if err := visit(ids(found.Customers)); err != nil {
			return err
		}
		if found.Next == nil {
			return nil
		}
		filter.After = found.Next
	}
}

func ids(listed []store.ListedCustomer) []string {
	all := make([]string, len(listed))
	for i := range listed {
		all[i] = listed[i].Profile.GetCustomerId()
	}
	return all
}
