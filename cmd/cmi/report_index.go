package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportIndexCommand struct {
	reportGroups
	Period    wordFlag[cmiv1.Period]    `placeholder:"LENGTH" help:"By day, week, month or quarter of submission. Default: all time is one."`
	Weighting wordFlag[cmiv1.Weighting] `placeholder:"HOW" help:"Count everybody the same (equal), or by key-weight: who has known the company for longer and meets it more often counts more. Default: equal."`
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportIndexCommand) Help() string {
	return `Shows the index of groups: the mean CMI and pillars, the shares of the buckets, how many have pillars that diverge or no CMI,
and how many of those invited responded, where invitations are recorded.

  cmi report index
  cmi report index --group-by lifecycle --group-by channel --weighting key-weight
  cmi report index --group-by segment:country --period quarter --from 2026-01-01 --out index.html`
}

func (c *reportIndexCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "index", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Index{Index: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.GetIndexReport, request)
		},
	})
}

func (c *reportIndexCommand) request() *cmiv1.GetIndexReportRequest {
	return &cmiv1.GetIndexReportRequest{
		Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), GroupBy: c.GroupBy, Period: c.Period.is, Unit: c.Unit.is, Weighting: c.Weighting.is,
	}
}
