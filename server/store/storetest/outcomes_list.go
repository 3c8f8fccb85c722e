package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func outcomeFilters() []store.OutcomeFilter {
	var all []store.OutcomeFilter
	for bits := range 1 << 4 {
		var f store.OutcomeFilter
		if bits&1 != 0 {
			f.CustomerID = "ann"
		}
		if bits&2 != 0 {
			f.Kind = cmiv1.OutcomeKind_OUTCOME_CHURNED
		}
		if bits&4 != 0 {
			f.From = after(2).In(time.FixedZone("", -7200))
		}
		if bits&8 != 0 {
			f.Before = after(6)
		}
		all = append(all, f)
	}
	return append(all,
		store.OutcomeFilter{CustomerID: "nobody"}, store.OutcomeFilter{Kind: cmiv1.OutcomeKind_OUTCOME_RETURNED},
		store.OutcomeFilter{From: after(3), Before: after(3)}, store.OutcomeFilter{From: after(6), Before: after(3)},
		store.OutcomeFilter{From: after(3).Add(time.Nanosecond), Before: after(5).Add(time.Nanosecond)})
}

func outcomesListed(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(7, 8))
	var all []*cmiv1.Outcome
	for i := range 120 {
		all = append(all, outcome(fmt.Sprintf("o-%d", i), whose(some(random, []string{"ann", "bob"})),
			coming(cmiv1.OutcomeKind(1+random.IntN(3))), dated(after(random.IntN(8)))))
	}
	conclude(t, s, "acme", all...)
	conclude(t, s, "globex", outcome("of another tenant", whose("ann")))
	for _, f := range outcomeFilters() {
		want := slices.DeleteFunc(slices.Clone(all), func(o *cmiv1.Outcome) bool { return !comes(o, f) })
		whole := cameTo(t, s, "acme", f, 1000)
		if len(whole) != len(want) {
			t.Fatalf("%+v: %d are listed, want %d", f, len(whole), len(want))
		}
		for i, k := range whole {
			if !comes(k.Outcome, f) || k.Cursor.SubmittedAt != happened(k.Outcome) {
				t.Fatalf("%+v: %v is listed at %v", f, k.Outcome, k.Cursor)
			}
			if i > 0 && falling(whole[i-1].Cursor, k.Cursor) >= 0 {
				t.Fatalf("%+v: places %d and %d are out of order", f, i-1, i)
			}
		}
		for _, limit := range []int{1, 3, 50, len(want), len(want) + 1} {
			if limit > 0 && !slices.Equal(outcomeIDs(pagesOfOutcomes(t, s, f, limit)), outcomeIDs(whole)) {
				t.Fatalf("%+v: in pages of %d it is another list", f, limit)
			}
		}
	}
	if got := cameTo(t, s, "acme", store.OutcomeFilter{}, 0); len(got) != 0 {
		t.Errorf("a limit of 0 lists %d", len(got))
	}
	for _, f := range []store.OutcomeFilter{{}, {CustomerID: "ann"}} {
		// A cursor outside the bounds leaves them as they are.
		f.From, f.Before, f.After = after(2), after(6), &store.Cursor{SubmittedAt: after(7).UnixMicro()}
		inside := store.OutcomeFilter{CustomerID: f.CustomerID, From: f.From, Before: f.Before}
		if got, want := outcomeIDs(cameTo(t, s, "acme", f, 1000)), outcomeIDs(cameTo(t, s, "acme", inside, 1000)); !slices.Equal(got, want) {
			t.Errorf("from behind a later time: %q are listed, want %q", got, want)
		}
		f.After = &store.Cursor{SubmittedAt: after(1).UnixMicro()}
		if got := cameTo(t, s, "acme", f, 1000); len(got) != 0 {
			t.Errorf("from behind an earlier time: %q are listed", outcomeIDs(got))
		}
	}
}

// pagesOfOutcomes reads a list page by page to its end.
func pagesOfOutcomes(t *testing.T, s store.Store, f store.OutcomeFilter, limit int) []store.KeptOutcome {
	t.Helper()
	var all []store.KeptOutcome
	for {
		page := cameTo(t, s, "acme", f, limit)
		all = append(all, page...)
		if len(page) > limit {
			t.Fatalf("a page of %d is longer than the limit of %d", len(page), limit)
		}
		if len(page) < limit {
			return all
		}
		f.After = &page[len(page)-1].Cursor
	}
}

// outcomePagesWhileWriting: whatever was there at the start is read exactly once.
func outcomePagesWhileWriting(t *testing.T, s store.Store) {
	var old []string
	for i := range 100 {
		old = append(old, fmt.Sprintf("old-%d", i))
		conclude(t, s, "acme", outcome(old[i], dated(after(i%8))))
	}
	var seen []string
	together(2, func(i int) {
		if i == 0 {
			for _, k := range pagesOfOutcomes(t, s, store.OutcomeFilter{}, 4) {
				seen = append(seen, k.Outcome.GetOutcomeId())
			}
			return
		}
		for n := range 200 {
			if _, err := s.RecordOutcomes(t.Context(), "acme", []*cmiv1.Outcome{outcome(fmt.Sprintf("new-%d", n), dated(after(n%10-1)))}, noon()); err != nil {
				t.Errorf("RecordOutcomes: %v", err)
			}
		}
	})
	slices.Sort(seen)
	if len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.Error("some were read twice")
	}
	for _, id := range old {
		if _, found := slices.BinarySearch(seen, id); !found {
			t.Errorf("%s was there from the start and was not read", id)
		}
	}
}
