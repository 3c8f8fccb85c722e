package outcomes

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

// List answers a page of outcomes, the latest first.
func (o *Outcomes) List(ctx context.Context, tenant string, request *cmiv1.ListOutcomesRequest) (*cmiv1.ListOutcomesResponse, error) {
	filter, err := filterOf(request)
	if err != nil {
		return nil, err
	}
	kept, err := o.store.ListOutcomes(ctx, tenant, filter, page.Size(request)+1)
	if err != nil {
		return nil, fmt.Errorf("list outcomes: %w", err)
	}
	answer := &cmiv1.ListOutcomesResponse{}
	if kept, answer.NextPageToken, err = page.Cut(request, kept, func(k store.KeptOutcome) any { return k.Cursor }); err != nil {
		return nil, err
	}
	for _, k := range kept {
		answer.Outcomes = append(answer.Outcomes, k.Outcome)
	}
	return answer, nil
}

func filterOf(request *cmiv1.ListOutcomesRequest) (store.OutcomeFilter, error) {
	filter := store.OutcomeFilter{CustomerID: request.GetCustomerId(), Kind: request.GetKind()}
	var err error
	if filter.From, err = instant("occurred_from", request.GetOccurredFrom()); err != nil {
		return filter, err
	}
	if filter.Before, err = instant("occurred_before", request.GetOccurredBefore()); err != nil {
		return filter, err
	}
	var after store.Cursor
	resumed, err := page.Resume(request, &after)
	if resumed && err == nil {
		filter.After = &after
	}
	return filter, err
}

// instant reads an optional bound in whole microseconds; the zero time stands for none.
func instant(field string, at *timestamppb.Timestamp) (time.Time, error) {
	if at == nil {
		return time.Time{}, nil
	}
	if !at.IsValid() {
		return time.Time{}, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, timeWords)
	}
	return at.AsTime().Truncate(time.Microsecond), nil
}
