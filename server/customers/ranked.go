package customers

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

// place is a customer and where they stand in a ranking.
type place struct {
	state *state
	at    store.CustomerCursor
}

// ranked computes all customers for a time in the past and answers those of one page of their ranking, and where the next
// page starts. It holds one page at a time, whatever the number of customers.
func (l *listing) ranked(ctx context.Context) ([]*state, *store.CustomerCursor, error) {
	all := store.CustomerFilter{AccountID: l.filter.AccountID, Segments: l.filter.Segments}
	var best []place // in order, at most one more than the page has
	for {
		listed, err := l.of.store.ListCustomers(ctx, l.tenant, all, slice)
		if err != nil {
			return nil, nil, fmt.Errorf("list customers: %w", err)
		}
		computed, err := l.of.states(ctx, l.by, l.tenant, ids(listed.Customers))
		if err != nil {
			return nil, nil, err
		}
		for i, s := range computed {
			if s != nil && l.match.fits(s) {
				best = l.take(best, s, listed.Customers[i].Cursor.Key)
			}
		}
		if all.After = listed.Next; all.After == nil {
			break
		}
	}
	var next *store.CustomerCursor
	if len(best) > l.size {
		best = best[:l.size]
		next = &best[l.size-1].at
	}
	found := make([]*state, len(best))
	for i := range best {
		found[i] = best[i].state
	}
	return found, next, nil
}

// take puts a customer in their place, if that is on the page or the first behind it.
func (l *listing) take(best []place, s *state, key int64) []place {
	value, _ := l.match.figure(s)
	p := place{s, store.CustomerCursor{Value: value, Key: key}}
	if after := l.filter.After; after != nil && l.compare(p.at, *after) <= 0 {
		return best
	}
	i, _ := slices.BinarySearchFunc(best, p, func(a, b place) int { return l.compare(a.at, b.at) })
	if i > l.size {
		return best
	}
	best = slices.Insert(best, i, p)
	return best[:min(len(best), l.size+1)]
}

// compare orders places as the store does: a falling ranking is the rising one read backwards.
func (l *listing) compare(a, b store.CustomerCursor) int {
	if l.filter.Descending {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Key, b.Key))
}
