package storetest

import (
	"cmp"
	"context"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// looks is at how many customers the model looks for one page: so few that pages end early, as they may.
func looks(limit int) int { return max(4, limit/2) }

func (m *model) ListCustomers(ctx context.Context, tenant string, f store.CustomerFilter, limit int) (store.CustomerPage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return store.CustomerPage{}, err
	}
	type place struct {
		id string
		*modelCustomer
		at store.CustomerCursor
	}
	var behind []place
	for id, c := range m.tenant(tenant).customers {
		value, ok := figure(c.standing, f.Order)
		at := store.CustomerCursor{Value: value, Key: c.shown}
		if ok && (f.After == nil || along(f, at, *f.After) > 0) {
			behind = append(behind, place{id, c, at})
		}
	}
	slices.SortFunc(behind, func(a, b place) int { return along(f, a.at, b.at) })

	var page store.CustomerPage
	for i, c := range behind {
		if len(page.Customers) >= limit || i == looks(limit) {
			if i > 0 {
				page.Next = &behind[i-1].at
			}
			break
		}
		if stands(c.profile, c.standing, f) {
			page.Customers = append(page.Customers, c.listed(tenant, c.id, c.at))
		}
	}
	return page, nil
}

// listed is a customer as lists show them.
func (c *modelCustomer) listed(tenant, id string, at store.CustomerCursor) store.ListedCustomer {
	s := c.standing
	s.Tenant, s.CustomerID = tenant, id
	s.CMI, s.Velocity, s.PValue = duplicate(s.CMI), duplicate(s.Velocity), duplicate(s.PValue)
	return store.ListedCustomer{Profile: copied(c.profile), Standing: s, Cursor: at}
}

// figure is what a list goes by; false where it does not list the customer.
func figure(s store.Standing, order store.CustomerOrder) (float64, bool) {
	var x *float64
	switch order {
	case store.ByCMI:
		x = s.CMI
	case store.ByVelocity:
		x = s.Velocity
	default:
		return 0, true
	}
	if x == nil {
		return 0, false
	}
	return *x, true
}

// along compares places in the order of lists: falling is rising read backwards, ties included.
func along(f store.CustomerFilter, a, b store.CustomerCursor) int {
	if f.Descending {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Key, b.Key))
}

// stands is the rule of filters, said once more and plainly.
func stands(c *cmiv1.Customer, s store.Standing, f store.CustomerFilter) bool {
	return (f.Bucket == 0 || s.Bucket == f.Bucket) &&
		(f.StableBucket == 0 || s.StableBucket == f.StableBucket) &&
		(f.Direction == 0 || s.Direction == f.Direction) &&
		(f.Lifecycle == 0 || s.Lifecycle == f.Lifecycle) &&
		(f.AccountID == "" || c.GetAccountId() == f.AccountID) &&
		inSegments(c, f.Segments) &&
		(f.MaxPValue == nil || s.PValue != nil && *s.PValue <= *f.MaxPValue)
}

func inSegments(c *cmiv1.Customer, segments []store.Segment) bool {
	for _, s := range segments {
		if value, ok := c.GetSegments()[s.Key]; !ok || value != s.Value {
			return false
		}
	}
	return true
}
