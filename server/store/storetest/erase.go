package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// erase erases a customer who must be known.
func erase(t *testing.T, s store.Store, tenant, id string) store.Erasure {
	t.Helper()
	erasure, err := s.EraseCustomer(t.Context(), tenant, id)
	if err != nil {
		t.Fatalf("EraseCustomer %q: %v", id, err)
	}
	return erasure
}

// lived gives a customer everything that there is: n responses, one of them void, n+1 interactions, a profile, a standing.
func lived(t *testing.T, s store.Store, tenant, id string, n int) {
	t.Helper()
	put(t, s, tenant, profile(id))
	for i := range n {
		name := fmt.Sprintf("%s-%d", id, i)
		record(t, s, tenant, entry(name, of(id)))
		interact(t, s, tenant, interaction(name, by(id)))
	}
	interact(t, s, tenant, interaction(id+"-last", by(id)))
	void(t, s, tenant, id+"-0", noon(), "why")
	settle(t, s, standing(t, s, tenant, id, withCMI(50)))
}

func eraseCounts(t *testing.T, s store.Store) {
	lived(t, s, "acme", "ann", 3)
	put(t, s, "acme", profile("bob"))
	interact(t, s, "acme", interaction("i", by("cem")))
	record(t, s, "acme", entry("r", of("dea")))
	for id, want := range map[string]store.Erasure{
		"ann": {Interactions: 4, Responses: 3}, "bob": {}, "cem": {Interactions: 1}, "dea": {Responses: 1},
	} {
		if got := erase(t, s, "acme", id); got != want {
			t.Errorf("%q: got %+v, want %+v", id, got, want)
		}
		for _, tenant := range []string{"acme", "globex"} {
			if got, err := s.EraseCustomer(t.Context(), tenant, id); !errors.Is(err, store.ErrNotFound) || got != (store.Erasure{}) {
				t.Errorf("%q of %q, who is not there any more: got %+v, %v; want ErrNotFound", id, tenant, got, err)
			}
		}
	}
	record(t, s, "acme", entry("anonymous", of("")))
	for _, id := range []string{"nobody", ""} {
		if _, err := s.EraseCustomer(t.Context(), "acme", id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: got %v, want ErrNotFound", id, err)
		}
	}
}

