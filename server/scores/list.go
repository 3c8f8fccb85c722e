package scores

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

// List answers a page of recorded scores, the latest submitted first.
func (s *Scores) List(ctx context.Context, tenant string, request *cmiv1.ListScoresRequest) (*cmiv1.ListScoresResponse, error) {
	kept, next, err := s.page(ctx, tenant, request, store.ResponseFilter{
		CustomerID:      request.GetCustomerId(),
		QuestionnaireID: request.GetQuestionnaireId(),
		Bucket:          request.GetBucket(),
		Status:          request.GetStatus(),
		IncludeVoid:     request.GetIncludeVoid(),
		ScoresOnly:      true,
	})
	if err != nil {
		return nil, err
	}
	result := &cmiv1.ListScoresResponse{NextPageToken: next}
	for _, k := range kept {
		result.Scores = append(result.Scores, k.Score)
	}
	return result, nil
}

// ListResponses answers a page of recorded responses, the latest submitted first.
func (s *Scores) ListResponses(ctx context.Context, tenant string, request *cmiv1.ListResponsesRequest) (*cmiv1.ListResponsesResponse, error) {
	kept, next, err := s.page(ctx, tenant, request, store.ResponseFilter{
		CustomerID:      request.GetCustomerId(),
		QuestionnaireID: request.GetQuestionnaireId(),
		IncludeVoid:     request.GetIncludeVoid(),
	})
	if err != nil {
		return nil, err
	}
	result := &cmiv1.ListResponsesResponse{NextPageToken: next}
	for _, k := range kept {
		result.Responses = append(result.Responses, recorded(k))
	}
	return result, nil
}

// period is what both lists say of time.
type period interface {
	page.List
	GetSubmittedFrom() *timestamppb.Timestamp
	GetSubmittedBefore() *timestamppb.Timestamp
}

// page reads one page of kept responses and the token of the next.
func (s *Scores) page(ctx context.Context, tenant string, request period, filter store.ResponseFilter) ([]*store.Kept, string, error) {
	var err error
	if filter.From, err = instant("submitted_from", request.GetSubmittedFrom()); err != nil {
		return nil, "", err
	}
	if filter.Before, err = instant("submitted_before", request.GetSubmittedBefore()); err != nil {
		return nil, "", err
	}
	var after store.Cursor
	resumed, err := page.Resume(request, &after)
	if err != nil {
		return nil, "", err
	}
	if resumed {
		filter.After = &after
	}
	size := page.Size(request)
	// One more than asked for tells whether there is a next page.
	kept, err := s.store.ListResponses(ctx, tenant, filter, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list responses: %w", err)
	}
	if len(kept) <= size {
		return kept, "", nil
	}
	kept = kept[:size]
	next, err := page.Next(request, kept[size-1].Cursor)
	if err != nil {
		return nil, "", fmt.Errorf("make page token: %w", err)
	}
	return kept, next, nil
}

// instant reads an optional time of a filter; the zero time stands for none.
func instant(field string, at *timestamppb.Timestamp) (time.Time, error) {
	if at == nil {
		return time.Time{}, nil
	}
	if err := at.CheckValid(); err != nil {
		return time.Time{}, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, "not a time between the years 1 and 9999")
	}
	return at.AsTime(), nil
}
