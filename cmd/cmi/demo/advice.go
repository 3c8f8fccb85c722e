package demo

import (
	"context"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Advice is what to do first by the figures, whom it concerns, and what it must be measured by.
type Advice struct {
	// Both tells that the touchpoints are to be worked on for both commitment and recommendation; else they are for one of them.
	Both bool
	// Touchpoints are those to work on, the one that carries the most first; there may be none.
	Touchpoints []Touchpoint
	// Answers are the answers to the first of them, Groups those of two groups each.
	Answers *cmiv1.AnswerGroup
	Groups  []Contrast
}

// Contrast is how two groups answer to the same item.
type Contrast struct {
	Pair          Pair
	First, Second *cmiv1.Estimate
}

// toWorkOn picks the touchpoints that are important and perform below average: for both targets, or else for one.
func toWorkOn(all []Touchpoint) *Advice {
	a := &Advice{Both: true}
	for _, t := range all {
		if concentrate(t.Commitment) && concentrate(t.Recommendation) {
			a.Touchpoints = append(a.Touchpoints, t)
		}
	}
	if len(a.Touchpoints) > 0 {
		return a
	}
	a.Both = false
	for _, t := range all {
		if concentrate(t.Commitment) || concentrate(t.Recommendation) {
			a.Touchpoints = append(a.Touchpoints, t)
		}
	}
	return a
}

// askAdvice finds what to do first, and asks who feels worst about it.
func (in *Insights) askAdvice(ctx context.Context, client cmiv1.InsightServiceClient) error {
	in.Advice = toWorkOn(in.Felt.Touchpoints())
	if len(in.Advice.Touchpoints) == 0 {
		return nil
	}
	item := in.Advice.Touchpoints[0].Item
	all, err := client.GetAnswerReport(ctx, &cmiv1.GetAnswerReportRequest{ItemId: item, Filter: inSurvey(nil)})
	if err != nil {
		return failed("the answers to "+item+" were not reported", err)
	}
	in.Advice.Answers = all.GetGroups()[0]
	for _, pair := range []Pair{in.Purposes, in.Flyers} {
		split, err := client.GetAnswerReport(ctx, &cmiv1.GetAnswerReportRequest{
			ItemId: item, Filter: inSurvey(nil), GroupBy: []string{"segment:" + pair.Segment},
		})
		if err != nil {
			return failed("the answers to "+item+" by "+pair.Segment+" were not reported", err)
		}
		c := Contrast{Pair: pair}
		for _, g := range split.GetGroups() {
			switch g.GetCell().GetGroup()[0].GetValue() {
			case pair.First:
				c.First = g.GetMean()
			case pair.Second:
				c.Second = g.GetMean()
			}
		}
		in.Advice.Groups = append(in.Advice.Groups, c)
	}
	return nil
}

// difference is how far two independent figures lie apart, with an interval: the squares of the halves of theirs add up.
func difference(first, second *cmiv1.Estimate) *cmiv1.Estimate {
	if first.GetLevel() == 0 || second.GetLevel() == 0 {
		return nil
	}
	apart, half := first.GetValue()-second.GetValue(), math.Hypot(halfOf(first), halfOf(second))
	return &cmiv1.Estimate{Value: new(apart), Low: new(apart - half), High: new(apart + half), Level: first.Level}
}

// halfOf is half the length of an interval.
func halfOf(e *cmiv1.Estimate) float64 { return (e.GetHigh() - e.GetLow()) / 2 }

// noticeable is by how much a figure must rise until it is more than chance, where as many are asked again.
func noticeable(e *cmiv1.Estimate) float64 { return math.Sqrt2 * halfOf(e) }

// sign is where a difference points, 0 where its interval holds 0 or there is none.
func sign(e *cmiv1.Estimate) int {
	switch {
	case e.GetLow() > 0:
		return 1
	case e.GetHigh() < 0:
		return -1
	}
	return 0
}

// overlap tells whether two intervals do.
func overlap(a, b *cmiv1.Estimate) bool {
	return a.GetLow() <= b.GetHigh() && b.GetLow() <= a.GetHigh()
}
