package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// customers reads a list page by page to its end.
func customers(t *testing.T, s store.Store, tenant string, f store.CustomerFilter, limit int) []store.ListedCustomer {
	t.Helper()
	all, err := walk(t.Context(), s, tenant, f, limit)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// walk follows a list to its end. A page may hold fewer than were asked for, or none, and still have a next one.
func walk(ctx context.Context, s store.Store, tenant string, f store.CustomerFilter, limit int) ([]store.ListedCustomer, error) {
	var all []store.ListedCustomer
	for pages := 0; ; pages++ {
		page, err := s.ListCustomers(ctx, tenant, f, limit)
		switch {
		case err != nil:
			return nil, fmt.Errorf("ListCustomers: %w", err)
		case len(page.Customers) > limit:
			return nil, fmt.Errorf("a page of %d is longer than the limit of %d", len(page.Customers), limit)
		case pages > 100_000:
			return nil, fmt.Errorf("%+v: the pages do not end", f)
		}
		all = append(all, page.Customers...)
		if page.Next == nil {
			return all, nil
		}
		if f.After != nil && along(f, *page.Next, *f.After) <= 0 {
			return nil, fmt.Errorf("the next page starts at %v, not behind %v", *page.Next, *f.After)
		}
		f.After = page.Next
	}
}

// who are the customers of a list, in its order.
func who(list []store.ListedCustomer) []string {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.Profile.GetCustomerId())
	}
	return ids
}
