package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportTransitionsCommand struct {
	Period wordFlag[cmiv1.Period] `placeholder:"LENGTH" help:"The step from one point in time to the next: day, week, month or quarter. Default: month."`
	reportWho
	From moment `group:"Which responses" placeholder:"TIME" help:"Where the first step begins. Default: twelve steps before the end."`
	To   moment `group:"Which responses" placeholder:"TIME" help:"Where the last step ends. Default: --as-of."`
	reportFlags
}

func (reportTransitionsCommand) Help() string {
	return `Counts how customers move between buckets, from one point of a grid of time to the next: each stands where the last score, not
older than 365 days, put it. That they will go on moving like this is not said.

  cmi report transitions
  cmi report transitions --period quarter --from 2025-01-01 --to 2026-07-01 --out moves.html`
}

func (c *reportTransitionsCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "transitions", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Transitions{Transitions: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.GetTransitions, request)
		},
	})
}

func (c *reportTransitionsCommand) request() *cmiv1.GetTransitionsRequest {
	return &cmiv1.GetTransitionsRequest{Filter: c.filter(reportWhen{c.From, c.To}), AsOf: c.AsOf.wire(), Grid: c.Period.is}
}
