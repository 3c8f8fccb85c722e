package demo

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// named is how many customers are named of those who have satisfaction or loyalty alone.
const named = 3

// insights shows what the reports say about the whole survey.
func (p printer) insights(in *Insights) {
	p.heading("What the reports say about the whole survey")
	p.line("  From here on all is real again: what the same %s customers answered to the whole survey, which", thousands(len(in.Survey.responses)))
	p.line("  asked for satisfaction and for %d touchpoints as well. The data numbers these, and does not name", airline.Touchpoints)
	p.line("  them. In brackets are 95%% intervals. No figure says that one thing makes another happen.")
	p.loyalty(in)
	p.matrix(in)
	p.drivers(in)
	p.gaps(in)
	p.flyers(in)
	p.advice(in)
}

// loyalty shows the NPS, of all and by why they fly.
func (p printer) loyalty(in *Insights) {
	p.heading("Would they recommend it? The Net Promoter Score")
	p.line("  %s", p.style.faint("                     customers   promoters   passives   detractors      NPS"))
	p.nps("all", in.Loyalty.GetItems()[0])
	p.nps(groupName(in.Purposes.Segment, in.Purposes.First), in.Purposes.NPS.GetFirst())
	p.nps(groupName(in.Purposes.Segment, in.Purposes.Second), in.Purposes.NPS.GetSecond())
	p.compared(in.Purposes)
}

func (p printer) nps(name string, f *cmiv1.LoyaltyFigures) {
	n := f.GetNps()
	p.line("  %-19s%11s%12s%11s%13s%9s   %s", name, thousands(int(f.GetN())), thousands(int(n.GetPromoters())), thousands(int(n.GetPassives())),
		thousands(int(n.GetDetractors())), figure(n.GetEstimate(), 1), span(n.GetEstimate(), 1))
}

// compared says how far the NPS of two groups lie apart.
func (p printer) compared(pair Pair) {
	d := pair.NPS.GetDifference()
	p.paragraph(fmt.Sprintf("The NPS of %s less that of %s: %s points %s, p-value %s, %s.", groupName(pair.Segment, pair.First),
		groupName(pair.Segment, pair.Second), figure(d.GetEstimate(), 1), span(d.GetEstimate(), 1), chanceOf(d.PValue), verdict(d.GetEstimate())))
}

// verdict says in words whether a difference is one.
func verdict(d *cmiv1.Estimate) string {
	if sign(d) == 0 {
		return "which may be chance"
	}
	return "more than chance"
}

// matrix shows satisfaction against loyalty.
func (p printer) matrix(in *Insights) {
	p.heading("Satisfied is not loyal")
	p.paragraph(fmt.Sprintf("Satisfaction is the mean of %s; loyalty is the pillar %s. Both go from 0 to 100, and from %g on they are high.",
		strings.Join(in.SatisfactionItems, ", "), pillarName(cmiv1.Pillar_PILLAR_FII), highFrom))
	for _, q := range in.Matrix.GetQuadrants() {
		name, what, paint := p.quadrant(q.GetQuadrant())
		p.line("  %-11s  %-21s%6s  %5s %%  %-12s  %s", name, what, thousands(int(q.GetCount())), figure(q.GetShare(), 100),
			span(q.GetShare(), 100), paint(p.style.bar(q.GetShare().GetValue())))
	}
	p.line("  Those farthest apart, with their satisfaction and loyalty:")
	p.placed("loyal but unhappy, to put right", in.Hostages)
	p.placed("happy but leaving, to ask why", in.Mercenaries)
}

func (p printer) quadrant(q cmiv1.Quadrant) (name, what string, paint func(string) string) {
	switch q {
	case cmiv1.Quadrant_QUADRANT_LOYALIST:
		return "loyalists", "satisfied and loyal", p.style.good
	case cmiv1.Quadrant_QUADRANT_MERCENARY:
		return "mercenaries", "happy but leaving", p.style.middling
	case cmiv1.Quadrant_QUADRANT_HOSTAGE:
		return "hostages", "loyal but unhappy", p.style.middling
	}
	return "defectors", "neither", p.style.bad
}

