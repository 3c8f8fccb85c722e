package storetest

import (
	"errors"
	"fmt"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// operationEndsOnce: from wherever it stands, an operation ends once.
func operationEndsOnce(t *testing.T, s store.Store) {
	for i, state := range []cmiv1.OperationState{isSucceeded, isFailed, isCancelled} {
		for _, planned := range []bool{false, true} {
			want := begin(t, s, "acme", ofID(fmt.Sprintf("op-%d-%v", i, planned)))
			if planned {
				plan(t, s, want.Key, pieces(2, 3), minute(1))
				want = save(t, s, want.Key, 1, "part", minute(2))
			}
			want.State, want.Outcome, want.ChangedAt, want.EndedAt = state, []byte("outcome\x00\xff"), minute(3), minute(3)
			sameOperation(t, s, "ended", end(t, s, want.Key, state, "outcome\x00\xff", minute(3)), want)
			for _, again := range []cmiv1.OperationState{isSucceeded, isFailed, isCancelled} {
				sameOperation(t, s, "ended again", end(t, s, want.Key, again, "another", minute(4)), want)
			}
			if planned {
				sameWords(t, "parts", partsOf(t, s, want.Key, -1, 10), "1: part")
			}
		}
	}
	op := begin(t, s, "acme", ofID("nothing to say"))
	got, err := s.EndOperation(t.Context(), op.Key, isFailed, nil, minute(1))
	if err != nil || len(got.Outcome) != 0 || got.State != isFailed {
		t.Errorf("without an outcome: got %s, %v", operationInWords(got), err)
	}
}

// operationRemoved: only what ended is removed; then nobody sees it, and its id is free for a new one, with a key that was
// never used.
func operationRemoved(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1"))
	beside := run(t, s, "acme", "beside", 1)
	for _, id := range []string{"pending", "running"} {
		op := begin(t, s, "acme", ofID(id))
		if id == "running" {
			op = plan(t, s, op.Key, pieces(1), minute(1))
		}
		if removed, err := s.RemoveOperation(t.Context(), "acme", id); removed || err != nil {
			t.Errorf("one that is %s: got %v, %v; want it not to be removed", id, removed, err)
		}
		sameOperation(t, s, id, op, op)
	}
	for _, cleared := range []bool{false, true} {
		old := run(t, s, "acme", "op", 1, 1)
		save(t, s, old.Key, 0, "old", minute(2), anew(t, s, "acme", "r-1", 1, 2, "old"))
		end(t, s, old.Key, isSucceeded, "old", minute(3))
		remove(t, s, "acme", "op")
		gone := func() {
			t.Helper()
			nothingOf(t, s, old.Key)
			if op, err := s.Operation(t.Context(), "acme", "op"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Operation: got %s, %v; want ErrNotFound", operationInWords(op), err)
			}
			if removed, err := s.RemoveOperation(t.Context(), "acme", "op"); removed || !errors.Is(err, store.ErrNotFound) {
				t.Errorf("removed again: got %v, %v; want ErrNotFound", removed, err)
			}
			sameNames(t, "listed", operationIDs(operations(t, s, "acme", store.OperationFilter{}, 10)), "beside", "pending", "running")
			sameNames(t, "open", open(t, s, 10), "acme/beside", "acme/pending", "acme/running")
		}
		gone()
		if cleared {
			clearAll(t, s, 100, func(int) {})
			gone()
		}
		fresh := begin(t, s, "acme", store.OperationStart{ID: "op", Kind: "new", Request: []byte("new"), At: minute(5)})
		if fresh.Key <= old.Key {
			t.Errorf("the new one has key %d, the old one had %d", fresh.Key, old.Key)
		}
		want := store.Operation{
			Key: fresh.Key, Tenant: "acme", ID: "op", Kind: "new", Request: []byte("new"), State: isPending, CreatedAt: minute(5), ChangedAt: minute(5),
		}
		sameOperation(t, s, "new", fresh, want)
		nothingOf(t, s, old.Key)
		clearAll(t, s, 100, func(int) {})
		sameOperation(t, s, "new, once the old one was cleared", fresh, want)
		sameWords(t, "rescored", rescored(t, s, "acme", store.RescoredFilter{Operation: fresh.Key}, 10))
		end(t, s, fresh.Key, isCancelled, "", minute(6))
		remove(t, s, "acme", "op")
	}
	sameOperation(t, s, "beside", beside, beside)
}

func operationsExpire(t *testing.T, s store.Store) {
	for i, tenant := range []string{"acme", "globex", "acme", "globex", "acme"} {
		id := fmt.Sprintf("op-%d", i)
		end(t, s, run(t, s, tenant, id, 1).Key, isSucceeded, "", minute(10+i))
	}
	run(t, s, "acme", "running", 1)
	begin(t, s, "globex", ofID("pending"))
	left := func() []string {
		return append(operationIDs(operations(t, s, "acme", store.OperationFilter{}, 100)),
			operationIDs(operations(t, s, "globex", store.OperationFilter{}, 100))...)
	}
	for _, step := range []struct {
		before      int64
		limit, want int
		left        []string
	}{
		{minute(10), 100, 0, []string{"op-0", "op-1", "op-2", "op-3", "op-4"}},
		{minute(10) + 1, 100, 1, []string{"op-1", "op-2", "op-3", "op-4"}},
		{minute(12), 0, 0, []string{"op-1", "op-2", "op-3", "op-4"}},
		{minute(12), 100, 1, []string{"op-2", "op-3", "op-4"}},
		{minute(9), 100, 0, []string{"op-2", "op-3", "op-4"}},
		{minute(14), 1, 1, nil},
		{minute(14), 1, 1, []string{"op-4"}},
		{minute(14), 1, 0, []string{"op-4"}},
		{minute(1_000_000), 100, 1, []string{}},
		{minute(1_000_000), 100, 0, []string{}},
	} {
		if n, err := s.ExpireOperations(t.Context(), step.before, step.limit); n != step.want || err != nil {
			t.Errorf("before %d, up to %d: got %d, %v; want %d", step.before, step.limit, n, err, step.want)
		}
		if step.left != nil {
			sameNames(t, fmt.Sprintf("left of those that ended before %d", step.before), left(), append(step.left, "running", "pending")...)
		}
	}
	if fresh := begin(t, s, "acme", ofID("op-0")); fresh.State != isPending {
		t.Errorf("the id of one that expired is not free: %s", operationInWords(fresh))
	}
	if n, err := s.ExpireOperations(t.Context(), minute(1_000_000), 100); n != 0 || err != nil {
		t.Errorf("expired with a new one: got %d, %v; want 0", n, err)
	}
}