// eraseMany erases more than fits a page of anything.
func eraseMany(t *testing.T, s store.Store) {
	const n = 2500
	var entries []store.Entry
	var acts []*cmiv1.Interaction
	for i := range n {
		entries = append(entries, entry(fmt.Sprintf("r-%d", i), of([]string{"ann", "bob"}[i%2]), at(after(i))))
		acts = append(acts, interaction(fmt.Sprintf("i-%d", i), by([]string{"bob", "ann"}[i%2]), when(after(i))))
	}
	record(t, s, "acme", entries...)
	interact(t, s, "acme", acts...)
	if got, want := erase(t, s, "acme", "ann"), (store.Erasure{Interactions: n / 2, Responses: n / 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	f := factsOf(t, s, "acme", "bob", everything())
	if len(f.Points) != n/2 || len(f.Interactions) != n/2 {
		t.Errorf("the neighbour has %d points and %d interactions, want %d", len(f.Points), len(f.Interactions), n/2)
	}
	results, _ := outcomes(t, s, entries...)
	for i, r := range results {
		if want := []store.Result{store.Erased, store.Replayed}[i%2]; r != want {
			t.Fatalf("response %d sent again: got result %d, want %d", i, r, want)
		}
	}
	for i, r := range resultsOf(t, s, "acme", acts...) {
		if want := []store.Result{store.Replayed, store.Erased}[i%2]; r != want {
			t.Fatalf("interaction %d sent again: got result %d, want %d", i, r, want)
		}
	}
}

// eraseLeavesNothing: no method finds anything of the customer, and every one answers of neighbours what it did before.
func eraseLeavesNothing(t *testing.T, s store.Store) {
	for _, id := range []string{"ann", "bob"} {
		lived(t, s, "acme", id, 3)
		lived(t, s, "globex", id, 3)
	}
	settle(t, s, standing(t, s, "acme", "ann", withCMI(80), until(5)))
	all := cut(t, s, "acme", store.ResponseCut{QuestionnaireID: "onboarding"}, 2)
	op := filled(t, s, "acme", "op", 2, []string{"ann-0", "bob-0", "ann-1"})
	bob := factsOf(t, s, "acme", "bob", everything())
	erase(t, s, "acme", "ann")

	if have := profileOf(t, s, "acme", "ann"); have.Customer != nil || !have.Erased {
		t.Errorf("a change is given %+v, want nobody who was erased", have)
	}
	if c := profilesOf(t, s, "acme", "ann")[0]; c != nil {
		t.Errorf("Profiles: %s", text(c))
	}
	sameWords(t, "in slices", inSlices(t, s, "acme", all), "bob-1", "bob-2")
	sameWords(t, "scored again", rescored(t, s, "acme", store.RescoredFilter{Operation: op.Key}, 10), "bob-0 op")
	sameWords(t, "scored again, of the customer", rescored(t, s, "acme", store.RescoredFilter{Operation: op.Key, Customer: "ann"}, 10))
	if f := factsOf(t, s, "acme", "ann", everything()); f != nil {
		t.Errorf("facts: %s", factsInWords(f))
	}
	if _, err := s.Response(t.Context(), "acme", "ann-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Response: got %v, want ErrNotFound", err)
	}
	if _, err := s.Void(t.Context(), "acme", "ann-1", noon(), "why"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Void: got %v, want ErrNotFound", err)
	}
	for _, f := range []store.ResponseFilter{{CustomerID: "ann"}, {}, {QuestionnaireID: "onboarding"}, {Bucket: cmiv1.Bucket_BUCKET_ADVOCATE}} {
		f.IncludeVoid = true
		for _, id := range ids(list(t, s, "acme", f, 100)) {
			if !slices.Contains([]string{"bob-0", "bob-1", "bob-2"}, id) {
				t.Errorf("%+v lists %q", f, id)
			}
		}
	}
	if got := interactions(t, s, "acme", store.InteractionFilter{CustomerID: "ann"}, 100); len(got) != 0 {
		t.Errorf("interactions %q are listed", interactionIDs(got))
	}
	ask := store.Ask{CustomerID: "ann", Kinds: []string{"visit"}, After: math.MinInt64, UpTo: math.MaxInt64}
	if d := doings(t, s, "acme", ask)[0]; d.FirstSeen != nil || d.FirstInteraction != nil || len(d.Events) > 0 || !d.Recorded {
		t.Errorf("doings: %s", doingsInWords(d))
	}
	if got := due(t, s, store.Forever-1, 100); len(got) != 0 {
		t.Errorf("%q are due", got)
	}
	settle(t, s, store.Standing{Tenant: "acme", CustomerID: "ann", Revision: bob.Revision, CMI: new(1.0)})
	for _, f := range []store.CustomerFilter{{}, {Order: store.ByCMI}, {AccountID: "household-7"}, {Segments: []store.Segment{{Key: "plan", Value: "gold"}}}} {
		if got := who(customers(t, s, "acme", f, 10)); !slices.Equal(got, []string{"bob"}) {
			t.Errorf("%s lists %q, want bob alone", filterInWords(f), got)
		}
	}
	for _, g := range []store.Group{{Lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE}, {Segment: store.Segment{Key: "plan", Value: "gold"}}} {
		if n, mean, err := s.MeanCMI(t.Context(), "acme", g); n != 1 || mean != 50 || err != nil {
			t.Errorf("%+v: got %d with mean %v, %v; want bob alone, with 50", g, n, mean, err)
		}
	}
	if got := factsOf(t, s, "acme", "bob", everything()); factsInWords(got) != factsInWords(bob) || got.Revision != bob.Revision {
		t.Errorf("the neighbour is %s, was %s", factsInWords(got), factsInWords(bob))
	}
	if f := factsOf(t, s, "globex", "ann", everything()); f == nil || len(f.Points) != 2 || len(f.Interactions) != 4 {
		t.Errorf("the namesake of another tenant is %s", factsInWords(f))
	}
}
