package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// pages reads a list page by page to its end.
func pages(t *testing.T, s store.Store, filter store.ResponseFilter, limit int) []*store.Kept {
	t.Helper()
	var all []*store.Kept
	for {
		page := list(t, s, "acme", filter, limit)
		if len(page) > limit {
			t.Fatalf("a page of %d is longer than the limit of %d", len(page), limit)
		}
		if filter.After != nil && len(page) > 0 && falling(*filter.After, page[0].Cursor) >= 0 {
			t.Fatalf("a page starts at %v, not behind its cursor %v", page[0].Cursor, *filter.After)
		}
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
		filter.After = &page[len(page)-1].Cursor
	}
}

func listPages(t *testing.T, s store.Store) {
	mixed(t, s, 150)
	for _, f := range []store.ResponseFilter{{}, {CustomerID: "ann"}, {QuestionnaireID: "first"}, {IncludeVoid: true}} {
		whole := ids(list(t, s, "acme", f, 1000))
		for _, limit := range []int{1, 9, 100} {
			if got := ids(pages(t, s, f, limit)); !slices.Equal(got, whole) {
				t.Fatalf("%+v in pages of %d: got %d in another order or number than the whole %d", f, limit, len(got), len(whole))
			}
		}
	}
}

// listPagesWhileWriting reads pages while responses come in before, between and behind them: whatever was there at the
// start is read exactly once.
func listPagesWhileWriting(t *testing.T, s store.Store) {
	old := map[string]bool{}
	for _, e := range mixed(t, s, 300) {
		if e.Score.GetVoid() == nil {
			old[e.Score.GetResponseId()] = true
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil && i < 2000; i++ {
			e := entry(fmt.Sprintf("new-%d", i), at(noon().Add(time.Duration(i%10-1)*time.Microsecond)))
			if _, err := s.Record(t.Context(), "acme", []store.Entry{e}); err != nil {
				t.Errorf("Record: %v", err)
				return
			}
		}
	})
	seen := map[string]int{}
	var all []*store.Kept
	filter := store.ResponseFilter{}
	for {
		page := list(t, s, "acme", filter, 5)
		all = append(all, page...)
		// Writers may be as fast as the reader: the oldest time of what was there bounds the reading.
		if len(page) < 5 || page[len(page)-1].Cursor.SubmittedAt < noon().UnixMicro() {
			break
		}
		filter.After = &page[len(page)-1].Cursor
	}
	stop()
	writing.Wait()
	inOrder(t, all)
	for _, id := range ids(all) {
		seen[id]++
	}
	for id := range old {
		if seen[id] != 1 {
			t.Errorf("%s was there from the start and read %d times", id, seen[id])
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was read %d times", id, n)
		}
	}
}

// listCursorOutside gives cursors that no page of the filter ends with: the filter holds all the same.
func listCursorOutside(t *testing.T, s store.Store) {
	for i := range 5 {
		record(t, s, "acme", entry(fmt.Sprintf("t-%d", i), at(noon().Add(time.Duration(i)*time.Microsecond))))
	}
	all := list(t, s, "acme", store.ResponseFilter{}, 5)
	f := store.ResponseFilter{From: noon().Add(time.Microsecond), Before: noon().Add(3 * time.Microsecond)}
	f.After = &all[0].Cursor
	if got := ids(list(t, s, "acme", f, 5)); !slices.Equal(got, []string{"t-2", "t-1"}) {
		t.Errorf("after a later one: got %q", got)
	}
	f.After = &all[4].Cursor
	if got := ids(list(t, s, "acme", f, 5)); len(got) != 0 {
		t.Errorf("after an earlier one: got %q, want none", got)
	}
	between := store.Cursor{SubmittedAt: noon().UnixMicro() + 2}
	if got := ids(list(t, s, "acme", store.ResponseFilter{After: &between}, 5)); !slices.Equal(got, []string{"t-1", "t-0"}) {
		t.Errorf("after the least key of a time: got %q", got)
	}
	for i := range between.Key {
		between.Key[i] = 0xff
	}
	if got := ids(list(t, s, "acme", store.ResponseFilter{After: &between}, 5)); !slices.Equal(got, []string{"t-2", "t-1", "t-0"}) {
		t.Errorf("after the greatest key of a time: got %q", got)
	}
}
