package demo

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// How many touchpoints are shown, by satisfaction and by the gaps.
const feltShown, gapsShown = 8, 5

// drivers shows which touchpoints go along with commitment and with recommendation.
func (p printer) drivers(in *Insights) {
	d := in.Felt
	p.heading("Which touchpoints go along with commitment and recommendation")
	p.paragraph(fmt.Sprintf("%s customers answered for every touchpoint. Their satisfaction there, from 0 to 100, explains %s %% of how much they differ in commitment, "+
		"and %s %% in recommendation. Commitment is %s, the one of its statements that touchpoints explain best (%s).",
		thousands(int(d.Commitment.GetN())), figure(d.Commitment.GetRSquared(), 100), figure(d.Recommendation.GetRSquared(), 100), in.Statements[0].item,
		join(in.Statements, func(s statement) string { return fmt.Sprintf("%s %s %%", s.item, tenths(100*s.rSquared)) })))
	all := d.Touchpoints()
	p.driverTable("satisfaction", all[:min(feltShown, len(all))])
	p.paragraph(fmt.Sprintf("These explain the most of both together; the parts of all %d add up. Important is what explains the mean part or more; "+
		"to concentrate on is what is important and satisfies less than the mean.", len(all)))
	p.alike(all)
	p.line("    above the mean beyond chance        for commitment %s, for recommendation %s",
		listOf(items(all, func(t Touchpoint) bool { return surely(t.Commitment, d.Commitment) })),
		listOf(items(all, func(t Touchpoint) bool { return surely(t.Recommendation, d.Recommendation) })))
}

// surely tells whether a driver explains more than the mean of all, beyond chance: resampling finds more to explain than there is, so
// that the mean is taken where it is highest.
func surely(d *cmiv1.Driver, in *cmiv1.DriverAnalysis) bool {
	return d.GetShare().GetLow() > in.GetRSquared().GetHigh()/float64(len(in.GetDrivers()))
}

// driverTable shows touchpoints in both respects.
func (p printer) driverTable(performance string, all []Touchpoint) {
	p.line("  %s", p.style.faint(fmt.Sprintf("%-12s%12s     %-33s%s", "touchpoint", performance, "explains of commitment, %", "explains of recommendation, %")))
	for _, t := range all {
		name := t.Item
		if less := t.Commitment.GetPredictor().GetLessItemIds(); len(less) > 0 {
			name += " less " + strings.Join(less, "+")
		}
		p.line("  %-12s%12s     %-33s%s", name, figure(t.Commitment.GetPerformance(), 1), part(t.Commitment), part(t.Recommendation))
	}
}

// part writes what a touchpoint explains of a target, and what follows from it.
func part(d *cmiv1.Driver) string {
	return fmt.Sprintf("%4s  %-11s %s", figure(d.GetShare(), 100), span(d.GetShare(), 100), priorityName(d.GetPriority()))
}

// alike says which touchpoints are important for both targets, and which for one.
func (p printer) alike(all []Touchpoint) {
	for _, one := range []struct {
		who  string
		pass func(Touchpoint) bool
	}{
		{"both", importantForBoth},
		{"commitment alone", func(t Touchpoint) bool { return important(t.Commitment) && !important(t.Recommendation) }},
		{"recommendation alone", func(t Touchpoint) bool { return important(t.Recommendation) && !important(t.Commitment) }},
	} {
		p.line("    %-35s %s", "important for "+one.who, listOf(items(all, one.pass)))
	}
}

// gaps shows the same by the gap between satisfaction and what was expected.
func (p printer) gaps(in *Insights) {
	d := in.Gaps
	all := d.Touchpoints()
	p.heading("The same by the gap to what they had expected")
	p.driverTable("gap", all[:min(gapsShown, len(all))])
	p.paragraph(fmt.Sprintf("The gaps explain %s %% of commitment and %s %% of recommendation, and satisfaction itself %s %% and %s %%. "+
		"Important for both by the gap: %s; of those by satisfaction as well: %s.",
		figure(d.Commitment.GetRSquared(), 100), figure(d.Recommendation.GetRSquared(), 100),
		figure(in.Felt.Commitment.GetRSquared(), 100), figure(in.Felt.Recommendation.GetRSquared(), 100),
		listOf(items(all, importantForBoth)), listOf(inBoth(in))))
}

// inBoth are the touchpoints that are important for both targets, by satisfaction and by the gap alike.
func inBoth(in *Insights) []string {
	felt := make(map[string]bool)
	for _, name := range items(in.Felt.Touchpoints(), importantForBoth) {
		felt[name] = true
	}
	return items(in.Gaps.Touchpoints(), func(t Touchpoint) bool { return felt[t.Item] && importantForBoth(t) })
}

func priorityName(p cmiv1.Priority) string {
	switch p {
	case cmiv1.Priority_PRIORITY_KEEP_UP:
		return "keep up"
	case cmiv1.Priority_PRIORITY_CONCENTRATE:
		return "concentrate"
	case cmiv1.Priority_PRIORITY_LOW:
		return "low"
	case cmiv1.Priority_PRIORITY_OVERKILL:
		return "overkill"
	}
	return "-"
}

// listOf writes names with commas; none where there are none.
func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
