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
	known := lived(facts, at.UnixMicro())
	phase, _ := known.phase(c.rules)
	return phase, nil
}