// placed names a few customers, with satisfaction and loyalty.
func (p printer) placed(what string, all []*cmiv1.PlacedCustomer) {
	p.line("    %-33s %s", what, cmp.Or(join(all[:min(named, len(all))], func(c *cmiv1.PlacedCustomer) string {
		return fmt.Sprintf("%s (%.0f, %.0f)", c.GetCustomerId(), c.GetSatisfaction(), c.GetLoyalty())
	}), "nobody"))
}

// flyers sets heavy flyers against light ones.
func (p printer) flyers(in *Insights) {
	heavy, light := in.ByFlyer[in.Flyers.First], in.ByFlyer[in.Flyers.Second]
	p.heading("Heavy flyers against light ones")
	p.line("  Heavy flyers took more than %g flights in 12 months, which is the median.", in.Survey.usualFlights)
	p.line("  %s", p.style.faint(fmt.Sprintf("%-28s%-24s%-24s%s", "", "heavy", "light", "heavy less light")))
	p.line("  %-28s%5s%19s%5s", "customers", thousands(int(heavy.GetCell().GetN())), "", thousands(int(light.GetCell().GetN())))
	p.against("mean CMI", heavy.GetCmi(), light.GetCmi(), difference(heavy.GetCmi(), light.GetCmi()), 1)
	for i, h := range heavy.GetPillars() {
		l := light.GetPillars()[i].GetMean()
		p.against(pillarWord(h.GetPillar())+" "+pillarName(h.GetPillar()), h.GetMean(), l, difference(h.GetMean(), l), 1)
	}
	for i, h := range heavy.GetBuckets() {
		p.against(bucketName(h.GetBucket())+", %", h.GetShare(), light.GetBuckets()[i].GetShare(), nil, 100)
	}
	p.against("NPS", in.Flyers.NPS.GetFirst().GetNps().GetEstimate(), in.Flyers.NPS.GetSecond().GetNps().GetEstimate(), in.Flyers.NPS.GetDifference().GetEstimate(), 1)
	p.paragraph(fmt.Sprintf("The difference of the NPS has a p-value of %s, %s. %s", chanceOf(in.Flyers.NPS.GetDifference().PValue),
		verdict(in.Flyers.NPS.GetDifference().GetEstimate()), flightsAside(heavy, light)))
}

// against shows a figure of two groups.
func (p printer) against(name string, first, second, apart *cmiv1.Estimate, scale float64) {
	line := fmt.Sprintf("  %-28s%5s  %-17s%5s  %-17s", name, figure(first, scale), span(first, scale), figure(second, scale), span(second, scale))
	if apart != nil {
		line += fmt.Sprintf("%5s  %s", figure(apart, scale), span(apart, scale))
	}
	p.line("%s", line)
}

// flightsAside says how heavy flyers stand in the pillars that do not count flights.
func flightsAside(heavy, light *cmiv1.IndexGroup) string {
	var lower, higher []string
	for i, h := range heavy.GetPillars() {
		if h.GetPillar() == cmiv1.Pillar_PILLAR_BEI {
			continue
		}
		switch sign(difference(h.GetMean(), light.GetPillars()[i].GetMean())) {
		case -1:
			lower = append(lower, pillarName(h.GetPillar()))
		case 1:
			higher = append(higher, pillarName(h.GetPillar()))
		}
	}
	text := pillarName(cmiv1.Pillar_PILLAR_BEI) + " counts the flights: it is higher by its making, and the CMI with it. Where flights are not counted, "
	switch {
	case len(lower) > 0 && len(higher) > 0:
		return text + "heavy flyers stand lower in " + strings.Join(lower, " and ") + " and higher in " + strings.Join(higher, " and ") + "."
	case len(lower) > 0:
		return text + "heavy flyers stand lower: in " + strings.Join(lower, " and ") + "."
	case len(higher) > 0:
		return text + "heavy flyers stand higher too: in " + strings.Join(higher, " and ") + "."
	}
	return text + "there is no difference beyond chance."
}
