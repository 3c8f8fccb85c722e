package customers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/store"
)

// life is what the lifecycle goes by, up to a time. FirstSeen is since when the customer is known: the profile's first_seen_at
// where that is not in the future, else the earliest interaction or response; nil: it is not known.
type life struct {
	lifecycle.Facts
	at int64
	// ahead is the profile's first_seen_at where that is in the future, since FirstSeen changes when it comes; else
	// math.MaxInt64.
	ahead int64
}

// lived reads a profile, and contacts in order: those up to at, in microseconds since 1970.
func lived(profile *cmiv1.Customer, contacts []int64, at int64) life {
	l := life{at: at, ahead: math.MaxInt64}
	l.Contacts, l.Override = contacts, profile.GetLifecycleOverride()
	if closed := profile.GetClosedAt(); closed != nil {
		l.ClosedAt = new(closed.AsTime().UnixMicro())
	}
	if seen := profile.GetFirstSeenAt(); seen != nil {
		if since := seen.AsTime().UnixMicro(); since <= at {
			l.FirstSeen = &since
		} else {
			l.ahead = since
		}
	}
	if l.FirstSeen == nil && len(l.Contacts) > 0 {
		l.FirstSeen = new(l.Contacts[0])
	}
	return l
}

// contacts merges the times of interactions and responses.
func contacts(facts *store.Facts) []int64 {
	all := make([]int64, 0, len(facts.Interactions)+len(facts.Points))
	all = append(all, facts.Interactions...)
	for i := range facts.Points {
		all = append(all, facts.Points[i].At)
	}
	slices.Sort(all)
	return all
}

// phase answers the lifecycle, and until when it holds if nothing new becomes known.
func (l *life) phase(by lifecycle.Rules) (cmiv1.Lifecycle, int64) {
	phase, until := by.Of(l.Facts, l.at)
	return phase, min(until, l.ahead)
}

// facts answers what is known of one customer up to a time, nil for one who is not known.
func (c *Customers) facts(ctx context.Context, tenant, customerID string, at time.Time) (*store.Facts, error) {
	all, err := c.store.Facts(ctx, tenant, []string{customerID}, at)
	if err != nil {
		return nil, fmt.Errorf("read what is known of a customer: %w", err)
	}
	return all[0], nil
}
