package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// outcomesErased: outcomes go with their customer, are known when they are sent again, and bring nobody back.
func outcomesErased(t *testing.T, s store.Store) {
	conclude(t, s, "acme", outcome("a-1", whose("ann")), outcome("a-2", whose("ann")), outcome("b-1", whose("bob")))
	conclude(t, s, "globex", outcome("a-1", whose("ann")))
	if got, want := erase(t, s, "acme", "ann"), (store.Erasure{Outcomes: 2}); got != want {
		t.Errorf("erased %+v, want %+v", got, want)
	}
	for _, f := range []store.OutcomeFilter{{}, {CustomerID: "ann"}, {Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED}} {
		if got := outcomeIDs(cameTo(t, s, "acme", f, 10)); slices.Contains(got, "a-1") || slices.Contains(got, "a-2") {
			t.Errorf("%+v lists %q", f, got)
		}
	}
	for range 2 {
		got := becomes(t, s, "acme", outcome("a-1", whose("ann")), outcome("a-1", whose("bob")), outcome("a-2", whose("ann"), worth(7)),
			outcome("new", whose("ann")), outcome("b-1", whose("ann")), outcome("b-1", whose("bob")))
		if want := []store.Result{store.Erased, store.Erased, store.Erased, store.Erased, store.Conflict, store.Replayed}; !slices.Equal(got, want) {
			t.Errorf("sent again: got results %v, want %v", got, want)
		}
		if f := factsOf(t, s, "acme", "ann", everything()); f != nil {
			t.Fatalf("the customer is back: %s", factsInWords(f))
		}
	}
	sameNames(t, "the neighbour's", outcomeIDs(cameTo(t, s, "acme", store.OutcomeFilter{}, 10)), "b-1")
	sameNames(t, "another tenant's", outcomeIDs(cameTo(t, s, "globex", store.OutcomeFilter{CustomerID: "ann"}, 10)), "a-1")
	// Nothing was kept of what was refused, so its id is not used.
	conclude(t, s, "acme", outcome("new", whose("bob")))
	put(t, s, "acme", profile("ann"))
	got := becomes(t, s, "acme", outcome("a-1", whose("ann")), outcome("a-3", whose("ann")))
	if want := []store.Result{store.Erased, store.Recorded}; !slices.Equal(got, want) {
		t.Errorf("of one who started anew: got results %v, want %v", got, want)
	}
	if got, want := erase(t, s, "acme", "ann"), (store.Erasure{Outcomes: 1}); got != want {
		t.Errorf("erased again: %+v, want %+v", got, want)
	}
}

// outcomesErasedTogether erases while outcomes come in and profiles start the customer anew: each outcome is either there or
// erased, as it is answered when it is sent again, and counted once.
func outcomesErasedTogether(t *testing.T, s store.Store) {
	var erased [callers]store.Erasure
	var results [callers]store.Result
	together(callers, func(i int) {
		switch i % 3 {
		case 0:
			results[i] = becomes(t, s, "acme", outcome(fmt.Sprint(i), whose("ann")))[0]
		case 1:
			put(t, s, "acme", profile("ann"))
		default:
			var err error
			if erased[i], err = s.EraseCustomer(t.Context(), "acme", "ann"); err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("EraseCustomer: %v", err)
			}
		}
	})
	if t.Failed() {
		return
	}
	there := outcomeIDs(cameTo(t, s, "acme", store.OutcomeFilter{CustomerID: "ann"}, 100))
	recorded, counted := 0, 0
	for i := range callers {
		counted += erased[i].Outcomes
		if i%3 == 0 && results[i] == store.Recorded {
			recorded++
		}
	}
	if recorded != counted+len(there) {
		t.Errorf("%d were recorded, %d were erased and %d are there", recorded, counted, len(there))
	}
	put(t, s, "acme", profile("ann")) // whoever was last
	for i := 0; i < callers; i += 3 {
		want := store.Erased
		switch {
		case results[i] == store.Erased:
			want = store.Recorded // nothing was kept of it
		case slices.Contains(there, fmt.Sprint(i)):
			want = store.Replayed
		}
		if got := becomes(t, s, "acme", outcome(fmt.Sprint(i), whose("ann")))[0]; got != want {
			t.Errorf("outcome %d, sent again: got result %d, want %d", i, got, want)
		}
	}
}
