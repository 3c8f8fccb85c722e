package customers

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Lifecycle answers whether a customer is new, active or inactive at a time. One who is not known is new.
func (c *Customers) Lifecycle(ctx context.Context, tenant, customerID string, at time.Time) (cmiv1.Lifecycle, error) {
	facts, err := c.facts(ctx, tenant, customerID, at)
	if err != nil || facts == nil {
		return cmiv1.Lifecycle_LIFECYCLE_NEW, err
	}
	known := lived(facts.Profile, contacts(facts), at.UnixMicro())
	phase, _ := known.phase(c.rules)
	return phase, nil
}

// Phase answers the lifecycle of a customer at a time, and the key weight where it is known since when they are one, from a
// profile, the times of all contacts and of those that were interactions, up to then and in order, in microseconds since 1970.
func (c *Customers) Phase(profile *cmiv1.Customer, contacts, interactions []int64, at time.Time) (cmiv1.Lifecycle, *float64) {
	known := lived(profile, contacts, at.UnixMicro())
	phase, _ := known.phase(c.rules)
	if known.FirstSeen == nil {
		return phase, nil
	}
	return phase, new(c.constants.Of(*known.FirstSeen, at.UnixMicro(), interactions).Weight)
}
