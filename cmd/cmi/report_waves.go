package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportWavesCommand struct {
	First     spanFlag                  `required:"" placeholder:"FROM..TO" help:"The earlier period, such as 2026-01-01..2026-04-01; its end does not belong to it."`
	Second    spanFlag                  `required:"" placeholder:"FROM..TO" help:"The later period."`
	MixBy     string                    `placeholder:"WAY" help:"Split the difference into who answered and what they answered by this: audience, lifecycle, channel, category, questionnaire, account, segment:KEY. Default: channel."`
	Weighting wordFlag[cmiv1.Weighting] `placeholder:"HOW" help:"Count everybody the same (equal), or by key-weight. Default: equal."`
	reportWho
	reportFlags
}

func (reportWavesCommand) Help() string {
	return `Compares two periods: the CMI of the same customers, that of all, and how much of the difference is who answered (mix) and how
much is what they answered (change).

  cmi report waves --first 2026-01-01..2026-04-01 --second 2026-04-01..2026-07-01
  cmi report waves --first 2025-01-01..2026-01-01 --second 2026-01-01..2027-01-01 --mix-by segment:country --out waves.html`
}

func (c *reportWavesCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "waves", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Waves{Waves: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.CompareWaves, request)
		},
	})
}

func (c *reportWavesCommand) request() *cmiv1.CompareWavesRequest {
	return &cmiv1.CompareWavesRequest{
		Filter: c.filter(reportWhen{}), AsOf: c.AsOf.wire(), First: c.First.wire(), Second: c.Second.wire(), MixBy: c.MixBy, Weighting: c.Weighting.is,
	}
}
