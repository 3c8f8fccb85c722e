package customers

import (
	"context"
	"errors"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Delete erases a customer with all that is recorded of them, and says how much that was. CUSTOMER_NOT_FOUND for one who is
// not known, or erased already.
func (c *Customers) Delete(ctx context.Context, tenant, customerID string) (*cmiv1.DeleteCustomerResponse, error) {
	erased, err := c.store.EraseCustomer(ctx, tenant, customerID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound(customerID)
	}
	if err != nil {
		return nil, fmt.Errorf("erase a customer: %w", err)
	}
	return &cmiv1.DeleteCustomerResponse{
		Interactions: int32(erased.Interactions), Responses: int32(erased.Responses), Outcomes: int32(erased.Outcomes),
	}, nil
}
