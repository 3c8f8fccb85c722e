package storetest

import (
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// recordCreates: a response creates a customer who is not known, at the time at which it was scored, and leaves one who is
// known as they are. What is not kept creates nobody.
func recordCreates(t *testing.T, s store.Store) {
	scoredAt := func(when time.Time) func(*store.Entry) {
		return func(e *store.Entry) { e.Score.ScoredAt = created("", when).GetCreatedAt() }
	}
	put(t, s, "acme", profile("known"))
	record(t, s, "acme", entry("r-1", of("new"), scoredAt(after(7))), entry("r-2", of("new"), scoredAt(after(5))),
		entry("r-3", of("known"), scoredAt(after(7))), entry("r-4", of("")))
	record(t, s, "acme", entry("r-5", of("new"), scoredAt(after(3))))
	same(t, "profile that was created", profileOf(t, s, "acme", "new").Customer, created("new", after(7)))
	same(t, "profile that was saved", profileOf(t, s, "acme", "known").Customer, profile("known"))

	outcomes(t, s, entry("r-1", of("new")), entry("r-1", of("other")), entry("r-1", of("new"), saying("no")))
	void(t, s, "acme", "r-4", noon(), "why")
	sameNames(t, "customers", who(customers(t, s, "acme", store.CustomerFilter{}, 10)), "known", "new")
	for _, id := range []string{"other", ""} {
		if f := factsOf(t, s, "acme", id, everything()); f != nil {
			t.Errorf("%q is known: %s", id, factsInWords(f))
		}
	}
	if got := who(customers(t, s, "globex", store.CustomerFilter{}, 10)); len(got) != 0 {
		t.Errorf("another tenant has %q", got)
	}
}

// customersAreBytes uses ids, accounts, segments and kinds that a collation would take for one another, or that are the same
// once they are written one behind the other.
func customersAreBytes(t *testing.T, s store.Store) {
	alike := []string{"a", "A", "a ", "á", "a\u0301", "ａ", "aa", "a-"}
	for _, id := range alike {
		put(t, s, "acme", profile(id, func(c *cmiv1.Customer) { c.AccountId, c.Segments = id, map[string]string{"key " + id: "v", "key": id} }))
		interact(t, s, "acme", interaction(id, by(id), doing(id)))
	}
	for _, id := range alike {
		for _, f := range []store.CustomerFilter{
			{AccountID: id}, {Segments: []store.Segment{{Key: "key " + id, Value: "v"}}}, {Segments: []store.Segment{{Key: "key", Value: id}}},
		} {
			sameNames(t, filterInWords(f), who(customers(t, s, "acme", f, 10)), id)
		}
		sameNames(t, "interactions of "+id, interactionIDs(interactions(t, s, "acme", store.InteractionFilter{CustomerID: id}, 10)), id)
		d := doings(t, s, "acme", store.Ask{CustomerID: id, Kinds: []string{id}, UpTo: after(1).UnixMicro()})[0]
		if len(d.Events) != 1 {
			t.Errorf("%q did %s", id, doingsInWords(d))
		}
		same(t, "profile", profileOf(t, s, "acme", id).Customer, factsOf(t, s, "acme", id, noon()).Profile)
	}
	for tenant, id := range map[string]string{"ab": "c", "a": "bc", "": "abc", "abc": "-"} {
		put(t, s, tenant, profile(id, func(c *cmiv1.Customer) { c.AccountId, c.Segments = id, map[string]string{tenant: id} }))
		settle(t, s, standing(t, s, tenant, id, withCMI(float64(len(id)))))
	}
	for tenant, id := range map[string]string{"ab": "c", "a": "bc", "": "abc", "abc": "-"} {
		for _, f := range []store.CustomerFilter{{}, {AccountID: id}, {Segments: []store.Segment{{Key: tenant, Value: id}}}} {
			sameNames(t, tenant+": "+filterInWords(f), who(customers(t, s, tenant, f, 10)), id)
		}
		if n, mean := mean(t, s, tenant, store.Group{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE}); n != 1 || mean != float64(len(id)) {
			t.Errorf("%q: got %d with mean %v", tenant, n, mean)
		}
	}
	put(t, s, "pairs", profile("one", func(c *cmiv1.Customer) { c.AccountId, c.Segments = "ab", map[string]string{"a": "bc"} }))
	for _, f := range []store.CustomerFilter{
		{AccountID: "abc"}, {Segments: []store.Segment{{Key: "ab", Value: "c"}}}, {Segments: []store.Segment{{Key: "abc"}}},
		{Segments: []store.Segment{{Key: "ab"}}}, {Segments: []store.Segment{{Value: "ab"}}},
	} {
		sameNames(t, filterInWords(f), who(customers(t, s, "pairs", f, 10)))
	}
}
