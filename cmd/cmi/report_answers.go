package main

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportAnswersCommand struct {
	Item  string `arg:"" help:"The item."`
	Topic string `placeholder:"TOPIC" help:"List only texts about this topic."`
	Limit int    `default:"100" placeholder:"N" help:"List at most so many texts; 0 lists none."`
	reportGroups
	reportUnit
	reportWho
	reportWhen
	reportFlags
}

func (reportAnswersCommand) Help() string {
	return `Shows what was said to an item: how often each answer was given, the mean of numbers, the topics of texts with the CMI of those
who raised them and of the others, and the texts themselves.

  cmi report answers barrier --group-by lifecycle
  cmi report answers why --topic baggage --limit 20
  cmi report answers why --limit 0 --out topics.html`
}

// Validate refuses a number of texts that cannot be.
func (c *reportAnswersCommand) Validate() error {
	if c.Limit < 0 {
		return errors.New("--limit cannot be below 0")
	}
	return c.reportOut.Validate()
}

func (c *reportAnswersCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "answers", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Answers{Answers: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return c.pages(ctx, client, request)
		},
	})
}

// pages asks for the report, and for as many pages of texts as are wanted.
func (c *reportAnswersCommand) pages(ctx context.Context, client cmiv1.InsightServiceClient, request *cmiv1.GetAnswerReportRequest) (proto.Message, error) {
	next := proto.CloneOf(request)
	next.PageSize = pageOf(max(1, c.Limit), 0) // the service lists at least one
	answer, err := ask(ctx, c.running, client.GetAnswerReport, next)
	for err == nil && answer.GetNextPageToken() != "" && len(answer.GetTexts()) < c.Limit {
		next.PageToken, next.PageSize = answer.GetNextPageToken(), pageOf(c.Limit, len(answer.GetTexts()))
		var page *cmiv1.GetAnswerReportResponse
		if page, err = ask(ctx, c.running, client.GetAnswerReport, next); err == nil {
			answer.Texts, answer.NextPageToken = append(answer.Texts, page.GetTexts()...), page.GetNextPageToken()
		}
	}
	if err == nil && c.Limit == 0 {
		answer.Texts, answer.NextPageToken = nil, ""
	}
	return answer, err
}

func (c *reportAnswersCommand) request() *cmiv1.GetAnswerReportRequest {
	return &cmiv1.GetAnswerReportRequest{
		ItemId: c.Item, Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), GroupBy: c.GroupBy, Unit: c.Unit.is, Topic: c.Topic,
	}
}
