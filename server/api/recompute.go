package api

import (
	"context"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func (s *scoringService) RecomputeScores(ctx context.Context, r *cmiv1.RecomputeScoresRequest) (*longrunningpb.Operation, error) {
	view, err := s.recompute.Start(ctx, tenant(ctx), r)
	return operationToWire(view, err)
}

func (s *scoringService) ListRecomputedScores(ctx context.Context, r *cmiv1.ListRecomputedScoresRequest) (*cmiv1.ListRecomputedScoresResponse, error) {
	return s.recompute.List(ctx, tenant(ctx), r)
}
