package storetest

import (
	"fmt"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// profilesOf reads profiles; there must be one answer for each id.
func profilesOf(t *testing.T, s store.Store, tenant string, ids ...string) []*cmiv1.Customer {
	t.Helper()
	all, err := s.Profiles(t.Context(), tenant, ids)
	if err != nil {
		t.Fatalf("Profiles: %v", err)
	}
	if len(all) != len(ids) {
		t.Fatalf("Profiles answered %d for %d customers", len(all), len(ids))
	}
	return all
}

// profilesTogether reads those that were saved, or created by a response or an interaction, beside those that nobody knows.
func profilesTogether(t *testing.T, s store.Store) {
	profilesOf(t, s, "acme")
	for i, c := range profilesOf(t, s, "acme", "nobody", "") {
		same(t, fmt.Sprint("in an empty store, place ", i), c, (*cmiv1.Customer)(nil))
	}
	put(t, s, "acme", profile("saved"), profile("changed"), profile("erased"), profile("anew"))
	put(t, s, "globex", profile("elsewhere"), profile("saved", func(c *cmiv1.Customer) { c.Etag = "of globex" }))
	changed := profile("changed", func(c *cmiv1.Customer) { c.Etag, c.Segments, c.Spend = "new", map[string]string{"a": "b"}, nil })
	put(t, s, "acme", changed)
	record(t, s, "acme", entry("r-1", of("responded")), entry("r-2", of("saved")), entry("r-3", of("")))
	interact(t, s, "acme", interaction("i-1", by("acted")))
	erase(t, s, "acme", "erased")
	erase(t, s, "acme", "anew")
	record(t, s, "acme", entry("r-4", of("anew")))
	scored := entry("r-1").Score.GetScoredAt().AsTime()
	want := map[string]*cmiv1.Customer{
		"saved": profile("saved"), "changed": changed, "responded": created("responded", scored), "acted": created("acted", noon()),
		"anew": created("anew", scored), "erased": nil, "nobody": nil, "elsewhere": nil, "Saved": nil, "": nil,
	}
	for _, ids := range [][]string{
		{"saved", "changed", "responded", "acted", "anew", "erased", "nobody"},
		{"nobody", "erased", "elsewhere", "acted", "Saved", "saved", "", "responded", "anew", "changed"},
		{"changed"}, {"nobody"}, {"saved", "nobody", "saved"},
	} {
		for i, got := range profilesOf(t, s, "acme", ids...) {
			same(t, fmt.Sprintf("profile of %q, place %d", ids[i], i), got, want[ids[i]])
		}
	}
	same(t, "of another tenant", profilesOf(t, s, "globex", "saved")[0], profile("saved", func(c *cmiv1.Customer) { c.Etag = "of globex" }))
}

// profilesOfMany asks for more than fits a page of anything, known and unknown in turn.
func profilesOfMany(t *testing.T, s store.Store) {
	const n = 3000
	var all []*cmiv1.Customer
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("customer-%d", (i*7)%n))
		if i%2 == 0 {
			all = append(all, profile(fmt.Sprintf("customer-%d", i)))
		}
	}
	put(t, s, "acme", all...)
	for i, got := range profilesOf(t, s, "acme", ids...) {
		var want *cmiv1.Customer
		if (i*7)%n%2 == 0 {
			want = profile(ids[i])
		}
		same(t, "profile of "+ids[i], got, want)
	}
}

// profilesApart: those that are answered belong to the caller.
func profilesApart(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("ann"))
	for range 2 {
		got := profilesOf(t, s, "acme", "ann", "ann")
		got[0].AccountId, got[0].CreatedAt.Seconds = "scribbled", 0
		got[0].Segments["country"] = "scribbled"
		same(t, "the other one", got[1], profile("ann"))
		same(t, "as a change is given it", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
	}
}
