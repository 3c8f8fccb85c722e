package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// recommendItem is the item that asks how likely customers are to recommend the airline.
const recommendItem = "nps"

// commitmentItems are the statements of commitment. The pillar ECI has the reputation in it as well, which touchpoints explain better
// than commitment, and which would speak for it.
func commitmentItems() []string { return []string{"com1", "com2", "com3"} }

// Drivers are what goes along with commitment and with recommendation, touchpoint by touchpoint.
type Drivers struct {
	Commitment, Recommendation *cmiv1.DriverAnalysis
}

// statement is how much touchpoints explain of one statement of commitment.
type statement struct {
	item     string
	rSquared float64
}

// touchpoints are the predictors: how satisfied customers were at each touchpoint; with gaps, that less what they had expected.
func touchpoints(gaps bool) []*cmiv1.DriverPredictor {
	var all []*cmiv1.DriverPredictor
	for n := 1; n <= airline.Touchpoints; n++ {
		p := &cmiv1.DriverPredictor{ItemIds: []string{fmt.Sprint("s", n)}}
		if gaps {
			p.LessItemIds = []string{fmt.Sprint("e", n)}
		}
		all = append(all, p)
	}
	return all
}

// analyze asks for the drivers of an item. No bootstrap is the usual one.
func analyze(ctx context.Context, client cmiv1.InsightServiceClient, item string, gaps bool, bootstrap *cmiv1.Bootstrap) (*cmiv1.DriverAnalysis, error) {
	answer, err := client.AnalyzeDrivers(ctx, &cmiv1.AnalyzeDriversRequest{
		Target:     &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: item}},
		Predictors: touchpoints(gaps), Filter: inSurvey(nil), Bootstrap: bootstrap,
	})
	if err != nil {
		return nil, failed("the drivers of "+item+" were not found", err)
	}
	return answer.GetAnalysis(), nil
}

// askDrivers asks for the drivers of both targets. A target is one item: of the statements of commitment it is the one of which
// touchpoints explain the most.
func (in *Insights) askDrivers(ctx context.Context, client cmiv1.InsightServiceClient) error {
	for _, item := range commitmentItems() {
		found, err := analyze(ctx, client, item, false, &cmiv1.Bootstrap{Samples: proto.Int32(0)})
		if err != nil {
			return err
		}
		in.Statements = append(in.Statements, statement{item, found.GetRSquared().GetValue()})
	}
	slices.SortStableFunc(in.Statements, func(a, b statement) int { return cmp.Compare(b.rSquared, a.rSquared) })
	for _, one := range []struct {
		item  string
		gaps  bool
		found **cmiv1.DriverAnalysis
	}{
		{in.Statements[0].item, false, &in.Felt.Commitment}, {recommendItem, false, &in.Felt.Recommendation},
		{in.Statements[0].item, true, &in.Gaps.Commitment}, {recommendItem, true, &in.Gaps.Recommendation},
	} {
		var err error
		if *one.found, err = analyze(ctx, client, one.item, one.gaps, nil); err != nil {
			return err
		}
	}
	return nil
}

// Touchpoint is what one touchpoint has to do with both targets.
type Touchpoint struct {
	Item                       string
	Commitment, Recommendation *cmiv1.Driver
	// OfCommitment and OfRecommendation are its parts of what all touchpoints explain of each, 0 to 1.
	OfCommitment, OfRecommendation float64
}

// Touchpoints are all touchpoints, those that carry the most of both together first; equal ones keep their order.
func (d Drivers) Touchpoints() []Touchpoint {
	var all []Touchpoint
	for i, c := range d.Commitment.GetDrivers() {
		r := d.Recommendation.GetDrivers()[i]
		all = append(all, Touchpoint{
			Item: strings.Join(c.GetPredictor().GetItemIds(), "+"), Commitment: c, Recommendation: r,
			OfCommitment: partOf(c, d.Commitment), OfRecommendation: partOf(r, d.Recommendation),
		})
	}
	slices.SortStableFunc(all, func(a, b Touchpoint) int {
		return cmp.Compare(b.OfCommitment+b.OfRecommendation, a.OfCommitment+a.OfRecommendation)
	})
	return all
}

// partOf is how much of what all explain a driver explains.
func partOf(d *cmiv1.Driver, in *cmiv1.DriverAnalysis) float64 {
	if in.GetRSquared().GetValue() <= 0 {
		return 0
	}
	return d.GetShare().GetValue() / in.GetRSquared().GetValue()
}

// important tells whether a driver explains at least the mean of all.
func important(d *cmiv1.Driver) bool {
	return d.GetPriority() == cmiv1.Priority_PRIORITY_KEEP_UP || concentrate(d)
}

// concentrate tells whether a driver is important and performs below the mean of all.
func concentrate(d *cmiv1.Driver) bool { return d.GetPriority() == cmiv1.Priority_PRIORITY_CONCENTRATE }

// items names the touchpoints that pass a test.
func items(all []Touchpoint, pass func(Touchpoint) bool) (names []string) {
	for _, t := range all {
		if pass(t) {
			names = append(names, t.Item)
		}
	}
	return names
}

func importantForBoth(t Touchpoint) bool {
	return important(t.Commitment) && important(t.Recommendation)
}
