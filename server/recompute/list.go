package recompute

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

// List answers a page of the scores that a recompute made, each beside the recorded one. OPERATION_NOT_DONE unless it has
// succeeded.
func (r *Recompute) List(ctx context.Context, tenant string, request *cmiv1.ListRecomputedScoresRequest) (*cmiv1.ListRecomputedScoresResponse, error) {
	op, err := r.succeeded(ctx, tenant, request.GetOperationId())
	if err != nil {
		return nil, err
	}
	filter := store.RescoredFilter{Operation: op.Key, Customer: request.GetCustomerId(), Moves: moves(request)}
	var after store.RescoredCursor
	resumed, err := page.Resume(request, &after)
	if err != nil {
		return nil, err
	}
	if resumed {
		filter.After = &after
	}
	result := &cmiv1.ListRecomputedScoresResponse{}
	if len(filter.Moves) == 0 {
		return result, nil
	}
	size := page.Size(request)
	// One more than asked for tells whether there is a next page.
	listed, err := r.store.ListRescored(ctx, tenant, filter, size+1)
	if errors.Is(err, store.ErrNotFound) { // deleted meanwhile
		return nil, operations.NotFound(op.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("list recomputed scores: %w", err)
	}
	if len(listed) > size {
		listed = listed[:size]
		if result.NextPageToken, err = page.Next(request, listed[size-1].Cursor); err != nil {
			return nil, fmt.Errorf("make page token: %w", err)
		}
	}
	for _, one := range listed {
		score, err := whole(one)
		if err != nil {
			return nil, err
		}
		result.Scores = append(result.Scores, &cmiv1.RecomputedScore{Recorded: one.Recorded, Recomputed: score})
	}
	return result, nil
}

// succeeded finds a recompute that has a result.
func (r *Recompute) succeeded(ctx context.Context, tenant, id string) (store.Operation, error) {
	op, err := r.store.Operation(ctx, tenant, id)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && op.Kind != kindName:
		return op, fault.Field(cmiv1.ErrorReason_OPERATION_NOT_FOUND, "operation_id", "there is no recompute %q", id)
	case err != nil:
		return op, fmt.Errorf("read an operation: %w", err)
	case op.State != cmiv1.OperationState_OPERATION_STATE_SUCCEEDED:
		return op, fault.Field(cmiv1.ErrorReason_OPERATION_NOT_DONE, "operation_id",
			"recompute %q %s; scores are listed of one that succeeded", id, inWords(op.State))
	}
	return op, nil
}

// inWords says to people what became of an operation that has no scores to list.
func inWords(state cmiv1.OperationState) string {
	switch state {
	case cmiv1.OperationState_OPERATION_STATE_FAILED:
		return "failed"
	case cmiv1.OperationState_OPERATION_STATE_CANCELLED:
		return "was cancelled"
	default:
		return "has not ended"
	}
}

// moves are those that a request asks for.
func moves(request *cmiv1.ListRecomputedScoresRequest) (list []store.Move) {
	for before := range cmiv1.Bucket(buckets) {
		for after := range cmiv1.Bucket(buckets) {
			switch {
			case request.GetBucketChanged() && before == after:
			case request.GetBucketBefore() != 0 && request.GetBucketBefore() != before:
			case request.GetBucketAfter() != 0 && request.GetBucketAfter() != after:
			default:
				list = append(list, store.Move{Before: before, After: after})
			}
		}
	}
	return list
}

// whole puts back what a kept score leaves to its recorded one.
func whole(one store.ListedRescored) (*cmiv1.Score, error) {
	score := &cmiv1.Score{}
	if err := proto.Unmarshal(one.Score, score); err != nil {
		return nil, fmt.Errorf("read a recomputed score: %w", err)
	}
	from := one.Recorded
	score.ResponseId, score.CustomerId, score.Channel, score.SubmittedAt = from.GetResponseId(), from.GetCustomerId(), from.GetChannel(), from.GetSubmittedAt()
	return score, nil
}
