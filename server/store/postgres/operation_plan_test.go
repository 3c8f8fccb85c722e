package postgres

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// scoredAgain adds operations to a crowded store, the last of which scored every response again, and answers that one.
func scoredAgain(t *testing.T, s *Store) store.Operation {
	t.Helper()
	const size = 1000
	for i := range 200 {
		op := started(t, s, "acme", fmt.Sprint("old ", i), 10)
		if _, err := s.EndOperation(t.Context(), op.Key, cmiv1.OperationState_OPERATION_STATE_SUCCEEDED, nil, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	cut, err := s.CutResponses(t.Context(), "acme", store.ResponseCut{QuestionnaireID: "q"}, size)
	if err != nil {
		t.Fatal(err)
	}
	op := started(t, s, "acme", "all", len(cut)+1000)
	for i, slice := range cut {
		kept, err := s.ResponsesIn(t.Context(), "acme", slice)
		if err != nil {
			t.Fatal(err)
		}
		var again []store.Rescored
		for j, k := range kept {
			again = append(again, store.Rescored{Place: k.Cursor, Before: k.Score.GetBucket(), After: cmiv1.Bucket(j % 4), Score: []byte("score")})
		}
		if op, err = s.SavePiece(t.Context(), op.Key, i, []byte("part"), again, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.pool.Exec(t.Context(), "VACUUM ANALYZE operations, operation_pieces, rescored"); err != nil {
		t.Fatal(err)
	}
	return op
}

// started starts an operation with so many pieces.
func started(t *testing.T, s *Store, tenant, id string, pieces int) store.Operation {
	t.Helper()
	op, _, err := s.StartOperation(t.Context(), tenant, store.OperationStart{ID: id, Kind: "some", Request: []byte("request"), At: 1})
	if err == nil {
		op, err = s.PlanOperation(t.Context(), op.Key, make([]store.Piece, pieces), 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// TestPlansOfOperationsAreIndexWalks explains what is asked for while an operation goes on, as the planner sees it and not as it
// would like to.
func TestPlansOfOperationsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	op := scoredAgain(t, s)
	scope, err := s.numberScope(t.Context(), "acme", "q")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	e := &explaining{conn: tx, t: t}
	class := scope*form.PerScope + int64(form.ResponseClasses(store.ResponseFilter{})[5])
	customer := uuid(s.secret.Hash(form.OfCustomer, "acme", "c-7"))
	at := time.Unix(1_770_000_500, 0).UnixMicro()
	for _, asked := range []struct {
		text, by string // the index that it walks
		args     []any
	}{
		{cutClass, "Index Only Scan using responses_by_questionnaire", []any{class, int64(math.MinInt64), int64(math.MinInt64), int64(math.MaxInt64), int64(math.MaxInt64), 9}},
		{cutRest, "Index Only Scan using responses_by_questionnaire", []any{class, at, int64(7), at + 1e9, int64(5000)}},
		{findSlice, "responses_by_questionnaire", []any{class, at, int64(0), at + 1e8, int64(9), int64(math.MaxInt64), scope, "acme"}},
		{missingPieces, "operation_pieces_missing", []any{op.Key, 10}},
		{findPiece, "operation_pieces_pkey", []any{op.Key, 3}},
		{findParts, "operation_pieces_pkey", []any{op.Key, 3, 10}},
		{endPiece, "operation_pieces_pkey", []any{op.Key, 3, []byte("part")}},
		{countPiece, "operations_pkey", []any{op.Key, 1, int64(1)}},
		{keepRescored, "responses_pkey", []any{op.Key, []int32{1}, []int64{1}, [][]byte{{}}, int64(1), int64(1000)}},
		{listRescored, "rescored_pkey", []any{op.Key, int64(17), int64(500), 10}},
		{listRescoredOf, "rescored_by_response", []any{op.Key, customer, int64(0), movesAsked(store.RescoredFilter{}), 10}},
		{eraseRescored, "rescored_by_response", []any{customer}},
		{openOperations, "operations_open", []any{10}},
		{findOperation, "operations_tenant_id_key", []any{"acme", "all"}},
		{lockOperation, "operations_pkey", []any{op.Key}},
		{expireOperations, "operations_ended", []any{int64(100), 10}},
		{findRemoved, "operations_removed", nil},
		{clearRescored, "rescored_pkey", []any{op.Key, 10}},
		{clearPieces, "operation_pieces", []any{op.Key, 10}},
		{findProfiles, "customers_by_key", []any{[]pgtype.UUID{customer}}},
	} {
		e.explain(t.Context(), asked.text, asked.args)
		plan := e.plans[0][len(asked.text):]
		if !strings.Contains(plan, asked.by) {
			t.Errorf("%s does not walk %s:\n%s", asked.text, asked.by, plan)
		}
		few := []string{listRescoredOf, keepRescored, findParts} // of one customer, or of one operation
		if !slices.Contains(few, asked.text) && strings.Contains(plan, "Sort  (") {
			t.Errorf("%s is sorted:\n%s", asked.text, plan)
		}
		e.walks(asked.text)
	}
}
