package customers

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// MaxCustomers is how many profiles a batch may have.
const MaxCustomers = 1000

// Saved is a saved profile, or why it was refused.
type Saved struct {
	Customer *cmiv1.Customer // without what is computed
	Created  bool            // not known before
	Err      error
}

// Put saves one profile: all of it, or what the mask names. A profile that says what is saved already stays as it is.
func (c *Customers) Put(ctx context.Context, tenant string, request *cmiv1.PutCustomerRequest) (*cmiv1.PutCustomerResponse, error) {
	set, err := parseMask(request.GetUpdateMask())
	if err != nil {
		return nil, err
	}
	const path = "customer"
	news, err := c.clean(request.GetCustomer(), path)
	if err != nil {
		return nil, err
	}
	saved, err := c.save(ctx, tenant, []change{{news: news, set: set, revive: request.GetRevive(), path: path}})
	if err != nil {
		return nil, err
	}
	if saved[0].Err != nil {
		return nil, saved[0].Err
	}
	return &cmiv1.PutCustomerResponse{Customer: saved[0].Customer, Created: saved[0].Created}, nil
}

// BatchPut saves profiles and answers what became of each, in order. One that is refused never fails its neighbours. An
// error means that the store failed, or that the request is wrong as a whole.
func (c *Customers) BatchPut(ctx context.Context, tenant string, request *cmiv1.BatchPutCustomersRequest) ([]Saved, error) {
	all := request.GetCustomers()
	if n := len(all); n == 0 || n > MaxCustomers {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "customers", "%d customers; a batch has 1 to %d", n, MaxCustomers)
	}
	set, err := parseMask(request.GetUpdateMask())
	if err != nil {
		return nil, err
	}
	results, changes := make([]Saved, len(all)), make([]change, 0, len(all))
	places, first := make([]int, 0, len(all)), make(map[string]int, len(all))
	for i, asked := range all {
		path := fmt.Sprintf("customers[%d]", i)
		if before, twice := first[asked.GetCustomerId()]; twice {
			results[i].Err = fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, path+".customer_id",
				"%.140q stands in this batch already, at customers[%d]", asked.GetCustomerId(), before)
			continue
		}
		first[asked.GetCustomerId()] = i
		news, err := c.clean(asked, path)
		if err != nil {
			results[i].Err = err
			continue
		}
		changes, places = append(changes, change{news: news, set: set, revive: request.GetRevive(), path: path}), append(places, i)
	}
	saved, err := c.save(ctx, tenant, changes)
	if err != nil {
		return nil, err
	}
	for k, place := range places {
		results[place] = saved[k]
	}
	return results, nil
}

// save saves profiles of different customers.
func (c *Customers) save(ctx context.Context, tenant string, changes []change) ([]Saved, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	ids := make([]string, len(changes))
	for i := range changes {
		ids[i] = changes[i].news.GetCustomerId()
	}
	saved, now := make([]Saved, len(changes)), c.moment()
	refused, err := c.store.ChangeCustomers(ctx, tenant, ids, func(i int, have store.Profile) (*cmiv1.Customer, error) {
		next, changed, err := changes[i].next(have, now)
		if err != nil {
			return nil, err
		}
		// It may run again: the last time counts.
		saved[i] = Saved{Customer: next, Created: have.Customer == nil}
		if !changed {
			return nil, nil
		}
		return next, nil
	})
	// Even after an error some may have been saved.
	c.Nudge()
	if err != nil {
		return nil, fmt.Errorf("save customers: %w", err)
	}
	for i := range saved {
		if refused[i] != nil {
			saved[i] = Saved{Err: refused[i]}
			continue
		}
		// The store may still hold on to what it was given.
		saved[i].Customer = proto.CloneOf(saved[i].Customer)
		saved[i].Customer.Etag = etag(saved[i].Customer)
	}
	return saved, nil
}
