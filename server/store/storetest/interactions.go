package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// interactionIDs are those of a page, in its order.
func interactionIDs(page []store.KeptInteraction) []string {
	var ids []string
	for _, k := range page {
		ids = append(ids, k.Interaction.GetInteractionId())
	}
	return ids
}

// theirs picks all of the customer of interaction.
func theirs() store.InteractionFilter { return store.InteractionFilter{CustomerID: "customer-1"} }

func interactionsKept(t *testing.T, s store.Store) {
	bare := &cmiv1.Interaction{InteractionId: "bare", CustomerId: "customer-1", Kind: "call", OccurredAt: created("", after(9)).GetCreatedAt()}
	want := []*cmiv1.Interaction{
		bare,
		interaction("zero", when(after(8)), func(i *cmiv1.Interaction) { i.Value = proto.Float64(0) }),
		interaction("exact", when(after(7)), func(i *cmiv1.Interaction) { i.Value = proto.Float64(math.Nextafter(1.0/3, 0)) }),
		interaction("text Zürich 東京 ' \" ; -- % _ \\ \n", when(after(6)), doing("kind 🙂 e\u0301 ' \" ; -- %")),
	}
	interact(t, s, "acme", want...)
	page := interactions(t, s, "acme", theirs(), 10)
	if len(page) != len(want) {
		t.Fatalf("%d are listed, want %d", len(page), len(want))
	}
	for i, k := range page {
		same(t, "interaction", k.Interaction, want[i])
		if k.Cursor.SubmittedAt != happened(want[i]) {
			t.Errorf("%d: cursor at %d, want %d", i, k.Cursor.SubmittedAt, happened(want[i]))
		}
	}
	for i, moment := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Unix(-1, 999_999_000), time.Unix(0, 0),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		i := interaction(fmt.Sprintf("t-%d", i), when(moment))
		interact(t, s, "acme", i)
		page := interactions(t, s, "acme", store.InteractionFilter{CustomerID: "customer-1", From: moment, Before: moment.Add(time.Microsecond)}, 10)
		if len(page) != 1 {
			t.Fatalf("at %v to the microsecond: %d are listed, want 1", moment, len(page))
		}
		same(t, "interaction", page[0].Interaction, i)
	}
	if results := resultsOf(t, s, "acme"); len(results) != 0 {
		t.Errorf("of nothing: got %v", results)
	}
}

// interactionResults: an id is used once in a tenant, whoever's it is and whatever else it says.
func interactionResults(t *testing.T, s store.Store) {
	old := interaction("old")
	interact(t, s, "acme", old)
	got := resultsOf(t, s, "acme",
		interaction("old"), interaction("old", doing("call")), interaction("old", by("customer-2")), interaction("old", when(after(1))),
		interaction("old", func(i *cmiv1.Interaction) { i.Value = nil }),
		interaction("old", func(i *cmiv1.Interaction) { i.Channel = cmiv1.Channel_CHANNEL_ONLINE }),
		interaction("new"), interaction("new"), interaction("new", doing("call")))
	want := []store.Result{
		store.Replayed, store.Conflict, store.Conflict, store.Conflict, store.Conflict, store.Conflict,
		store.Recorded, store.Replayed, store.Conflict,
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got results %v, want %v", got, want)
	}
	page := interactions(t, s, "acme", theirs(), 10)
	if len(page) != 2 {
		t.Fatalf("%q are listed, want 2", interactionIDs(page))
	}
	for _, k := range page {
		same(t, "interaction", k.Interaction, interaction(k.Interaction.GetInteractionId()))
	}
	if f := factsOf(t, s, "acme", "customer-2", everything()); f != nil {
		t.Errorf("a conflict created a customer: %v", f)
	}
}

func interactionsCreate(t *testing.T, s store.Store) {
	if _, err := s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{
		interaction("i-1", by("ann")), interaction("i-2", by("bob")), interaction("i-3", by("ann")),
	}, after(5)); err != nil {
		t.Fatalf("RecordInteractions: %v", err)
	}
	put(t, s, "acme", profile("ann"))
	if _, err := s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{
		interaction("i-4", by("ann")), interaction("i-5", by("bob")),
	}, after(6)); err != nil {
		t.Fatalf("RecordInteractions: %v", err)
	}
	same(t, "profile that was saved", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
	same(t, "profile that was created", profileOf(t, s, "acme", "bob").Customer, created("bob", after(5)))
}

// interactionsConcurrently has callers send the same ids at the same time, half of them with other content.
func interactionsConcurrently(t *testing.T, s store.Store) {
	const n = 20
	says := func(caller, i int) *cmiv1.Interaction {
		return interaction(fmt.Sprintf("i-%d", i), by(fmt.Sprintf("customer-%d", i%3)), doing([]string{"visit", "call"}[caller%2]))
	}
	var results [16][]store.Result
	together(len(results), func(caller int) {
		var all []*cmiv1.Interaction
		for i := range n {
			all = append(all, says(caller, i))
		}
		var err error
		if results[caller], err = s.RecordInteractions(t.Context(), "acme", all, noon()); err != nil {
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
			want := store.Replayed
			if caller%2 != winner%2 {
				want = store.Conflict
			}
			if caller != winner && r[i] != want {
				t.Errorf("interaction %d, caller %d: got result %d, want %d", i, caller, r[i], want)
			}
		}
	}
	for c := range 3 {
		f := factsOf(t, s, "acme", fmt.Sprintf("customer-%d", c), everything())
		if want := (n - c + 2) / 3; f == nil || len(f.Interactions) != want {
			t.Errorf("customer %d: got %+v, want %d interactions", c, f, want)
		}
	}
}

// interactionMessages: given ones may be changed, and are not; answered ones belong to the caller.
func interactionMessages(t *testing.T, s store.Store) {
	given := interaction("i-1")
	interact(t, s, "acme", given)
	resultsOf(t, s, "acme", given)
	same(t, "given interaction", given, interaction("i-1"))
	for range 2 {
		given.CustomerId, given.Kind, given.Value = "scribbled", "scribbled", nil
		given.OccurredAt.Seconds++
		given = interactions(t, s, "acme", theirs(), 1)[0].Interaction
		same(t, "interaction", given, interaction("i-1"))
	}
}
