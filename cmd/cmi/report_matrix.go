package main

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type reportMatrixCommand struct {
	reportGroups
	SatisfactionCut    *float64                 `placeholder:"SCORE" help:"From where on satisfaction is high, 0 to 100. Default: 70."`
	LoyaltyCut         *float64                 `placeholder:"SCORE" help:"From where on loyalty is high, 0 to 100. Default: 70."`
	SatisfactionItem   []string                 `placeholder:"ID" help:"Take satisfaction from this item. May be given several times. Default: the items marked with CSAT."`
	SatisfactionPillar wordFlag[cmiv1.Pillar]   `placeholder:"PILLAR" help:"Take satisfaction from this pillar: eci, bei, fii."`
	LoyaltyItem        []string                 `placeholder:"ID" help:"Take loyalty from this item. May be given several times. Default: --loyalty-pillar."`
	LoyaltyPillar      wordFlag[cmiv1.Pillar]   `placeholder:"PILLAR" help:"Take loyalty from this pillar. Default: fii."`
	List               wordFlag[cmiv1.Quadrant] `placeholder:"WHO" help:"List the customers in this quadrant: loyalist, mercenary (happy but leaving), hostage (loyal but unhappy), defector."`
	Limit              int                      `placeholder:"N" help:"List at most so many customers. Default: all."`
	reportWho
	reportWhen
	reportFlags
}

func (reportMatrixCommand) Help() string {
	return `Sets satisfaction against loyalty: loyalists have both, mercenaries are happy but leaving, hostages loyal but unhappy, defectors
have neither. With --list it names the customers of one of the four, to act on.

  cmi report matrix --questionnaire airline --group-by segment:reason
  cmi report matrix --satisfaction-item CUSA1 --satisfaction-item CUSA2 --loyalty-item CUSL1 --satisfaction-cut 60
  cmi report matrix --list mercenary --out leaving.csv`
}

// Validate refuses a list that nobody would get.
func (c *reportMatrixCommand) Validate() error {
	switch {
	case c.List.is != 0 && c.Operation != "":
		return errors.New("--list does not go with --operation: an operation lists nobody")
	case c.List.is == 0 && c.Limit != 0:
		return errors.New("--limit is for --list")
	case c.Limit < 0:
		return errors.New("--limit cannot be below 0")
	}
	return c.reportOut.Validate()
}

func (c *reportMatrixCommand) Run(ctx context.Context, s streams) error {
	request := c.request()
	return c.run(ctx, s, reporting{
		name: "matrix", request: request, operation: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Matrix{Matrix: request}},
		ask: func(ctx context.Context, client cmiv1.InsightServiceClient) (proto.Message, error) {
			return c.pages(ctx, client, request)
		},
	})
}

// pages asks for the report, and for as many pages of its list as are wanted.
func (c *reportMatrixCommand) pages(ctx context.Context, client cmiv1.InsightServiceClient, request *cmiv1.GetLoyaltyMatrixRequest) (proto.Message, error) {
	next := proto.CloneOf(request)
	if c.List.is != 0 {
		next.PageSize = pageOf(c.Limit, 0)
	}
	answer, err := ask(ctx, c.running, client.GetLoyaltyMatrix, next)
	for err == nil && answer.GetNextPageToken() != "" && (c.Limit == 0 || len(answer.GetCustomers()) < c.Limit) {
		next.PageToken, next.PageSize = answer.GetNextPageToken(), pageOf(c.Limit, len(answer.GetCustomers()))
		var page *cmiv1.GetLoyaltyMatrixResponse
		if page, err = ask(ctx, c.running, client.GetLoyaltyMatrix, next); err == nil {
			answer.Customers, answer.NextPageToken = append(answer.Customers, page.GetCustomers()...), page.GetNextPageToken()
		}
	}
	return answer, err
}

// pageOf is how many to ask for at once, where so many are wanted and so many there are; 0 wants all.
func pageOf(limit, have int) int32 {
	const most = 1000
	if limit == 0 {
		return most
	}
	return int32(min(most, limit-have))
}

func (c *reportMatrixCommand) request() *cmiv1.GetLoyaltyMatrixRequest {
	return &cmiv1.GetLoyaltyMatrixRequest{
		Filter: c.filter(c.reportWhen), AsOf: c.AsOf.wire(), GroupBy: c.GroupBy, SatisfactionCut: c.SatisfactionCut, LoyaltyCut: c.LoyaltyCut,
		SatisfactionItems: c.SatisfactionItem, SatisfactionPillar: c.SatisfactionPillar.is, LoyaltyItems: c.LoyaltyItem,
		LoyaltyPillar: c.LoyaltyPillar.is, List: c.List.is,
	}
}
