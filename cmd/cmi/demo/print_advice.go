package demo

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// tripsBefore is how many flights customers should have taken since a change, before they are asked whether they feel it.
const tripsBefore = 2

// advice says what to do first, whom it concerns, and how to see whether it worked.
func (p printer) advice(in *Insights) {
	p.heading("What to do first, and why")
	a := in.Advice
	if len(a.Touchpoints) == 0 {
		p.paragraph("No touchpoint is both important and below the average: what is important is to be kept up.")
		return
	}
	p.paragraph(strings.Join([]string{a.where(len(in.Felt.Commitment.GetDrivers()), inBoth(in)), a.whom(), in.whether()}, " "))
}

// where names the touchpoint to begin at, of so many, and those that matter by the gap to what was expected as well.
func (a *Advice) where(of int, byGapToo []string) string {
	first := a.Touchpoints[0]
	targets := "commitment and recommendation"
	if !a.Both {
		targets = "commitment or recommendation"
	}
	text := fmt.Sprintf("Begin at %s. Of the touchpoints that matter for %s and perform below the average (%s) it carries the most: "+
		"it is associated with %.0f %% of what touchpoints explain of commitment and %.0f %% of recommendation; an equal part would be %.0f %%.", first.Item, targets,
		strings.Join(items(a.Touchpoints, func(Touchpoint) bool { return true }), ", "), 100*first.OfCommitment, 100*first.OfRecommendation, 100/float64(of))
	if len(a.Touchpoints) > 1 {
		next := a.Touchpoints[1]
		text += fmt.Sprintf(" Next is %s", next.Item)
		if overlap(first.Commitment.GetShare(), next.Commitment.GetShare()) && overlap(first.Recommendation.GetShare(), next.Recommendation.GetShare()) {
			text += ", over which its lead may be chance"
		}
		text += "."
	}
	if by := items(a.Touchpoints, func(t Touchpoint) bool { return slices.Contains(byGapToo, t.Item) }); len(by) > 0 {
		text += fmt.Sprintf(" By the gap to what was expected these matter as well: %s.", strings.Join(by, ", "))
	}
	return text
}

// whom says which groups answer worse, and whether they recommend less as well.
func (a *Advice) whom() string {
	var worse, alike []string
	less := true
	for _, c := range a.Groups {
		first, second := groupName(c.Pair.Segment, c.Pair.First), groupName(c.Pair.Segment, c.Pair.Second)
		low, high, lowest, highest := first, second, c.First, c.Second
		way := sign(difference(c.First, c.Second))
		switch way {
		case 0:
			alike = append(alike, first+" and "+second)
			continue
		case 1:
			low, high, lowest, highest = second, first, c.Second, c.First
		}
		worse = append(worse, fmt.Sprintf("%s (%s of 100, %s %s)", low, figure(lowest, 1), high, figure(highest, 1)))
		less = less && sign(c.Pair.NPS.GetDifference().GetEstimate()) == way
	}
	var text []string
	if len(worse) > 0 {
		text = append(text, a.Touchpoints[0].Item+" satisfies "+strings.Join(worse, " and ")+" the least.")
		if less {
			text = append(text, "They recommend less as well.")
		}
	}
	if len(alike) > 0 {
		text = append(text, "There is no difference beyond chance between "+strings.Join(alike, ", nor between ")+".")
	}
	return strings.Join(text, " ")
}

// whether says what would show that it worked, and when to look.
func (in *Insights) whether() string {
	answers, nps := in.Advice.Answers.GetMean(), in.Loyalty.GetItems()[0].GetNps().GetEstimate()
	text := fmt.Sprintf("Whether it works, %s shows first (now %s of 100, by %s answers), then the NPS (now %s)", in.Advice.Touchpoints[0].Item, figure(answers, 1),
		thousands(int(in.Advice.Answers.GetCell().GetN())), figure(nps, 1))
	if in.Survey.usualFlights > 0 {
		days := math.Round(tripsBefore * 365 / in.Survey.usualFlights)
		text += fmt.Sprintf(": ask again %.0f days after the change, in which the median customer takes %d flights", days, tripsBefore)
	}
	return text + fmt.Sprintf(". With as many answers, rises of less than %s and %s points may be chance.", tenths(noticeable(answers)), tenths(noticeable(nps)))
}
