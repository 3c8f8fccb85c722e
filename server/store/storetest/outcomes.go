package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func outcomesKept(t *testing.T, s store.Store) {
	bare := func(o *cmiv1.Outcome) { o.Amount, o.Currency = nil, "" }
	want := []*cmiv1.Outcome{
		outcome("bare", dated(after(9)), bare),
		outcome("nothing", dated(after(8)), worth(0)),
		outcome("exact", dated(after(7)), worth(math.Nextafter(1.0/3, 0))),
		outcome("text Zürich 東京 ' \" ; -- % _ \\ \n", dated(after(6)), coming(cmiv1.OutcomeKind_OUTCOME_RETURNED)),
	}
	conclude(t, s, "acme", want...)
	page := cameTo(t, s, "acme", store.OutcomeFilter{}, 10)
	if len(page) != len(want) {
		t.Fatalf("%q are listed, want %d", outcomeIDs(page), len(want))
	}
	for i, k := range page {
		same(t, "outcome", k.Outcome, want[i])
		if k.Cursor.SubmittedAt != happened(want[i]) {
			t.Errorf("%d: cursor at %d, want %d", i, k.Cursor.SubmittedAt, happened(want[i]))
		}
	}
	for i, moment := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Unix(-1, 999_999_000), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		o := outcome(fmt.Sprintf("t-%d", i), dated(moment))
		conclude(t, s, "acme", o)
		for _, customer := range []string{"", "customer-1"} {
			page := cameTo(t, s, "acme", store.OutcomeFilter{CustomerID: customer, From: moment, Before: moment.Add(time.Microsecond)}, 10)
			if len(page) != 1 {
				t.Fatalf("at %v to the microsecond: %q are listed", moment, outcomeIDs(page))
			}
			same(t, "outcome", page[0].Outcome, o)
		}
	}
	if results := becomes(t, s, "acme"); len(results) != 0 {
		t.Errorf("of nothing: got %v", results)
	}
}

// outcomeResults: an id is used once among the outcomes of a tenant, and is another one than that of an interaction.
func outcomeResults(t *testing.T, s store.Store) {
	conclude(t, s, "acme", outcome("old"))
	got := becomes(t, s, "acme",
		outcome("old"), outcome("old", coming(cmiv1.OutcomeKind_OUTCOME_CHURNED)), outcome("old", whose("customer-2")), outcome("old", dated(after(1))),
		outcome("old", worth(1)), outcome("old", func(o *cmiv1.Outcome) { o.Amount = nil }), outcome("old", func(o *cmiv1.Outcome) { o.Currency = "EUR" }),
		outcome("new"), outcome("new"), outcome("new", worth(2)))
	want := []store.Result{
		store.Replayed, store.Conflict, store.Conflict, store.Conflict, store.Conflict, store.Conflict, store.Conflict,
		store.Recorded, store.Replayed, store.Conflict,
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got results %v, want %v", got, want)
	}
	sameNames(t, "kept", outcomeIDs(cameTo(t, s, "acme", store.OutcomeFilter{}, 10)), "new", "old")
	if f := factsOf(t, s, "acme", "customer-2", everything()); f != nil {
		t.Errorf("a conflict created a customer: %v", f)
	}
	interact(t, s, "acme", interaction("old"))
	conclude(t, s, "globex", outcome("old", worth(3)))
	if got := becomes(t, s, "acme", outcome("old")); got[0] != store.Replayed {
		t.Errorf("got result %d after another tenant used the id, want it replayed", got[0])
	}
}

