package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// walked records interactions of two customers over few kinds and times, with many ties.
func walked(t *testing.T, s store.Store, n int) []*cmiv1.Interaction {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	all := make([]*cmiv1.Interaction, n)
	for i := range all {
		all[i] = interaction(fmt.Sprintf("i-%d", i), by(some(random, []string{"ann", "bob"})), doing(some(random, worldKinds())),
			when(after(random.IntN(8))))
	}
	interact(t, s, "acme", all...)
	return all
}

func interactionFilters() []store.InteractionFilter {
	var all []store.InteractionFilter
	for bits := range 1 << 3 {
		f := store.InteractionFilter{CustomerID: "ann"}
		if bits&1 != 0 {
			f.Kind = "visit"
		}
		if bits&2 != 0 {
			f.From = after(2).In(time.FixedZone("", -7200))
		}
		if bits&4 != 0 {
			f.Before = after(6)
		}
		all = append(all, f)
	}
	return append(all,
		store.InteractionFilter{CustomerID: "nobody"}, store.InteractionFilter{CustomerID: "ann", Kind: "none"},
		store.InteractionFilter{CustomerID: "ann", From: after(3), Before: after(3)},
		store.InteractionFilter{CustomerID: "ann", From: after(3).Add(time.Nanosecond), Before: after(5).Add(time.Nanosecond)})
}

// pagesOf reads a list page by page to its end.
func pagesOf(t *testing.T, s store.Store, f store.InteractionFilter, limit int) []store.KeptInteraction {
	t.Helper()
	var all []store.KeptInteraction
	for {
		page := interactions(t, s, "acme", f, limit)
		all = append(all, page...)
		if len(page) > limit {
			t.Fatalf("a page of %d is longer than the limit of %d", len(page), limit)
		}
		if f.After != nil && len(page) > 0 && falling(*f.After, page[0].Cursor) >= 0 {
			t.Fatalf("a page starts at %v, not behind its cursor %v", page[0].Cursor, *f.After)
		}
		if len(page) < limit {
			return all
		}
		f.After = &page[len(page)-1].Cursor
	}
}

func interactionsListed(t *testing.T, s store.Store) {
	all := walked(t, s, 120)
	for _, f := range interactionFilters() {
		want := 0
		for _, i := range all {
			if does(i, f) {
				want++
			}
		}
		whole := interactions(t, s, "acme", f, 1000)
		if len(whole) != want {
			t.Fatalf("%+v: %d are listed, want %d", f, len(whole), want)
		}
		for i, k := range whole {
			if !does(k.Interaction, f) || k.Cursor.SubmittedAt != happened(k.Interaction) {
				t.Fatalf("%+v: %v is listed at %v", f, k.Interaction, k.Cursor)
			}
			if i > 0 && falling(whole[i-1].Cursor, k.Cursor) >= 0 {
				t.Fatalf("%+v: places %d and %d are out of order", f, i-1, i)
			}
		}
		for _, limit := range []int{1, 3, 50, want, want + 1} {
			if limit > 0 && !slices.Equal(interactionIDs(pagesOf(t, s, f, limit)), interactionIDs(whole)) {
				t.Fatalf("%+v: in pages of %d it is another list", f, limit)
			}
		}
	}
	if got := interactions(t, s, "acme", store.InteractionFilter{CustomerID: "ann"}, 0); len(got) != 0 {
		t.Errorf("a limit of 0 lists %d", len(got))
	}
}

// interactionTimes: from a time on, and before another.
func interactionTimes(t *testing.T, s store.Store) {
	for i := range 4 {
		interact(t, s, "acme", interaction(fmt.Sprintf("t-%d", i), when(after(i))))
	}
	for _, c := range []struct {
		from, before time.Time
		want         []string
	}{
		{after(1), after(3), []string{"t-2", "t-1"}},
		{after(1).In(time.FixedZone("", -7200)), time.Time{}, []string{"t-3", "t-2", "t-1"}},
		{after(1).Add(time.Nanosecond), time.Time{}, []string{"t-3", "t-2"}},
		{time.Time{}, after(1).Add(time.Nanosecond), []string{"t-1", "t-0"}},
		{after(1), after(1), nil},
		{after(3), after(1), nil},
	} {
		f := theirs()
		f.From, f.Before = c.from, c.before
		if got := interactionIDs(interactions(t, s, "acme", f, 10)); !slices.Equal(got, c.want) {
			t.Errorf("from %v before %v: got %q, want %q", c.from, c.before, got, c.want)
		}
	}
}

// interactionPagesWhileWriting: whatever was there at the start is read exactly once.
func interactionPagesWhileWriting(t *testing.T, s store.Store) {
	old := walked(t, s, 150)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil && i < 1000; i++ {
			given := []*cmiv1.Interaction{interaction(fmt.Sprintf("new-%d", i), by("ann"), when(after(i%10-1)))}
			if _, err := s.RecordInteractions(t.Context(), "acme", given, noon()); err != nil {
				t.Errorf("RecordInteractions: %v", err)
				return
			}
		}
	})
	seen := map[string]int{}
	for _, k := range pagesOf(t, s, store.InteractionFilter{CustomerID: "ann"}, 4) {
		seen[k.Interaction.GetInteractionId()]++
	}
	stop()
	writing.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was read %d times", id, n)
		}
	}
	for _, i := range old {
		if id := i.GetInteractionId(); i.GetCustomerId() == "ann" && seen[id] != 1 {
			t.Errorf("%s was there from the start and read %d times", id, seen[id])
		}
	}
}
