package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportLoyaltyCommand struct {
	reportGroups
	Period wordFlag[cmiv1.Period] `placeholder:"LENGTH" help:"By day, week, month or quarter of submission. Default: all time is one."`
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportLoyaltyCommand) Help() string {
	return `Shows the loyalty metrics of groups, of each item of a questionnaire that is marked with one: NPS from -100 to 100 with the
adjusted Wald interval, CSAT as the share of the satisfied, CES as the mean answer from 1 to 7.

  cmi report loyalty --questionnaire airline
  cmi report loyalty --group-by segment:reason --out loyalty.html
  cmi report loyalty --group-by channel --period month --format csv > loyalty.csv`
}

func (c *reportLoyaltyCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "loyalty", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Loyalty{Loyalty: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.GetLoyaltyReport, request)
		},
	})
}

func (c *reportLoyaltyCommand) request() *cmiv1.GetLoyaltyReportRequest {
	return &cmiv1.GetLoyaltyReportRequest{
		Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), GroupBy: c.GroupBy, Period: c.Period.is, Unit: c.Unit.is,
	}
}
