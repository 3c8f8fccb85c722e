package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func customerPages(t *testing.T, s store.Store) {
	if page, err := s.ListCustomers(t.Context(), "acme", store.CustomerFilter{}, 10); err != nil || len(page.Customers) != 0 || page.Next != nil {
		t.Errorf("of an empty store: got %+v, %v", page, err)
	}
	all := crowd(t, s, 60)
	for order := store.ByCreation; order <= store.ByVelocity; order++ {
		for _, descending := range []bool{false, true} {
			for _, f := range []store.CustomerFilter{{}, {Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW}, {AccountID: "home", MaxPValue: new(0.75)}} {
				f.Order, f.Descending = order, descending
				want := lists(all, f)
				for _, limit := range []int{1, 2, 3, 7, 20, 60, 61} {
					if got := who(customers(t, s, "acme", f, limit)); !slices.Equal(got, want) {
						t.Fatalf("%s in pages of %d: got %q, want %q", filterInWords(f), limit, got, want)
					}
				}
				// Every place is one where a page may have ended.
				for i, c := range customers(t, s, "acme", f, 20) {
					f.After = &c.Cursor
					if got := who(customers(t, s, "acme", f, 20)); !slices.Equal(got, want[i+1:]) {
						t.Fatalf("%s after %v: got %q, want %q", filterInWords(f), c.Cursor, got, want[i+1:])
					}
				}
			}
		}
	}
}

// customersBetween gives places that no customer has: a list goes on behind them all the same.
func customersBetween(t *testing.T, s store.Store) {
	for i, cmi := range []float64{10, 20, 20, 30} {
		id := fmt.Sprint(i)
		put(t, s, "acme", profile(id))
		settle(t, s, standing(t, s, "acme", id, withCMI(cmi)))
	}
	const least, greatest = -1 << 63, 1<<63 - 1
	for _, c := range []struct {
		after      store.CustomerCursor
		descending bool
		want       []string
	}{
		{store.CustomerCursor{Value: 15}, false, []string{"1", "2", "3"}},
		{store.CustomerCursor{Value: 20, Key: least}, false, []string{"1", "2", "3"}},
		{store.CustomerCursor{Value: 20, Key: greatest}, false, []string{"3"}},
		{store.CustomerCursor{Value: 31}, false, nil},
		{store.CustomerCursor{Value: 25}, true, []string{"2", "1", "0"}},
		{store.CustomerCursor{Value: 20, Key: greatest}, true, []string{"2", "1", "0"}},
		{store.CustomerCursor{Value: 20, Key: least}, true, []string{"0"}},
		{store.CustomerCursor{Value: 9}, true, nil},
	} {
		f := store.CustomerFilter{Order: store.ByCMI, Descending: c.descending, After: &c.after}
		if got := who(customers(t, s, "acme", f, 2)); !slices.Equal(got, c.want) {
			t.Errorf("after %v, descending %t: got %q, want %q", c.after, c.descending, got, c.want)
		}
	}
}

// customersSparse: of many, few match. Pages may be short or empty on the way; in the end all who match are there.
func customersSparse(t *testing.T, s store.Store) {
	const n, each = 4000, 401
	var acts []*cmiv1.Interaction
	for i := range n {
		id := fmt.Sprintf("c-%d", i)
		acts = append(acts, interaction(id, by(id)))
	}
	interact(t, s, "acme", acts...)
	var standings []store.Standing
	var want []string
	for i := 0; i < n; i += each {
		id := fmt.Sprintf("c-%d", i)
		put(t, s, "acme", profile(id))
		standings = append(standings, standing(t, s, "acme", id, withCMI(50)))
		want = append(want, id)
	}
	settle(t, s, standings...)
	for _, f := range []store.CustomerFilter{
		{AccountID: "household-7"}, {Bucket: cmiv1.Bucket_BUCKET_ADVOCATE}, {Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE},
		{Segments: []store.Segment{{Key: "plan", Value: "gold"}}, StableBucket: cmiv1.Bucket_BUCKET_GROWTH}, {Order: store.ByCMI},
	} {
		for _, limit := range []int{100, 1000} {
			for _, f.Descending = range []bool{false, true} {
				sameNames(t, filterInWords(f), who(customers(t, s, "acme", f, limit)), want...)
			}
		}
	}
	if got := len(customers(t, s, "acme", store.CustomerFilter{}, 1000)); got != n {
		t.Errorf("%d are listed, want %d", got, n)
	}
}

// customerPagesWhileWriting reads pages while customers come in and others change: whoever was there from the start and
// stood still is read exactly once.
func customerPagesWhileWriting(t *testing.T, s store.Store) {
	all := crowd(t, s, 120)
	movers := map[string]bool{}
	for i := 5; i < len(all); i += 6 {
		movers[all[i].Standing.CustomerID] = true
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ctx.Err() == nil && n < 600; n++ {
			id := fmt.Sprintf("new-%d", n)
			if n%2 == 0 {
				id = all[5+6*(n%20)].Standing.CustomerID
			}
			put(t, s, "acme", profile(id))
			settle(t, s, standing(t, s, "acme", id, withCMI(float64(n%9)/8)))
		}
	})
	for _, f := range []store.CustomerFilter{{}, {Descending: true}, {Order: store.ByCMI}, {Order: store.ByCMI, Descending: true}, {AccountID: "home"}} {
		seen := map[string]int{}
		for _, c := range customers(t, s, "acme", f, 5) {
			seen[c.Profile.GetCustomerId()]++
		}
		for _, id := range lists(all, f) {
			if seen[id] != 1 && !movers[id] {
				t.Errorf("%s: %s was there from the start and read %d times", filterInWords(f), id, seen[id])
			}
		}
		for id, n := range seen {
			if n > 1 && f.Order == store.ByCreation {
				t.Errorf("%s: %s was read %d times", filterInWords(f), id, n)
			}
		}
	}
	stop()
	writing.Wait()
}