// outcomesCreate: an outcome creates a customer who is not known, and is no news of one who is.
func outcomesCreate(t *testing.T, s store.Store) {
	put(t, s, "acme", profile("ann"))
	settle(t, s, standing(t, s, "acme", "ann", withCMI(50)))
	ann := factsOf(t, s, "acme", "ann", everything())
	_, err := s.RecordOutcomes(t.Context(), "acme", []*cmiv1.Outcome{
		outcome("o-1", whose("ann")), outcome("o-2", whose("bob")), outcome("o-3", whose("cem")), outcome("o-4", whose("bob")),
	}, after(5))
	if err != nil {
		t.Fatalf("RecordOutcomes: %v", err)
	}
	same(t, "profile that was created", profileOf(t, s, "acme", "bob").Customer, created("bob", after(5)))
	sameNames(t, "due", due(t, s, never, 10), "acme/bob", "acme/cem")
	if got := factsOf(t, s, "acme", "ann", everything()); factsInWords(got) != factsInWords(ann) || got.Revision != ann.Revision {
		t.Errorf("known, and now %s at revision %d; was %s at %d", factsInWords(got), got.Revision, factsInWords(ann), ann.Revision)
	}
	sameWords(t, "customers", who(customers(t, s, "acme", store.CustomerFilter{}, 10)), "ann", "bob", "cem")
	bob := factsOf(t, s, "acme", "bob", everything())
	if bob == nil || len(bob.Interactions) != 0 {
		t.Fatalf("the customer who was created is %s; an outcome is no contact", factsInWords(bob))
	}
	settle(t, s, standing(t, s, "acme", "bob"), standing(t, s, "acme", "cem"))
	conclude(t, s, "acme", outcome("o-5", whose("bob")))
	if got := revision(t, s, "acme", "bob"); got != bob.Revision {
		t.Errorf("the revision goes from %d to %d", bob.Revision, got)
	}
	sameNames(t, "due", due(t, s, never, 10))
}

// outcomesConcurrently has callers send the same ids at the same time, of customers whom others create meanwhile.
func outcomesConcurrently(t *testing.T, s store.Store) {
	const n = 20
	var results [callers][]store.Result
	together(callers, func(caller int) {
		var all []*cmiv1.Outcome
		for i := range n {
			all = append(all, outcome(fmt.Sprintf("o-%d", i), whose(fmt.Sprintf("c-%d", i%3)), worth(float64(caller%2))))
		}
		var err error
		if results[caller], err = s.RecordOutcomes(t.Context(), "acme", all, noon()); err != nil {
			t.Errorf("RecordOutcomes: %v", err)
		}
		if _, err := s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{interaction(fmt.Sprint(caller), by("c-0"))}, noon()); err != nil {
			t.Errorf("RecordInteractions: %v", err)
		}
	})
	if t.Failed() {
		return
	}
	for i := range n {
		winner := slices.IndexFunc(results[:], func(r []store.Result) bool { return r[i] == store.Recorded })
		if winner < 0 {
			t.Fatalf("nobody recorded %d", i)
		}
		for caller, r := range results {
			want := []store.Result{store.Replayed, store.Conflict}[(caller+winner)%2]
			if caller != winner && r[i] != want {
				t.Errorf("outcome %d, caller %d: got result %d, want %d", i, caller, r[i], want)
			}
		}
	}
	sameNames(t, "customers", who(customers(t, s, "acme", store.CustomerFilter{}, 10)), "c-0", "c-1", "c-2")
	if page := cameTo(t, s, "acme", store.OutcomeFilter{}, 100); len(page) != n {
		t.Errorf("%d outcomes are listed, want %d", len(page), n)
	}
}

// outcomesMany records more in one call than fits a page of anything, each id twice and far apart.
func outcomesMany(t *testing.T, s store.Store) {
	const n = 2000
	var all []*cmiv1.Outcome
	for i := range n {
		id := i % (n / 2)
		all = append(all, outcome(fmt.Sprintf("o-%d", id), whose(fmt.Sprintf("c-%d", id%7)), dated(after(id)), worth(float64((i/(n/2))*(id%2)))))
	}
	for i, r := range becomes(t, s, "acme", all...) {
		want := store.Recorded
		if i >= n/2 {
			want = []store.Result{store.Replayed, store.Conflict}[i%2]
		}
		if r != want {
			t.Fatalf("outcome %d: got result %d, want %d", i, r, want)
		}
	}
	if page := cameTo(t, s, "acme", store.OutcomeFilter{}, n); len(page) != n/2 {
		t.Errorf("%d are listed, want %d", len(page), n/2)
	}
}

// outcomeMessages: given ones may be changed, and are not; answered ones belong to the caller.
func outcomeMessages(t *testing.T, s store.Store) {
	given := outcome("o-1")
	conclude(t, s, "acme", given)
	becomes(t, s, "acme", given)
	same(t, "given outcome", given, outcome("o-1"))
	for range 2 {
		given.CustomerId, given.Currency, given.Amount = "scribbled", "scribbled", nil
		given.OccurredAt.Seconds++
		given = cameTo(t, s, "acme", store.OutcomeFilter{}, 1)[0].Outcome
		same(t, "outcome", given, outcome("o-1"))
	}
}
