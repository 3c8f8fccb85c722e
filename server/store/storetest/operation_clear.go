package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// filled is an operation of some pieces, all but the last of them done, in each of which every response was scored again that
// is numbered alike.
func filled(t *testing.T, s store.Store, tenant, id string, pieces int, responses []string) store.Operation {
	t.Helper()
	op := run(t, s, tenant, id, slices.Repeat([]int{2}, pieces)...)
	for piece := range pieces - 1 {
		var all []store.Rescored
		for i := piece; i < len(responses); i += pieces - 1 {
			all = append(all, anew(t, s, tenant, responses[i], 1+i%3, piece%4, id))
		}
		op = save(t, s, op.Key, piece, fmt.Sprintf("%s, part %d", id, piece), minute(2), all...)
	}
	return op
}

// inFull is all that is told of an operation, in words.
func inFull(t *testing.T, s store.Store, op store.Operation) []string {
	t.Helper()
	words := []string{operationInWords(byKey(t, s, op.Key))}
	words = append(words, fmt.Sprint("missing ", missing(t, s, op.Key, 1000)))
	words = append(words, partsOf(t, s, op.Key, -1, 1000)...)
	return append(words, rescored(t, s, op.Tenant, store.RescoredFilter{Operation: op.Key}, 1000)...)
}

// many records responses of two customers and anonymous ones, and names them.
func many(t *testing.T, s store.Store, tenant string, n int) []string {
	t.Helper()
	var entries []store.Entry
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("r-%02d", i))
		entries = append(entries, entry(names[i], of([]string{"ann", "bob", ""}[i%3]), at(after(n-i))))
	}
	record(t, s, tenant, entries...)
	return names
}

// operationsCleared: slice by slice, what was removed goes, and nothing of any other operation.
func operationsCleared(t *testing.T, s store.Store) {
	if n := clearAll(t, s, 5, func(int) {}); n != 0 {
		t.Errorf("an empty store clears %d rows", n)
	}
	names := many(t, s, "acme", 30)
	many(t, s, "globex", 30)
	stay := []store.Operation{
		filled(t, s, "acme", "running", 4, names), filled(t, s, "globex", "a", 4, names), begin(t, s, "acme", ofID("pending")),
	}
	gone := []store.Operation{filled(t, s, "acme", "a", 6, names), filled(t, s, "acme", "b", 6, names), run(t, s, "acme", "c")}
	stay = append(stay, filled(t, s, "acme", "ended", 4, names))
	for _, op := range append(gone, stay[1], stay[3]) {
		end(t, s, op.Key, isSucceeded, "done", minute(3))
	}
	var before [][]string
	for _, op := range stay {
		before = append(before, inFull(t, s, op))
	}
	stands := func(when string) {
		t.Helper()
		for i, op := range stay {
			if got := inFull(t, s, op); !slices.Equal(got, before[i]) {
				t.Fatalf("%s, %q of %q reads\n%q\nit was\n%q", when, op.ID, op.Tenant, got, before[i])
			}
		}
	}
	if n := clearAll(t, s, 5, func(int) {}); n != 0 {
		t.Errorf("%d rows are cleared before anything is removed", n)
	}
	for _, op := range gone {
		remove(t, s, op.Tenant, op.ID)
	}
	stands("removed")
	calls := 0
	const limit, rows = 7, 2*(30+6+1) + 1
	all := clearAll(t, s, limit, func(taken int) {
		calls++
		if taken > 3*limit {
			t.Errorf("call %d took %d rows, asked for about %d", calls, taken, limit)
		}
		stands(fmt.Sprintf("after %d calls", calls))
	})
	if all != rows {
		t.Errorf("%d rows were cleared, want %d: what was scored again, the pieces and the operations", all, rows)
	}
	if calls < rows/(3*limit) {
		t.Errorf("everything was gone after %d calls", calls)
	}
	for _, op := range gone {
		nothingOf(t, s, op.Key)
		begin(t, s, op.Tenant, ofID(op.ID))
	}
	stands("with new ones of the same ids")
}

// operationsClearedTogether: those who clear at the same time, while others work, do not get into each other's way.
func operationsClearedTogether(t *testing.T, s store.Store) {
	names := many(t, s, "acme", 30)
	for i := range 4 {
		op := filled(t, s, "acme", fmt.Sprint("old ", i), 6, names)
		end(t, s, op.Key, isSucceeded, "", minute(3))
		remove(t, s, "acme", op.ID)
	}
	stays := run(t, s, "acme", "stays", slices.Repeat([]int{1}, savers)...)
	together(savers, func(i int) {
		if _, err := s.SavePiece(t.Context(), stays.Key, i, []byte(taskOf(i)), nil, minute(4)); err != nil {
			t.Errorf("SavePiece: %v", err)
		}
		for n := 1; n > 0; {
			var err error
			if n, err = s.ClearOperations(t.Context(), 3); err != nil {
				t.Errorf("ClearOperations: %v", err)
				return
			}
		}
	})
	if n := clearAll(t, s, 100, func(int) {}); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if got := byKey(t, s, stays.Key); got.Left != 0 || got.Done != savers || len(partsOf(t, s, stays.Key, -1, 100)) != savers {
		t.Errorf("the one that stays is %s", operationInWords(got))
	}
}
