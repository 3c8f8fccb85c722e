package storetest

import (
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// standingOf is how a list shows a customer.
func standingOf(t *testing.T, s store.Store, tenant, id string) store.Standing {
	t.Helper()
	for _, c := range customers(t, s, tenant, store.CustomerFilter{}, 100) {
		if c.Profile.GetCustomerId() == id {
			return c.Standing
		}
	}
	t.Fatalf("%q is not listed", id)
	return store.Standing{}
}

// sameStanding compares what a list shows.
func sameStanding(t *testing.T, got, want store.Standing) {
	t.Helper()
	c := profile("ann")
	g, w := listedInWords(store.ListedCustomer{Profile: c, Standing: got}), listedInWords(store.ListedCustomer{Profile: c, Standing: want})
	if g != w {
		t.Errorf("standing: got %s, want %s", g, w)
	}
}

// standingsExact: every figure comes back to the last bit, and none that is not there.
func standingsExact(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1", of("ann")))
	sameStanding(t, standingOf(t, s, "acme", "ann"), store.Standing{Tenant: "acme", CustomerID: "ann"})
	for _, x := range []float64{0, 0.1, 1.0 / 3, 100, math.Nextafter(50, 0), -math.Pi, 1e-300, -1e300, math.SmallestNonzeroFloat64} {
		for n := range 8 {
			want := standing(t, s, "acme", "ann", func(s *store.Standing) {
				s.Lifecycle, s.Bucket, s.StableBucket = cmiv1.Lifecycle(1+n%3), cmiv1.Bucket(n%4), cmiv1.Bucket((n+1)%4)
				s.Direction, s.Calibrated, s.Until = cmiv1.Direction(n%5), n%2 == 0, int64(n)
				if n&1 == 0 {
					s.CMI = new(math.Round(max(0, min(x, 100))*1e9) / 1e9)
				}
				if n&2 == 0 {
					s.Velocity = new(x)
				}
				if n&4 == 0 {
					s.PValue = new(min(math.Abs(x), 1))
				}
			})
			settle(t, s, want)
			sameStanding(t, standingOf(t, s, "acme", "ann"), want)
		}
	}
}

// standingsOutdated: one that follows from other facts than those of now is not saved, and its customer stays due.
func standingsOutdated(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1", of("ann")), entry("r-2", of("bob")))
	first := standing(t, s, "acme", "ann", withCMI(50))
	settle(t, s, first)
	for what, do := range map[string]func(){
		"a response":     func() { record(t, s, "acme", entry("r-3", of("ann"))) },
		"a void mark":    func() { void(t, s, "acme", "r-1", noon(), "why") },
		"an interaction": func() { interact(t, s, "acme", interaction("i-1", by("ann"))) },
		"a profile":      func() { put(t, s, "acme", profile("ann")) },
	} {
		outdated := standing(t, s, "acme", "ann", withCMI(60), in(cmiv1.Lifecycle_LIFECYCLE_NEW))
		do()
		ahead := outdated
		ahead.Revision = revision(t, s, "acme", "ann") + 1
		settle(t, s, outdated, ahead, standing(t, s, "acme", "bob"))
		sameStanding(t, standingOf(t, s, "acme", "ann"), first)
		sameNames(t, "after "+what, due(t, s, never, 10), "acme/ann")
		first.Revision = revision(t, s, "acme", "ann")
		settle(t, s, first)
		sameNames(t, "saved", due(t, s, store.Forever-1, 10))
	}
	last := standing(t, s, "acme", "ann", withCMI(70))
	settle(t, s, first, last, store.Standing{Tenant: "acme", CustomerID: "nobody"}, store.Standing{Tenant: "nowhere", CustomerID: "ann"})
	sameStanding(t, standingOf(t, s, "acme", "ann"), last)
	if got := who(customers(t, s, "acme", store.CustomerFilter{}, 10)); len(got) != 2 {
		t.Errorf("%q are listed: a standing created somebody", got)
	}
	settle(t, s)
}

// standingsCaughtUp has callers compute standings all the while others record: in the end each one follows from all that
// is known, and nobody who is not due was left behind.
func standingsCaughtUp(t *testing.T, s store.Store) {
	const each = 25
	ids := []string{"ann", "bob", "cem"}
	var writing atomic.Int64
	writing.Store(4)
	together(6, func(i int) {
		if i >= 4 {
			for writing.Load() > 0 {
				catchUp(t, s)
			}
			return
		}
		defer writing.Add(-1)
		for n := range each {
			id := fmt.Sprintf("%d-%d", i, n)
			record(t, s, "acme", entry(id, of(ids[n%3])))
			if n%5 == 0 {
				void(t, s, "acme", id, noon(), "why")
			}
		}
	})
	for catchUp(t, s) > 0 {
		continue
	}
	for _, c := range customers(t, s, "acme", store.CustomerFilter{}, 10) {
		f := factsOf(t, s, "acme", c.Profile.GetCustomerId(), everything())
		if c.Standing.CMI == nil || *c.Standing.CMI != float64(len(f.Points)) {
			t.Errorf("%q is not due, has %d points, and stands as if they were %s", c.Profile.GetCustomerId(), len(f.Points), number(c.Standing.CMI))
		}
	}
}

// catchUp computes the standings that are due, with the number of points for a CMI, and answers how many they were.
func catchUp(t *testing.T, s store.Store) int {
	t.Helper()
	all, err := s.Due(t.Context(), never, 100)
	if err != nil {
		t.Errorf("Due: %v", err)
		return 0
	}
	var standings []store.Standing
	for _, d := range all {
		facts, err := s.Facts(t.Context(), d.Tenant, []string{d.CustomerID}, everything())
		if err != nil || len(facts) != 1 || facts[0] == nil {
			t.Errorf("Facts of %v: %v, %v", d, facts, err)
			return 0
		}
		standings = append(standings, store.Standing{
			Tenant: d.Tenant, CustomerID: d.CustomerID, Revision: facts[0].Revision, Until: store.Forever,
			Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE, CMI: new(float64(len(facts[0].Points))),
		})
	}
	if err := s.SaveStandings(t.Context(), standings); err != nil {
		t.Errorf("SaveStandings: %v", err)
		return 0
	}
	return len(all)
}

// standingsMany saves more than fits a page of anything, of several tenants.
func standingsMany(t *testing.T, s store.Store) {
	const n = 2500
	all := make([]store.Standing, n)
	for i, tenant := range []string{"acme", "globex"} {
		var acts []*cmiv1.Interaction
		var ids []string
		for k := range n / 2 {
			ids = append(ids, fmt.Sprintf("c-%d", k))
			acts = append(acts, interaction(ids[k], by(ids[k])))
		}
		interact(t, s, tenant, acts...)
		facts, err := s.Facts(t.Context(), tenant, ids, noon())
		if err != nil {
			t.Fatalf("Facts: %v", err)
		}
		for k, f := range facts {
			all[2*k+i] = store.Standing{
				Tenant: tenant, CustomerID: ids[k], Revision: f.Revision, Until: int64(k), Lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW, CMI: new(float64(k) / 16),
			}
		}
	}
	settle(t, s, all...)
	sameNames(t, "saved", due(t, s, never, 10))
	got := due(t, s, n, 2*n)
	for i, name := range got {
		if _, id, _ := strings.Cut(name, "/"); id != fmt.Sprintf("c-%d", i/2) {
			t.Fatalf("%q is due at place %d, out of order", name, i)
		}
	}
	if len(got) != n {
		t.Errorf("%d are due in time, want %d", len(got), n)
	}
	for _, tenant := range []string{"acme", "globex"} {
		for _, c := range customers(t, s, tenant, store.CustomerFilter{Order: store.ByCMI}, 1000) {
			if got := *c.Standing.CMI; fmt.Sprintf("c-%v", got*16) != c.Profile.GetCustomerId() {
				t.Fatalf("%q of %q has the CMI %v", c.Profile.GetCustomerId(), tenant, got)
			}
		}
	}
}

// standingsGiven: the figures that were given may be changed afterwards, and so may those that are answered.
func standingsGiven(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("ann"))
	figures := func(s *store.Standing) { s.CMI, s.Velocity, s.PValue = new(50.0), new(-1.0), new(0.5) }
	want := standing(t, s, "acme", "ann", figures)
	given := standing(t, s, "acme", "ann", figures)
	settle(t, s, given)
	sameStanding(t, given, want)
	for range 2 {
		*given.CMI, *given.Velocity, *given.PValue = 1, 1, 1
		given = standingOf(t, s, "acme", "ann")
		sameStanding(t, given, want)
	}
}
