package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// furnishOperations gives a tenant an operation in each state, with the same ids in every tenant. What they are about tells
// the tenants apart.
func furnishOperations(t *testing.T, s store.Store, tenant string) {
	t.Helper()
	for _, id := range []string{"pending", "ended", "expired", "running"} {
		op := begin(t, s, tenant, store.OperationStart{ID: id, Kind: "recompute", Request: []byte("of " + tenant), At: minute(len(tenant))})
		if id == "pending" {
			continue
		}
		plan(t, s, op.Key, pieces(1, 2+len(tenant), 3), minute(1))
		save(t, s, op.Key, 1, "of "+tenant, minute(2), anew(t, s, tenant, "x1", 1, 2, "of "+tenant), anew(t, s, tenant, "x2", 1, 1, "of "+tenant))
		switch id {
		case "ended":
			end(t, s, op.Key, isSucceeded, "of "+tenant, minute(5))
		case "expired":
			end(t, s, op.Key, isFailed, "of "+tenant, minute(3))
		}
	}
}

// keyOf is that of a tenant's operation. It is asked for behind the back of ctx, and of a store that cannot say it is any: the
// call that needs it is to say for itself that it cannot be served.
func keyOf(ctx context.Context, s store.Store, tenant, id string) int64 {
	op, err := s.Operation(context.WithoutCancel(ctx), tenant, id)
	if err != nil {
		return 1
	}
	return op.Key
}

// saidOf says an operation, or why there is none.
func saidOf(op store.Operation, err error) (string, error) { return operationInWords(op), err }

func visitsOfOperations() []visit {
	return []visit{
		{method: "Operation", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return saidOf(s.Operation(ctx, tenant, "ended"))
		}},
		{method: "OperationByKey", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return saidOf(s.OperationByKey(ctx, keyOf(ctx, s, tenant, "running")))
		}},
		{method: "ListOperations", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListOperations(ctx, tenant, store.OperationFilter{Ended: new(true)}, 10)
			return inTurn(page, operationInWords), err
		}},
		{method: "OpenOperations", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.OpenOperations(ctx, 100)
			words := ""
			for _, o := range all {
				if o.Tenant == tenant {
					words += "\n    " + operationInWords(o)
				}
			}
			return words, err
		}},
		{method: "PieceTask", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			task, done, err := s.PieceTask(ctx, keyOf(ctx, s, tenant, "running"), 1)
			return fmt.Sprintf("%s, %v", task, done), err
		}},
		{method: "MissingPieces", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return said(s.MissingPieces(ctx, keyOf(ctx, s, tenant, "running"), 10))
		}},
		{method: "Parts", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			parts, err := s.Parts(ctx, keyOf(ctx, s, tenant, "running"), -1, 10)
			return said(partsInWords(parts), err)
		}},
		{method: "ListRescored", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			page, err := s.ListRescored(ctx, tenant, store.RescoredFilter{Operation: keyOf(ctx, s, tenant, "running"), Customer: "ann"}, 10)
			return inTurn(page, listedRescoredInWords), err
		}},
		{method: "CutResponses", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := s.CutResponses(ctx, tenant, store.ResponseCut{QuestionnaireID: "onboarding"}, 1)
			return fmt.Sprint(len(all), " slices hold ", held(all)), err
		}},
		{method: "ResponsesIn", call: responsesInAll},
	}
}

// responsesInAll reads the slices of all tenants as one of them. They are found behind the back of ctx, as keyOf does.
func responsesInAll(ctx context.Context, s store.Store, tenant string) (string, error) {
	all := []store.ResponseSlice{{Class: 1, Last: 1}}
	for _, other := range []string{"acme", "globex", ""} {
		cut, err := s.CutResponses(context.WithoutCancel(ctx), other, store.ResponseCut{QuestionnaireID: "onboarding"}, 10)
		if err == nil {
			all = append(all, cut...)
		}
	}
	var words []string
	for _, slice := range all {
		read, err := s.ResponsesIn(ctx, tenant, slice)
		if err != nil {
			return "", err
		}
		for _, k := range read {
			words = append(words, keptInWords(k))
		}
	}
	slices.Sort(words) // they come in any order
	return inTurn(words, strings.Clone), nil
}

func visitsThatWork() []visit {
	return []visit{
		{method: "StartOperation", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			again, _, err := s.StartOperation(ctx, tenant, ofID("running"))
			if err != nil {
				return "", err
			}
			op, started, err := s.StartOperation(ctx, tenant, store.OperationStart{ID: "new", Kind: "new", Request: []byte("of " + tenant), At: minute(6)})
			return fmt.Sprint(operationInWords(again), operationInWords(op), started), err
		}},
		{method: "PlanOperation", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return saidOf(s.PlanOperation(ctx, keyOf(ctx, s, tenant, "pending"), pieces(len(tenant), 1), minute(7)))
		}},
		{method: "SavePiece", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			k, err := s.Response(context.WithoutCancel(ctx), tenant, "x1")
			if err != nil {
				k = &store.Kept{}
			}
			given := []store.Rescored{{Place: k.Cursor, Score: []byte("saved by " + tenant)}}
			return saidOf(s.SavePiece(ctx, keyOf(ctx, s, tenant, "pending"), 1, []byte("saved by "+tenant), given, minute(8)))
		}},
		{method: "SendJobs", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return "", s.SendJobs(ctx, []store.Job{{Operation: keyOf(ctx, s, tenant, "pending"), Piece: 0}})
		}},
		{method: "EndOperation", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			return saidOf(s.EndOperation(ctx, keyOf(ctx, s, tenant, "running"), isCancelled, []byte("by "+tenant), minute(9)))
		}},
	}
}
