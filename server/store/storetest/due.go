package storetest

import (
	"fmt"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func pending(t *testing.T, s store.Store, tenant string, at int64, limit int) int {
	t.Helper()
	n, err := s.Pending(t.Context(), tenant, at, limit)
	if err != nil {
		t.Fatalf("Pending: %v", err)
	}
	return n
}

// sameNames compares names in any order.
func sameNames(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	got = slices.Sorted(slices.Values(got))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// dueByFacts: whatever changes what is known of a customer makes them due at once, and nothing else does.
func dueByFacts(t *testing.T, s store.Store) {
	sameNames(t, "in an empty store", due(t, s, store.Forever-1, 10))
	record(t, s, "acme", entry("r-0", of("ann")), entry("r-9", of("bob")))
	settle(t, s, standing(t, s, "acme", "bob"))
	becomes := func(what string, want bool, do func()) {
		t.Helper()
		settle(t, s, standing(t, s, "acme", "ann"))
		sameNames(t, "before "+what, due(t, s, store.Forever-1, 10))
		do()
		names := []string{}
		if want {
			names = append(names, "acme/ann")
		}
		sameNames(t, "after "+what, due(t, s, never, 10), names...)
		if got := pending(t, s, "acme", never, 10); got != len(names) {
			t.Errorf("after %s: %d are pending, want %d", what, got, len(names))
		}
	}
	becomes("a response", true, func() { record(t, s, "acme", entry("r-1", of("ann"))) })
	becomes("one of the future", true, func() { record(t, s, "acme", entry("r-2", of("ann"), at(everything()))) })
	becomes("one without a score", true, func() {
		record(t, s, "acme", entry("r-3", of("ann"), is(cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED, 0), func(e *store.Entry) { e.Score.Cmi = nil }))
	})
	becomes("an interaction", true, func() { interact(t, s, "acme", interaction("i-1", by("ann"))) })
	becomes("a void mark", true, func() { void(t, s, "acme", "r-1", noon(), "why") })
	becomes("a profile", true, func() { put(t, s, "acme", profile("ann")) })

	becomes("a void mark again", false, func() { void(t, s, "acme", "r-1", noon(), "another") })
	becomes("a replay and a conflict", false, func() {
		outcomes(t, s, entry("r-2", of("ann"), at(everything())), entry("r-1", of("ann"), saying("no")))
	})
	becomes("an interaction replayed", false, func() {
		resultsOf(t, s, "acme", interaction("i-1", by("ann")), interaction("i-1", by("ann"), doing("call")))
	})
	becomes("a profile that is read", false, func() { profileOf(t, s, "acme", "ann") })
	becomes("a refused profile", false, func() {
		change(t, s, "acme", []string{"ann"}, func(int, store.Profile) (*cmiv1.Customer, error) { return profile("ann"), errRefused })
	})
	becomes("an anonymous response", false, func() { record(t, s, "acme", entry("r-4", of(""))); void(t, s, "acme", "r-4", noon(), "why") })
	becomes("a calibration", false, func() {
		if err := s.SaveCalibration(t.Context(), "acme", calibration("c", "q", 1, noon())); err != nil {
			t.Error(err)
		}
	})
}

// dueByTime: a standing holds until a time, and no longer; those whose time came first come first, those behind them whose
// facts changed.
func dueByTime(t *testing.T, s store.Store) {
	for id, holds := range map[string]int64{"c": 1_000, "a": -7, "forever": store.Forever, "d": 1_001, "b": 0} {
		record(t, s, "acme", entry(id, of(id)))
		settle(t, s, standing(t, s, "acme", id, until(holds)))
	}
	record(t, s, "acme", entry("changed", of("changed")))
	for _, c := range []struct {
		at   int64
		want []string
	}{
		{never, nil}, {-8, nil}, {-7, []string{"a"}}, {-1, []string{"a"}}, {0, []string{"a", "b"}}, {999, []string{"a", "b"}},
		{1_000, []string{"a", "b", "c"}}, {1_001, []string{"a", "b", "c", "d"}}, {store.Forever - 1, []string{"a", "b", "c", "d"}},
		{store.Forever, []string{"a", "b", "c", "d"}}, // what time alone does not change is never due by it
	} {
		want := []string{"acme/changed"}
		for _, id := range c.want {
			want = append(want, "acme/"+id)
		}
		for limit := range 8 {
			if got := due(t, s, c.at, limit); !slices.Equal(got, want[:min(limit, len(want))]) {
				t.Errorf("at %d, up to %d: got %q, want the first of %q", c.at, limit, got, want)
			}
			if got := pending(t, s, "acme", c.at, limit); got != min(limit, len(want)) {
				t.Errorf("at %d, up to %d: %d are pending of %d", c.at, limit, got, len(want))
			}
		}
		if got := pending(t, s, "globex", c.at, 10); got != 0 {
			t.Errorf("of another tenant: %d are pending", got)
		}
	}
	// Saved again, it holds for longer or for less long.
	settle(t, s, standing(t, s, "acme", "a", until(2_000)), standing(t, s, "acme", "d"), standing(t, s, "acme", "changed", until(500)))
	sameNames(t, "saved again", due(t, s, 1_999, 10), "acme/b", "acme/changed", "acme/c")
}

// dueOfAll: customers of all tenants are due, and those of one are pending.
func dueOfAll(t *testing.T, s store.Store) {
	var want []string
	for i := range 30 {
		tenant, id := []string{"acme", "globex", ""}[i%3], fmt.Sprintf("customer-%d", i/3)
		interact(t, s, tenant, interaction(id, by(id)))
		want = append(want, tenant+"/"+id)
	}
	sameNames(t, "all", due(t, s, never, 100), want...)
	if got := due(t, s, never, 7); len(got) != 7 {
		t.Errorf("a limit of 7 answers %d", len(got))
	}
	for _, tenant := range []string{"acme", "globex", ""} {
		if got := pending(t, s, tenant, never, 100); got != 10 {
			t.Errorf("%q: %d are pending, want 10", tenant, got)
		}
	}
}
