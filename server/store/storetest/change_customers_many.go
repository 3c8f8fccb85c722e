package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// profilesMany changes more than fits a page of anything: each is changed by what belongs to its own place.
func profilesMany(t *testing.T, s store.Store) {
	const n = 2500
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("c-%d", i))
	}
	for round := range 2 {
		seen := make([]int, n)
		refusals := change(t, s, "acme", ids, func(i int, have store.Profile) (*cmiv1.Customer, error) {
			seen[i] = int(have.Customer.GetSpend().GetAmount())
			switch i % 5 {
			case 3:
				return nil, errRefused
			case 4:
				return nil, nil
			}
			return counted(ids[i], i+1), nil
		})
		for i := range ids {
			want := 0
			if round > 0 && i%5 < 3 {
				want = i + 1
			}
			if seen[i] != want || (refusals[i] != nil) != (i%5 == 3) {
				t.Fatalf("round %d, %s: given %d, want %d; answered %v", round, ids[i], seen[i], want, refusals[i])
			}
		}
	}
	if got := len(customers(t, s, "acme", store.CustomerFilter{}, 1000)); got != n/5*3 {
		t.Errorf("%d are listed, want %d", got, n/5*3)
	}
}

// profilesErasedTogether has callers change a customer while others erase them. Who is erased must be created before they
// can be erased again, so both happen equally often, or creation once more: a change that was made of what stood before an
// erasure would bring the customer back without it.
func profilesErasedTogether(t *testing.T, s store.Store) {
	var starts, erasures atomic.Int64
	together(callers/2, func(caller int) {
		for range 10 {
			if caller%2 == 0 {
				if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err == nil {
					erasures.Add(1)
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("EraseCustomer: %v", err)
				}
				continue
			}
			started := false
			refusals, err := s.ChangeCustomers(t.Context(), "acme", []string{"ann"}, func(_ int, have store.Profile) (*cmiv1.Customer, error) {
				started = have.Customer == nil
				return counted("ann", int(have.Customer.GetSpend().GetAmount())+1), nil
			})
			if err = errors.Join(append(refusals, err)...); err != nil {
				t.Errorf("ChangeCustomers: %v", err)
			}
			if started {
				starts.Add(1)
			}
		}
	})
	there := int64(0)
	if factsOf(t, s, "acme", "ann", noon()) != nil {
		there = 1
	}
	if starts.Load()-erasures.Load() != there {
		t.Errorf("started %d times, erased %d times, and there are %d", starts.Load(), erasures.Load(), there)
	}
}

// interactionsMany records more in one call than fits a page of anything, each id twice and far apart.
func interactionsMany(t *testing.T, s store.Store) {
	const n = 3000
	var all []*cmiv1.Interaction
	for i := range n {
		id := i % (n / 2)
		all = append(all, interaction(fmt.Sprintf("i-%d", id), by(fmt.Sprintf("c-%d", id%7)), when(after(id)),
			doing([]string{"visit", "call"}[(i/(n/2))*(id%2)])))
	}
	for i, r := range resultsOf(t, s, "acme", all...) {
		want := store.Recorded
		if i >= n/2 {
			want = []store.Result{store.Replayed, store.Conflict}[i%2]
		}
		if r != want {
			t.Fatalf("interaction %d: got result %d, want %d", i, r, want)
		}
	}
	for c := range 7 {
		page := interactions(t, s, "acme", store.InteractionFilter{CustomerID: fmt.Sprintf("c-%d", c), Kind: "visit"}, n)
		if want := (n/2 - c + 6) / 7; len(page) != want {
			t.Errorf("customer %d: %d are listed, want %d", c, len(page), want)
		}
	}
}
