package storetest

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

func operationStarts(t *testing.T, s store.Store) {
	op := begin(t, s, "acme", ofID("op"))
	if op.Key <= 0 {
		t.Errorf("got key %d, want one above 0", op.Key)
	}
	sameOperation(t, s, "started", op, store.Operation{
		Key: op.Key, Tenant: "acme", ID: "op", Kind: "recompute", Request: []byte("request of op"), State: isPending,
		CreatedAt: minute(0), ChangedAt: minute(0),
	})
	if later := begin(t, s, "acme", ofID("later")); later.Key <= op.Key {
		t.Errorf("the key of one that was started later is %d, not above %d", later.Key, op.Key)
	}
	whole := bytes.Repeat([]byte{0, 0xff, '"', '\n'}, 100_000)
	for id, request := range map[string][]byte{"none": nil, "empty": {}, "large": whole} {
		start := store.OperationStart{ID: id, Kind: "another kind", Request: request, At: -1}
		begin(t, s, "acme", start)
		got, err := s.Operation(t.Context(), "acme", id)
		if err != nil || !bytes.Equal(got.Request, request) || got.Kind != start.Kind || got.CreatedAt != -1 || got.ChangedAt != -1 {
			t.Errorf("%s: got %d bytes, kind %q, at %d and %d, %v", id, len(got.Request), got.Kind, got.CreatedAt, got.ChangedAt, err)
		}
	}
}

// operationStartsAgain: the same id answers the one that there is, whatever else is said, and however far it has come.
func operationStartsAgain(t *testing.T, s store.Store) {
	want := begin(t, s, "acme", ofID("op"))
	again := func(what string) {
		t.Helper()
		got, started, err := s.StartOperation(t.Context(), "acme", store.OperationStart{ID: "op", Kind: "other", Request: []byte("other"), At: minute(9)})
		if err != nil || started {
			t.Fatalf("%s: got %v, %v; want it not to start", what, started, err)
		}
		sameOperation(t, s, what, got, want)
	}
	again("pending")
	want = plan(t, s, want.Key, pieces(1, 2), minute(1))
	again("running")
	want = save(t, s, want.Key, 1, "part", minute(2))
	again("a piece saved")
	want = end(t, s, want.Key, isSucceeded, "outcome", minute(3))
	again("ended")
	if all := operations(t, s, "acme", store.OperationFilter{}, 10); len(all) != 1 {
		t.Errorf("%d operations are listed, want 1", len(all))
	}
}

// operationsOfTenants: two tenants with the same id have two operations.
func operationsOfTenants(t *testing.T, s store.Store) {
	acme := begin(t, s, "acme", ofID("op"))
	globex := begin(t, s, "globex", store.OperationStart{ID: "op", Kind: "other", Request: []byte("other"), At: minute(5)})
	if acme.Key == globex.Key {
		t.Fatalf("both have key %d", acme.Key)
	}
	acme = plan(t, s, acme.Key, pieces(1), minute(1))
	acme = save(t, s, acme.Key, 0, "of acme", minute(2))
	acme = end(t, s, acme.Key, isFailed, "of acme", minute(3))
	globex = plan(t, s, globex.Key, pieces(7, 8), minute(6))
	sameOperation(t, s, "of acme", acme, store.Operation{
		Key: acme.Key, Tenant: "acme", ID: "op", Kind: "recompute", Request: []byte("request of op"), State: isFailed, Total: 1, Done: 1,
		Outcome: []byte("of acme"), CreatedAt: minute(0), ChangedAt: minute(3), EndedAt: minute(3),
	})
	want := store.Operation{
		Key: globex.Key, Tenant: "globex", ID: "op", Kind: "other", Request: []byte("other"), State: isRunning, Total: 15, Left: 2,
		CreatedAt: minute(5), ChangedAt: minute(6),
	}
	sameOperation(t, s, "of globex", globex, want)
	remove(t, s, "acme", "op")
	sameOperation(t, s, "after the other tenant's was removed", globex, want)
	sameInts(t, "missing pieces of globex", missing(t, s, globex.Key, 10), 0, 1)
}

func operationMissing(t *testing.T, s store.Store) {
	key := run(t, s, "acme", "a", 1).Key
	begin(t, s, "ab", ofID("c"))
	for _, of := range [][2]string{{"acme", "A"}, {"acme ", "a"}, {"Acme", "a"}, {"globex", "a"}, {"a", "bc"}, {"abc", ""}, {"", "a"}} {
		tenant, id := of[0], of[1]
		if op, err := s.Operation(t.Context(), tenant, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q of %q: got %s, %v; want ErrNotFound", id, tenant, operationInWords(op), err)
		}
		if removed, err := s.RemoveOperation(t.Context(), tenant, id); removed || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("RemoveOperation %q of %q: got %v, %v; want ErrNotFound", id, tenant, removed, err)
		}
	}
	for _, unknown := range []int64{0, -1, key + 1000, math.MaxInt64, math.MinInt64} {
		nothingOf(t, s, unknown)
	}
	sameOperation(t, s, "after others were asked for", byKey(t, s, key), store.Operation{
		Key: key, Tenant: "acme", ID: "a", Kind: "recompute", Request: []byte("request of a"), State: isRunning, Total: 1, Left: 1,
		CreatedAt: minute(0), ChangedAt: minute(1),
	})
}

// nothingOf: no method knows an operation of this key.
func nothingOf(t *testing.T, s store.Store, key int64) {
	t.Helper()
	calls := map[string]func() error{
		"OperationByKey": func() error { _, err := s.OperationByKey(t.Context(), key); return err },
		"PlanOperation":  func() error { _, err := s.PlanOperation(t.Context(), key, pieces(1), minute(8)); return err },
		"PieceTask":      func() error { _, _, err := s.PieceTask(t.Context(), key, 0); return err },
		"SavePiece":      func() error { _, err := s.SavePiece(t.Context(), key, 0, []byte("late"), nil, minute(8)); return err },
		"EndOperation":   func() error { _, err := s.EndOperation(t.Context(), key, isFailed, nil, minute(8)); return err },
		"ListRescored": func() error {
			_, err := s.ListRescored(t.Context(), "acme", store.RescoredFilter{Operation: key}, 10)
			return err
		},
	}
	for method, call := range calls {
		if err := call(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s of key %d: got %v, want ErrNotFound", method, key, err)
		}
	}
	sameInts(t, "MissingPieces", missing(t, s, key, 10))
	sameWords(t, "Parts", partsOf(t, s, key, -1, 10))
}

func operationStartsTogether(t *testing.T, s store.Store) {
	for _, id := range []string{"one", "two", "three"} {
		var keys [callers]int64
		var starts [callers]bool
		together(callers, func(i int) {
			op, started, err := s.StartOperation(t.Context(), "acme", store.OperationStart{ID: id, Kind: "recompute", Request: []byte{byte(i)}, At: int64(i)})
			if err != nil {
				t.Errorf("StartOperation: %v", err)
			}
			if keys[i], starts[i] = op.Key, started; started != (op.CreatedAt == int64(i)) {
				t.Errorf("caller %d: started is %v, and it was created at %d", i, started, op.CreatedAt)
			}
		})
		started := 0
		for i := range callers {
			if starts[i] {
				started++
			}
			if keys[i] != keys[0] {
				t.Errorf("callers are answered keys %d and %d", keys[0], keys[i])
			}
		}
		if started != 1 {
			t.Errorf("%q was started %d times", id, started)
		}
	}
}
