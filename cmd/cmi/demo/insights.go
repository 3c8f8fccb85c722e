package demo

import (
	"context"

	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The segment of the survey that says why customers fly, and two of its values.
const purposeSegment, onBusiness, forLeisure = "purpose", "Business", "Leisure"

// Insights is what the reports of the service say about the whole survey.
type Insights struct {
	Survey *wholeSurvey
	// Loyalty is of all customers.
	Loyalty *cmiv1.LoyaltyGroup
	// Purposes and Flyers compare the NPS of two groups.
	Purposes, Flyers Pair
	// Matrix is how many are loyal, satisfied, both or neither; SatisfactionItems are what satisfaction is taken from.
	Matrix            *cmiv1.LoyaltyMatrix
	SatisfactionItems []string
	// Hostages are loyal but unhappy, Mercenaries happy but leaving.
	Hostages, Mercenaries []*cmiv1.PlacedCustomer
	// Statements are those of commitment, the one of which touchpoints explain the most first; it is the target.
	Statements []statement
	// Felt are the drivers by how satisfied customers were at each touchpoint, Gaps by that less what they had expected.
	Felt, Gaps Drivers
	// ByFlyer is the index of heavy and of light flyers.
	ByFlyer map[string]*cmiv1.IndexGroup
	Advice  *Advice
}

// Pair is two groups by a segment, and how their NPS compares.
type Pair struct {
	Segment, First, Second string
	NPS                    *cmiv1.CompareLoyaltyResponse
}

// inSurvey keeps a report to the whole survey, so that no simulated answer is in it.
func inSurvey(segments map[string]string) *cmiv1.ReportFilter {
	return &cmiv1.ReportFilter{QuestionnaireIds: []string{airline.SurveyID}, Segments: segments}
}

// insights asks for all reports.
func insights(ctx context.Context, conn grpc.ClientConnInterface, w *wholeSurvey) (*Insights, error) {
	in := &Insights{Survey: w}
	client := cmiv1.NewInsightServiceClient(conn)
	for _, ask := range []func(context.Context, cmiv1.InsightServiceClient) error{
		in.askLoyalty, in.askMatrix, in.askIndex, in.askDrivers, in.askAdvice,
	} {
		if err := ask(ctx, client); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func (in *Insights) askLoyalty(ctx context.Context, client cmiv1.InsightServiceClient) error {
	all, err := client.GetLoyaltyReport(ctx, &cmiv1.GetLoyaltyReportRequest{Filter: inSurvey(nil)})
	if err != nil {
		return failed("the loyalty was not reported", err)
	}
	in.Loyalty = all.GetGroups()[0]
	if in.Purposes, err = compared(ctx, client, purposeSegment, onBusiness, forLeisure); err != nil {
		return err
	}
	in.Flyers, err = compared(ctx, client, flyerSegment, heavyFlyer, lightFlyer)
	return err
}

// compared compares the NPS of two groups.
func compared(ctx context.Context, client cmiv1.InsightServiceClient, segment, first, second string) (Pair, error) {
	nps, err := client.CompareLoyalty(ctx, &cmiv1.CompareLoyaltyRequest{
		First: inSurvey(map[string]string{segment: first}), Second: inSurvey(map[string]string{segment: second}),
		Metric: cmiv1.Metric_METRIC_NPS,
	})
	if err != nil {
		return Pair{}, failed("the NPS by "+segment+" was not compared", err)
	}
	return Pair{Segment: segment, First: first, Second: second, NPS: nps}, nil
}

func (in *Insights) askIndex(ctx context.Context, client cmiv1.InsightServiceClient) error {
	split, err := client.GetIndexReport(ctx, &cmiv1.GetIndexReportRequest{
		Filter: inSurvey(nil), GroupBy: []string{"segment:" + flyerSegment},
	})
	if err != nil {
		return failed("the index by "+flyerSegment+" was not reported", err)
	}
	in.ByFlyer = make(map[string]*cmiv1.IndexGroup)
	for _, g := range split.GetGroups() {
		in.ByFlyer[g.GetCell().GetGroup()[0].GetValue()] = g
	}
	return nil
}
