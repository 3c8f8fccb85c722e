package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportChannelsCommand struct {
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportChannelsCommand) Help() string {
	return `Compares face-to-face, online and mobile app: the mean CMI as it is, and as it would be if all channels had the same audience.

  cmi report channels
  cmi report channels --from 2026-01-01 --out channels.html`
}

func (c *reportChannelsCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "channels", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Channels{Channels: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.CompareChannels, request)
		},
	})
}

func (c *reportChannelsCommand) request() *cmiv1.CompareChannelsRequest {
	return &cmiv1.CompareChannelsRequest{Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), Unit: c.Unit.is}
}
