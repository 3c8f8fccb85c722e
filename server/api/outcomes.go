package api

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/outcomes"
)

type outcomeService struct {
	cmiv1.UnimplementedOutcomeServiceServer
	outcomes *outcomes.Outcomes
}

func (s *outcomeService) RecordOutcomes(ctx context.Context, r *cmiv1.RecordOutcomesRequest) (*cmiv1.RecordOutcomesResponse, error) {
	recorded, err := s.outcomes.Record(ctx, tenant(ctx), r.GetOutcomes(), "outcomes")
	if err != nil {
		return nil, err
	}
	answer := &cmiv1.RecordOutcomesResponse{Results: make([]*cmiv1.OutcomeResult, len(recorded))}
	for i, one := range recorded {
		answer.Results[i] = &cmiv1.OutcomeResult{
			OutcomeId: r.GetOutcomes()[i].GetOutcomeId(), Replayed: one.Replayed, Error: errs.ForCall(ctx, one.Err).Proto(),
		}
	}
	return answer, nil
}

func (s *outcomeService) ListOutcomes(ctx context.Context, r *cmiv1.ListOutcomesRequest) (*cmiv1.ListOutcomesResponse, error) {
	return s.outcomes.List(ctx, tenant(ctx), r)
}

func (s *outcomeService) RecordInvitations(ctx context.Context, r *cmiv1.RecordInvitationsRequest) (*cmiv1.RecordInvitationsResponse, error) {
	return s.outcomes.RecordInvitations(ctx, tenant(ctx), r)
}
