package api

import (
	"context"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/insight"
)

type insightService struct {
	cmiv1.UnimplementedInsightServiceServer
	insight *insight.Insight
	runs    *insight.Runs
}

func (s *insightService) GetLoyaltyReport(ctx context.Context, r *cmiv1.GetLoyaltyReportRequest) (*cmiv1.GetLoyaltyReportResponse, error) {
	return s.insight.Loyalty(ctx, tenant(ctx), r)
}

func (s *insightService) CompareLoyalty(ctx context.Context, r *cmiv1.CompareLoyaltyRequest) (*cmiv1.CompareLoyaltyResponse, error) {
	return s.insight.CompareLoyalty(ctx, tenant(ctx), r)
}

func (s *insightService) GetLoyaltyMatrix(ctx context.Context, r *cmiv1.GetLoyaltyMatrixRequest) (*cmiv1.GetLoyaltyMatrixResponse, error) {
	return s.insight.Matrix(ctx, tenant(ctx), r)
}

func (s *insightService) GetIndexReport(ctx context.Context, r *cmiv1.GetIndexReportRequest) (*cmiv1.GetIndexReportResponse, error) {
	return s.insight.Index(ctx, tenant(ctx), r)
}

func (s *insightService) CompareWaves(ctx context.Context, r *cmiv1.CompareWavesRequest) (*cmiv1.CompareWavesResponse, error) {
	return s.insight.Waves(ctx, tenant(ctx), r)
}

func (s *insightService) CompareChannels(ctx context.Context, r *cmiv1.CompareChannelsRequest) (*cmiv1.CompareChannelsResponse, error) {
	return s.insight.Channels(ctx, tenant(ctx), r)
}

func (s *insightService) GetTransitions(ctx context.Context, r *cmiv1.GetTransitionsRequest) (*cmiv1.GetTransitionsResponse, error) {
	return s.insight.Transitions(ctx, tenant(ctx), r)
}

func (s *insightService) GetAnswerReport(ctx context.Context, r *cmiv1.GetAnswerReportRequest) (*cmiv1.GetAnswerReportResponse, error) {
	return s.insight.Answers(ctx, tenant(ctx), r)
}

func (s *insightService) AnalyzeDrivers(ctx context.Context, r *cmiv1.AnalyzeDriversRequest) (*cmiv1.AnalyzeDriversResponse, error) {
	analysis, started, err := s.runs.Drivers(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	if started == nil {
		return &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Analysis{Analysis: analysis}}, nil
	}
	op, err := operationToWire(started, nil)
	return &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Operation{Operation: op}}, err
}

func (s *insightService) LinkOutcomes(ctx context.Context, r *cmiv1.LinkOutcomesRequest) (*cmiv1.LinkOutcomesResponse, error) {
	return s.insight.Links(ctx, tenant(ctx), r)
}

func (s *insightService) ForecastRevenue(ctx context.Context, r *cmiv1.ForecastRevenueRequest) (*cmiv1.ForecastRevenueResponse, error) {
	return s.insight.Revenue(ctx, tenant(ctx), r)
}

func (s *insightService) RunReport(ctx context.Context, r *cmiv1.RunReportRequest) (*longrunningpb.Operation, error) {
	view, err := s.runs.Start(ctx, tenant(ctx), r)
	return operationToWire(view, err)
}
