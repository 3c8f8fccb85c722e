package customers

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// mostLooks is at how many customers a page looks, at most, for those that match.
	mostLooks = 2000
	// mostReads is how often it asks the store for more of them, at most.
	mostReads = 4
)

// List answers a page of customers. Now, they are found by their saved standings and answered as they are; at a time in the
// past all are computed for that time.
func (c *Customers) List(ctx context.Context, tenant string, request *cmiv1.ListCustomersRequest) (*cmiv1.ListCustomersResponse, error) {
	want, err := customerMask(request.GetReadMask())
	if err != nil {
		return nil, err
	}
	l, err := c.listing(tenant, request)
	if err != nil {
		return nil, err
	}
	answer := &cmiv1.ListCustomersResponse{}
	if !l.past {
		pending, err := c.Settle(ctx, tenant)
		if err != nil {
			return nil, err
		}
		answer.Pending = int32(pending)
		// As they are after that, or those who changed meanwhile would be found as one thing and computed as another.
		l.by = c.yardsticks(c.moment())
	}
	found, next, err := l.find(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		customer := s.customer()
		want.prune(customer.ProtoReflect())
		answer.Customers = append(answer.Customers, customer)
	}
	if next != nil {
		if answer.NextPageToken, err = page.Next(request, next); err != nil {
			return nil, fmt.Errorf("make page token: %w", err)
		}
	}
	return answer, nil
}

func customerMask(asked *fieldmaskpb.FieldMask) (fields, error) {
	return parseReadMask(asked, (&cmiv1.Customer{}).ProtoReflect().Descriptor())
}

// listing is one page under way.
type listing struct {
	of     *Customers
	tenant string
	by     *yardsticks
	past   bool
	size   int
	// filter is what the store looks for; match is what each customer that it finds must be, when computed.
	filter store.CustomerFilter
	match  match
}

func (c *Customers) listing(tenant string, request *cmiv1.ListCustomersRequest) (*listing, error) {
	at, err := c.asOf(request.GetAsOf())
	if err != nil {
		return nil, err
	}
	l := &listing{of: c, tenant: tenant, by: c.yardsticks(at), past: request.GetAsOf() != nil, size: page.Size(request)}
	l.filter = wanted(request)
	l.match = match{filter: l.filter, leastWeight: request.MinKeyWeight}
	if l.past {
		// Saved standings say nothing of the past; who is in which account and segment has no history.
		l.match.before = &at
		l.filter = store.CustomerFilter{
			AccountID: l.filter.AccountID, Segments: l.filter.Segments, Order: l.filter.Order, Descending: l.filter.Descending,
		}
	}
	var after store.CustomerCursor
	resumed, err := page.Resume(request, &after)
	if resumed {
		l.filter.After = &after
	}
	return l, err
}

// find answers the customers of the page, and where the next page starts, nil where there is none.
func (l *listing) find(ctx context.Context) ([]*state, *store.CustomerCursor, error) {
	if l.past && l.filter.Order != store.ByCreation {
		return l.ranked(ctx)
	}
	return l.page(ctx)
}

// page looks at customers in the store's order until the page is full, there are no more, or it looked at enough of them.
func (l *listing) page(ctx context.Context) (found []*state, next *store.CustomerCursor, err error) {
	filter, looks := l.filter, 0
	for range mostReads {
		listed, err := l.of.store.ListCustomers(ctx, l.tenant, filter, l.batch(len(found)))
		if err != nil {
			return nil, nil, fmt.Errorf("list customers: %w", err)
		}
		computed, err := l.of.states(ctx, l.by, l.tenant, ids(listed.Customers))
		if err != nil {
			return nil, nil, err
		}
		for i, s := range computed {
			if s == nil || !l.match.fits(s) {
				continue
			}
			if found = append(found, s); len(found) == l.size && i < len(computed)-1 {
				return found, &listed.Customers[i].Cursor, nil
			}
		}
		looks += len(computed)
		filter.After = listed.Next
		if filter.After == nil || len(found) == l.size || looks >= mostLooks {
			break
		}
	}
	return found, filter.After, nil
}

// batch is how many customers to read next, when so many are found: as many as are missing, and more where few of them may
// match.
func (l *listing) batch(found int) int {
	missing := l.size - found
	if l.past || l.match.leastWeight != nil {
		return max(missing, slice)
	}
	return missing
}
