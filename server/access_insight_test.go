package server_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// checkReports checks that the reports of a tenant, who recorded three responses, are about these alone.
func checkReports(ctx context.Context, t *testing.T, r *running, read func(name string, got proto.Message, err error)) {
	t.Helper()
	responses := cmiv1.Unit_UNIT_RESPONSE
	long := &cmiv1.TimeRange{From: timestamppb.New(time.Unix(0, 0)), To: timestamppb.New(time.Unix(1, 0))}
	recent := &cmiv1.TimeRange{From: long.GetTo(), To: timestamppb.New(now.AddDate(1, 0, 0))}
	index, err := r.insight().GetIndexReport(ctx, &cmiv1.GetIndexReportRequest{Unit: responses, GroupBy: []string{"account"}})
	read("GetIndexReport", index, err)
	if n := index.GetGroups()[0].GetCell().GetN(); len(index.GetGroups()) != 1 || n > 3 {
		t.Errorf("an index of %d groups, the first of %d responses", len(index.GetGroups()), n)
	}
	loyalty, err := r.insight().GetLoyaltyReport(ctx, &cmiv1.GetLoyaltyReportRequest{Unit: responses})
	read("GetLoyaltyReport", loyalty, err)
	compared, err := r.insight().CompareLoyalty(ctx, &cmiv1.CompareLoyaltyRequest{Metric: cmiv1.Metric_METRIC_NPS})
	read("CompareLoyalty", compared, err)
	matrix, err := r.insight().GetLoyaltyMatrix(ctx, &cmiv1.GetLoyaltyMatrixRequest{
		SatisfactionPillar: cmiv1.Pillar_PILLAR_ECI, List: cmiv1.Quadrant_QUADRANT_DEFECTOR,
	})
	read("GetLoyaltyMatrix", matrix, err)
	waves, err := r.insight().CompareWaves(ctx, &cmiv1.CompareWavesRequest{First: long, Second: recent})
	read("CompareWaves", waves, err)
	channels, err := r.insight().CompareChannels(ctx, &cmiv1.CompareChannelsRequest{})
	read("CompareChannels", channels, err)
	moves, err := r.insight().GetTransitions(ctx, &cmiv1.GetTransitionsRequest{})
	read("GetTransitions", moves, err)
	answers, err := r.insight().GetAnswerReport(ctx, &cmiv1.GetAnswerReportRequest{ItemId: "why", Unit: responses})
	read("GetAnswerReport", answers, err)
	if n := answers.GetGroups()[0].GetCell().GetN(); n > 3 || len(answers.GetTexts()) != 0 {
		t.Errorf("%d answers, with texts %v", n, answers.GetTexts())
	}
	drivers, err := r.insight().AnalyzeDrivers(ctx, &cmiv1.AnalyzeDriversRequest{
		Target:     &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Cmi{Cmi: true}},
		Predictors: []*cmiv1.DriverPredictor{{ItemIds: []string{"trust"}}},
	})
	read("AnalyzeDrivers", drivers, err)
	links, err := r.insight().LinkOutcomes(ctx, &cmiv1.LinkOutcomesRequest{WindowDays: proto.Int32(1)})
	read("LinkOutcomes", links, err)
	revenue, err := r.insight().ForecastRevenue(ctx, &cmiv1.ForecastRevenueRequest{})
	read("ForecastRevenue", revenue, err)
	op, err := r.insight().RunReport(ctx, &cmiv1.RunReportRequest{
		OperationId: "same", Report: &cmiv1.RunReportRequest_Channels{Channels: &cmiv1.CompareChannelsRequest{}},
	})
	read("RunReport", op, err)
}
