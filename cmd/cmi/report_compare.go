package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportCompareCommand struct {
	Metric wordFlag[cmiv1.Metric] `arg:"" help:"The metric: nps, csat or ces."`
	First  []string               `required:"" placeholder:"WAY=VALUE" help:"The first group: audience, lifecycle, channel, questionnaire, account or segment:KEY, and what it is. May be given several times; all must hold."`
	Second []string               `placeholder:"WAY=VALUE" help:"The second group. Default: all."`
	Item   string                 `placeholder:"ID" help:"The item. Default: the only one that carries the metric."`
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportCompareCommand) Help() string {
	return `Compares a loyalty metric of two groups: both with their intervals, the difference with its interval, and how likely one at
least as large is where the two do not differ. What else is said about responses holds for both groups.

  cmi report compare nps --first segment:reason=business --second segment:reason=leisure
  cmi report compare csat --first channel=online --second channel=mobile-app --from 2026-01-01`
}

// Validate refuses groups that cannot be understood.
func (c *reportCompareCommand) Validate() error {
	if _, err := c.request(); err != nil {
		return err
	}
	return c.reportOut.Validate()
}

func (c *reportCompareCommand) Run(ctx context.Context, s streams) error {
	request, err := c.request()
	if err != nil {
		return err
	}
	return c.run(ctx, s, reporting{
		name: "compare", request: request,
		operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_LoyaltyComparison{LoyaltyComparison: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return ask(ctx, c.running, client.CompareLoyalty, request)
		},
	})
}

func (c *reportCompareCommand) request() (*cmiv1.CompareLoyaltyRequest, error) {
	request := &cmiv1.CompareLoyaltyRequest{
		First: c.filter(c.reportWhen), Second: c.filter(c.reportWhen), Metric: c.Metric.is, ItemId: c.Item, AsOf: c.AsOf.wire(), Unit: c.Unit.is,
	}
	for _, group := range []struct {
		filter *cmiv1.ReportFilter
		said   []string
	}{{request.GetFirst(), c.First}, {request.GetSecond(), c.Second}} {
		for _, said := range group.said {
			if err := narrow(group.filter, said); err != nil {
				return nil, err
			}
		}
	}
	return request, nil
}

// narrow adds a condition, such as channel=online, to a filter.
func narrow(f *cmiv1.ReportFilter, said string) (err error) {
	way, value, found := strings.Cut(said, "=")
	if !found || value == "" {
		return fmt.Errorf("%q is not a group, such as channel=online or segment:country=ch", said)
	}
	segment, isSegment := strings.CutPrefix(way, "segment:")
	switch {
	case isSegment:
		all := make(map[string]string)
		maps.Copy(all, f.GetSegments())
		all[segment] = value
		f.Segments = all // that of the other group is left alone
	case way == "questionnaire":
		f.QuestionnaireIds = []string{value}
	case way == "account":
		f.AccountId = value
	case way == "audience":
		f.Audience, err = report.ParseWord[cmiv1.Audience](value)
	case way == "lifecycle":
		f.Lifecycle, err = report.ParseWord[cmiv1.Lifecycle](value)
	case way == "channel":
		var channel cmiv1.Channel
		channel, err = report.ParseWord[cmiv1.Channel](value)
		f.Channels = []cmiv1.Channel{channel}
	default:
		err = fmt.Errorf("%q is not a way to group; audience, lifecycle, channel, questionnaire, account and segment:KEY are", way)
	}
	return err
}
