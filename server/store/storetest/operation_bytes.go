package storetest

import (
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// operationBytes: given ones may be changed afterwards, and answered ones belong to the caller.
func operationBytes(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1"))
	request, task, part, score, outcome := []byte("request"), []byte("task"), []byte("part"), []byte("score"), []byte("outcome")
	again := anew(t, s, "acme", "r-1", 1, 2, "")
	again.Score = score
	op := begin(t, s, "acme", store.OperationStart{ID: "op", Kind: "recompute", Request: request, At: minute(0)})
	steps := []func() (store.Operation, error){
		func() (store.Operation, error) {
			return s.PlanOperation(t.Context(), op.Key, []store.Piece{{Task: task, Units: 1}}, minute(1))
		},
		func() (store.Operation, error) {
			return s.SavePiece(t.Context(), op.Key, 0, part, []store.Rescored{again}, minute(2))
		},
		func() (store.Operation, error) {
			return s.EndOperation(t.Context(), op.Key, isSucceeded, outcome, minute(3))
		},
	}
	for _, step := range steps {
		clear(op.Request)
		var err error
		if op, err = step(); err != nil {
			t.Fatal(err)
		}
	}
	want := store.Operation{
		Key: op.Key, Tenant: "acme", ID: "op", Kind: "recompute", Request: []byte("request"), State: isSucceeded, Total: 1, Done: 1,
		Outcome: []byte("outcome"), CreatedAt: minute(0), ChangedAt: minute(3), EndedAt: minute(3),
	}
	all := store.RescoredFilter{Operation: op.Key}
	for _, given := range [][]byte{request, task, part, score, outcome} {
		clear(given)
	}
	for range 2 {
		kept := byKey(t, s, op.Key)
		sameOperation(t, s, "scribbled", kept, want)
		clear(kept.Request)
		clear(kept.Outcome)
		listed := operations(t, s, "acme", store.OperationFilter{}, 1)[0]
		clear(listed.Request)
		clear(listed.Outcome)

		answered, _, err := s.PieceTask(t.Context(), op.Key, 0)
		if err != nil || string(answered) != "task" {
			t.Errorf("the task is %q, %v", answered, err)
		}
		clear(answered)
		parts, err := s.Parts(t.Context(), op.Key, -1, 1)
		if err != nil {
			t.Fatal(err)
		}
		sameWords(t, "parts", partsInWords(parts), "0: part")
		clear(parts[0].Body)
		page := listRescored(t, s, "acme", all, 1)
		sameWords(t, "scored again", rescoredInWords(page), "r-1 score")
		same(t, "recorded score", page[0].Recorded, entry("r-1").Score)
		clear(page[0].Score)
		scribble(nil, page[0].Recorded)
	}
}
