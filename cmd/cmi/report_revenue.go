package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportRevenueCommand struct {
	Months *int32 `placeholder:"N" help:"Look so many months ahead, 1 to 60. Default: 12."`
	reportWho
	From moment `group:"Which responses" placeholder:"TIME" help:"From when on it is looked how many stayed. Default: twelve months before the end."`
	To   moment `group:"Which responses" placeholder:"TIME" help:"Until when it is looked how many stayed. Default: --as-of."`
	reportFlags
}

func (reportRevenueCommand) Help() string {
	return `Says what revenue to expect of the customers of each bucket, by what they spend in a month and how many were seen to stay from
one month to the next. The band is that of the retention alone: what customers spend may change too.

  cmi report revenue
  cmi report revenue --months 24 --out revenue.html`
}

func (c *reportRevenueCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "revenue", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Revenue{Revenue: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.ForecastRevenue, request)
		},
	})
}

func (c *reportRevenueCommand) request() *cmiv1.ForecastRevenueRequest {
	return &cmiv1.ForecastRevenueRequest{Filter: c.filter(reportWhen{c.From, c.To}), AsOf: c.AsOf.wire(), HorizonMonths: c.Months}
}
