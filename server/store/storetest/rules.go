package storetest

import (
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func markDue(t *testing.T, s store.Store, tenant string, calibrated bool) {
	t.Helper()
	if err := s.MarkDue(t.Context(), tenant, calibrated); err != nil {
		t.Fatalf("MarkDue: %v", err)
	}
}

func useRules(t *testing.T, s store.Store, rules string) {
	t.Helper()
	if err := s.UseRules(t.Context(), rules); err != nil {
		t.Fatalf("UseRules: %v", err)
	}
}

// settled has ann, whose standing depends on calibrations, and bob, whose does not, each in two tenants, nobody due.
func settled(t *testing.T, s store.Store) {
	t.Helper()
	for _, tenant := range []string{"acme", "globex"} {
		for _, id := range []string{"ann", "bob"} {
			put(t, s, tenant, profile(id))
		}
	}
	settleAgain(t, s)
}

func settleAgain(t *testing.T, s store.Store) {
	t.Helper()
	for _, tenant := range []string{"acme", "globex"} {
		settle(t, s, standing(t, s, tenant, "ann", calibrated, withCMI(50)), standing(t, s, tenant, "bob", withCMI(60)))
	}
	sameNames(t, "settled", due(t, s, store.Forever-1, 10))
}

func markedDue(t *testing.T, s store.Store) {
	markDue(t, s, "acme", false) // in an empty store
	settled(t, s)
	markDue(t, s, "acme", true)
	sameNames(t, "the calibrated ones of one tenant", due(t, s, never, 10), "acme/ann")
	settleAgain(t, s)
	markDue(t, s, "globex", false)
	sameNames(t, "all of one tenant", due(t, s, never, 10), "globex/ann", "globex/bob")
	settleAgain(t, s)
	// It is the last standing that tells who depends on calibrations.
	settle(t, s, standing(t, s, "acme", "ann"), standing(t, s, "acme", "bob", calibrated))
	markDue(t, s, "acme", true)
	sameNames(t, "the calibrated ones", due(t, s, never, 10), "acme/bob")
	sameStanding(t, standingOf(t, s, "acme", "bob"), store.Standing{Tenant: "acme", CustomerID: "bob", Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE})
	// Time makes others due besides.
	settleAgain(t, s)
	settle(t, s, standing(t, s, "acme", "bob", until(5)))
	markDue(t, s, "acme", true)
	sameNames(t, "before its time", due(t, s, 4, 10), "acme/ann")
	sameNames(t, "at its time", due(t, s, 5, 10), "acme/ann", "acme/bob")
	erase(t, s, "acme", "ann")
	markDue(t, s, "acme", false)
	sameNames(t, "one who was erased is not marked", due(t, s, never, 10), "acme/bob")
}

// marksNotLost: a mark outlives a standing that was computed before it and is saved after it.
func marksNotLost(t *testing.T, s store.Store) {
	settled(t, s)
	for what, mark := range map[string]func(){
		"of a tenant":      func() { markDue(t, s, "acme", false) },
		"of calibrations":  func() { markDue(t, s, "acme", true) },
		"marked when due":  func() { markDue(t, s, "acme", false) },
		"of rules":         func() { useRules(t, s, "one") },
		"of rules, again ": func() { useRules(t, s, "two") },
	} {
		settleAgain(t, s)
		if what == "marked when due" {
			put(t, s, "acme", profile("ann"))
		}
		before := standing(t, s, "acme", "ann", calibrated, withCMI(70))
		mark()
		settle(t, s, before)
		if got := due(t, s, never, 10); len(got) == 0 || !slices.Contains(got, "acme/ann") {
			t.Errorf("%s: %q are due; the mark of ann was lost", what, got)
		}
	}
}

func rulesUsed(t *testing.T, s store.Store) {
	settled(t, s)
	everybody := []string{"acme/ann", "acme/bob", "globex/ann", "globex/bob"}
	for _, c := range []struct {
		rules string
		due   []string
	}{
		{"one", everybody}, {"one", nil}, {"two", everybody}, {"two", nil}, {"one", everybody}, {"One", everybody}, {"one ", everybody},
		{"half 12 months, window 180 days; é ' \" --", everybody}, {"half 12 months, window 180 days; é ' \" --", nil},
	} {
		settleAgain(t, s)
		useRules(t, s, c.rules)
		sameNames(t, c.rules, due(t, s, never, 10), c.due...)
	}
	// The same rules again leave as they are those who are due.
	put(t, s, "acme", profile("ann"))
	useRules(t, s, "three")
	useRules(t, s, "three")
	sameNames(t, "three", due(t, s, never, 10), everybody...)
}
