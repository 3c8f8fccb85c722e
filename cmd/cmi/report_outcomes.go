package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportOutcomesCommand struct {
	Kind       []wordFlag[cmiv1.OutcomeKind] `placeholder:"KIND" help:"Only this kind: renewed, churned, repurchased, premium-paid, referred, expanded, returned. May be given several times. Default: all."`
	WindowDays *int32                        `placeholder:"N" help:"How many days after a score an outcome counts. Default: 180."`
	Pillar     wordFlag[cmiv1.Pillar]        `placeholder:"PILLAR" help:"By thirds of this pillar: eci, bei, fii. Default: by bucket."`
	reportWho
	reportWhen
	reportFlags
}

func (reportOutcomesCommand) Help() string {
	return `Sets recorded outcomes against the scores before them: how often they came, how many times as often as in the other groups, and
what money came with them, by bucket or by thirds of a pillar.

  cmi report outcomes --kind renewed --kind churned
  cmi report outcomes --pillar fii --window-days 365 --out outcomes.html`
}

func (c *reportOutcomesCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "outcomes", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Outcomes{Outcomes: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.LinkOutcomes, request)
		},
	})
}

func (c *reportOutcomesCommand) request() *cmiv1.LinkOutcomesRequest {
	return &cmiv1.LinkOutcomesRequest{
		Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), Kinds: those(c.Kind), WindowDays: c.WindowDays, Pillar: c.Pillar.is,
	}
}
