package insight

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/page"
)

// stop is where a page ended: after the n-th entry of a customer, or of an anonymous response.
type stop struct {
	Anonymous bool  `json:"a,omitempty"`
	Key       int64 `json:"k"`
	N         int   `json:"n"`
}

// listed is one entry of a list with its place.
type listed[T any] struct {
	entry T
	at    stop
}

// list reads one page of what subjects have to show, in the order in which the service came to know them, and the token of the
// next page. It goes through slices until the page is full.
func list[T any](ctx context.Context, i *Insight, s *scope, request page.List, show func(*subject) ([]T, error)) (entries []T, next string, err error) {
	var after stop
	resumed, err := page.Resume(request, &after)
	if err != nil {
		return nil, "", err
	}
	cut, err := i.store.CutCustomers(ctx, s.tenant, s.cut(), sliceSize)
	if err != nil {
		return nil, "", fmt.Errorf("cut the customers: %w", err)
	}
	// One more than asked for tells whether there is a next page.
	books, size := i.library(s.tenant), page.Size(request)
	var found []listed[T]
	for _, slice := range cut {
		if resumed && (after.Anonymous && !slice.Anonymous || after.Anonymous == slice.Anonymous && slice.To < after.Key) {
			continue
		}
		visit := func(one *subject) error {
			shown, err := show(one)
			for n, entry := range shown {
				at := stop{one.Profile == nil, one.Key, n}
				if !resumed || after.precedes(at) {
					found = append(found, listed[T]{entry, at})
				}
			}
			return err
		}
		if err := i.subjects(ctx, s, books, slice, visit); err != nil {
			return nil, "", err
		}
		if len(found) > size {
			break
		}
	}
	if len(found) > size {
		found = found[:size]
		if next, err = page.Next(request, found[size-1].at); err != nil {
			return nil, "", err
		}
	}
	for _, one := range found {
		entries = append(entries, one.entry)
	}
	return entries, next, nil
}

// precedes tells whether an entry comes after the stop.
func (p stop) precedes(at stop) bool {
	if p.Anonymous != at.Anonymous {
		return at.Anonymous
	}
	return p.Key < at.Key || p.Key == at.Key && p.N < at.N
}

// listPlaced lists the customers of the quadrant that is asked for.
func (i *Insight) listPlaced(ctx context.Context, m *matrixReport, r *cmiv1.GetLoyaltyMatrixRequest, said *cmiv1.GetLoyaltyMatrixResponse) error {
	if r.GetList() == cmiv1.Quadrant_QUADRANT_UNSPECIFIED {
		if r.GetPageToken() != "" {
			return invalid("list", "must be given with a page_token")
		}
		return nil
	}
	var err error
	said.Customers, said.NextPageToken, err = list(ctx, i, m.in, r, func(one *subject) (placed []*cmiv1.PlacedCustomer, err error) {
		if one.Profile == nil {
			return nil, nil
		}
		for _, k := range one.chosen {
			at, known, err := m.place(&one.scores[k])
			if err != nil {
				return nil, err
			}
			if known && at.GetQuadrant() == r.GetList() {
				placed = append(placed, at)
			}
		}
		return placed, nil
	})
	return err
}
