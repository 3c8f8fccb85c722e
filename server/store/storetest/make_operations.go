package storetest

import (
	"fmt"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// What the states of operations are called here.
const (
	isPending   = cmiv1.OperationState_OPERATION_STATE_PENDING
	isRunning   = cmiv1.OperationState_OPERATION_STATE_RUNNING
	isSucceeded = cmiv1.OperationState_OPERATION_STATE_SUCCEEDED
	isFailed    = cmiv1.OperationState_OPERATION_STATE_FAILED
	isCancelled = cmiv1.OperationState_OPERATION_STATE_CANCELLED
)

// minute is the nth one after noon, in microseconds: operations take their time.
func minute(n int) int64 { return noon().UnixMicro() + int64(n)*60_000_000 }

// ofID is an ordinary operation to start.
func ofID(id string) store.OperationStart {
	return store.OperationStart{ID: id, Kind: "recompute", Request: []byte("request of " + id), At: minute(0)}
}

// begin starts an operation that must be new.
func begin(t *testing.T, s store.Store, tenant string, start store.OperationStart) store.Operation {
	t.Helper()
	op, started, err := s.StartOperation(t.Context(), tenant, start)
	if err != nil {
		t.Fatalf("StartOperation %q: %v", start.ID, err)
	}
	if !started {
		t.Fatalf("StartOperation %q: there was one already: %s", start.ID, operationInWords(op))
	}
	return op
}

// taskOf is what the nth piece of the suite's plans is about.
func taskOf(piece int) string { return fmt.Sprintf("task %d", piece) }

// pieces makes one for each number of units.
func pieces(units ...int) []store.Piece {
	var all []store.Piece
	for i, n := range units {
		all = append(all, store.Piece{Task: []byte(taskOf(i)), Units: n})
	}
	return all
}

func plan(t *testing.T, s store.Store, key int64, all []store.Piece, at int64) store.Operation {
	t.Helper()
	op, err := s.PlanOperation(t.Context(), key, all, at)
	if err != nil {
		t.Fatalf("PlanOperation: %v", err)
	}
	return op
}

// run starts an operation and plans it: it has a piece of each number of units.
func run(t *testing.T, s store.Store, tenant, id string, units ...int) store.Operation {
	t.Helper()
	return plan(t, s, begin(t, s, tenant, ofID(id)).Key, pieces(units...), minute(1))
}

// save saves a piece whose part says part.
func save(t *testing.T, s store.Store, key int64, piece int, part string, at int64, rescored ...store.Rescored) store.Operation {
	t.Helper()
	op, err := s.SavePiece(t.Context(), key, piece, []byte(part), rescored, at)
	if err != nil {
		t.Fatalf("SavePiece %d: %v", piece, err)
	}
	return op
}

func end(t *testing.T, s store.Store, key int64, state cmiv1.OperationState, outcome string, at int64) store.Operation {
	t.Helper()
	op, err := s.EndOperation(t.Context(), key, state, []byte(outcome), at)
	if err != nil {
		t.Fatalf("EndOperation: %v", err)
	}
	return op
}

// remove removes an operation that has ended.
func remove(t *testing.T, s store.Store, tenant, id string) {
	t.Helper()
	if removed, err := s.RemoveOperation(t.Context(), tenant, id); err != nil || !removed {
		t.Fatalf("RemoveOperation %q: got %v, %v; want it removed", id, removed, err)
	}
}

// clearAll clears until nothing is left, some rows a call, and answers how many rows that were.
func clearAll(t *testing.T, s store.Store, limit int, between func(taken int)) int {
	t.Helper()
	for all, calls := 0, 0; ; calls++ {
		n, err := s.ClearOperations(t.Context(), limit)
		if err != nil || n < 0 || calls > 100_000 {
			t.Fatalf("ClearOperations, call %d: got %d, %v", calls, n, err)
		}
		between(n)
		if n == 0 {
			return all
		}
		all += n
	}
}

// byKey reads an operation that must be there.
func byKey(t *testing.T, s store.Store, key int64) store.Operation {
	t.Helper()
	op, err := s.OperationByKey(t.Context(), key)
	if err != nil {
		t.Fatalf("OperationByKey: %v", err)
	}
	return op
}

func missing(t *testing.T, s store.Store, key int64, limit int) []int {
	t.Helper()
	numbers, err := s.MissingPieces(t.Context(), key, limit)
	if err != nil {
		t.Fatalf("MissingPieces: %v", err)
	}
	return numbers
}

// partsOf puts a page of parts in words.
func partsOf(t *testing.T, s store.Store, key int64, after, limit int) []string {
	t.Helper()
	parts, err := s.Parts(t.Context(), key, after, limit)
	if err != nil {
		t.Fatalf("Parts: %v", err)
	}
	return partsInWords(parts)
}

func partsInWords(parts []store.Part) []string {
	var words []string
	for _, p := range parts {
		words = append(words, fmt.Sprintf("%d: %s", p.Piece, p.Body))
	}
	return words
}

// operationInWords says all of an operation but its key, which is the store's affair.
func operationInWords(o store.Operation) string {
	return fmt.Sprintf("%q of %q (%q, %q) %s, %d units, %d done, %d pieces left, outcome %q, created %d, changed %d, ended %d",
		o.ID, o.Tenant, o.Kind, o.Request, o.State, o.Total, o.Done, o.Left, o.Outcome, o.CreatedAt, o.ChangedAt, o.EndedAt)
}

// sameOperation compares what a call answers, and what is kept, with what is wanted.
func sameOperation(t *testing.T, s store.Store, what string, got, want store.Operation) {
	t.Helper()
	kept := byKey(t, s, want.Key)
	named, err := s.Operation(t.Context(), want.Tenant, want.ID)
	if err != nil {
		t.Fatalf("%s: Operation %q: %v", what, want.ID, err)
	}
	for i, o := range []store.Operation{got, kept, named} {
		if operationInWords(o) != operationInWords(want) || o.Key != want.Key {
			t.Errorf("%s, %s:\n  got  %d: %s\n  want %d: %s", what, []string{"answered", "by its key", "by its id"}[i],
				o.Key, operationInWords(o), want.Key, operationInWords(want))
		}
	}
}

// sameInts compares numbers in their order; none is none, whatever its form.
func sameInts(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// sameWords compares words in their order.
func sameWords(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}
