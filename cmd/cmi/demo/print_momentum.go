package demo

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// itemsMoved is how many items are named that moved a customer.
const itemsMoved = 4

// simulated says what is real and what is made up from here on.
func (p printer) simulated(s *simulation) {
	made, silent := Truths{}, 0
	for _, one := range s.people {
		made[one.direction]++
		if one.last < waves {
			silent++
		}
	}
	known := min(askedAgain, len(s.surveyed))
	p.heading("After the survey: simulated waves, so that the truth is known")
	p.line("  The survey is real; from here on all is made up. It counts as taken %d days ago, and its",
		int(s.now.Sub(waveAt(s.now, 0))/day))
	p.line("  first %d customers answer %d more times, %d days apart, the last time yesterday; %d newcomers",
		known, waves, apart/day, len(s.people)-known)
	p.line("  answer twice. Of them all %d are made to rise and %d to fall, by %g to %g points in 30 days;",
		made[rising], made[falling], leastSlope, mostSlope)
	p.line("  %d stay as they are, of whom %d fall silent. Each answer has a part of chance in it.", made[steady], silent)
}

// momentum shows who moves, why, and how sure that is: all of it as the service answers it.
func (p printer) momentum(m *Momentum) {
	p.line("  Recorded: %s profiles, %s interactions, %s responses.",
		thousands(m.Profiles), thousands(m.Interactions), thousands(m.Responses))
	p.line("  Calibrated on the survey's %s complete answers: the standard error of a CMI is %.1f points.",
		thousands(int(m.Calibration.GetN())), m.Calibration.GetSem())
	p.directions(m)
	p.movers("falling", m.Falling, m.Falls, m)
	p.movers("rising", m.Rising, m.Rises, m)
	p.lifecycles(m)
	p.whole(m)
}

// directions holds what the service says against what the simulation made.
func (p printer) directions(m *Momentum) {
	p.heading("Who is moving: what the service says, beside the truth")
	p.line("  %s", p.style.faint("the service says    customers   made to rise   left as is   made to fall   only surveyed"))
	for _, d := range directions() {
		p.truths(directionName(d), m.Said[d])
		if d == rising || d == falling {
			p.truths(fmt.Sprintf("  p-value to %g", mostP), m.Sure[d])
		}
	}
	total := Truths{}
	for _, t := range m.Said {
		for d, n := range t {
			total[d] += n
		}
	}
	p.line("  Found: %d of the %d who rise and %d of the %d who fall. False alarms: %d among the %d who stay,",
		m.Said[rising][rising], total[rising], m.Said[falling][falling], total[falling],
		m.Said[rising][steady]+m.Said[falling][steady], total[steady])
	p.line("  and %d with a p-value up to %g, the price of which is to find %d and %d.",
		m.Sure[rising][steady]+m.Sure[falling][steady], mostP, m.Sure[rising][rising], m.Sure[falling][falling])
}

func (p printer) truths(name string, t Truths) {
	p.line("  %-20s%9s%15s%13s%15s%16s", name, thousands(t.all()), thousands(t[rising]), thousands(t[steady]), thousands(t[falling]),
		thousands(t[cmiv1.Direction_DIRECTION_UNSPECIFIED]))
}

// movers shows the fastest in a direction, and why the first of them moved.
func (p printer) movers(way string, all []*cmiv1.Customer, why *Course, m *Momentum) {
	if len(all) == 0 {
		return
	}
	p.heading(fmt.Sprintf("The %d fastest %s, with a p-value up to %g", len(all), way, mostP))
	p.line("  %s", p.style.faint("customer   level   in 30 days   p-value   stable bucket        key weight   card     truth"))
	made := m.Simulation.made()
	for _, c := range all {
		s := c.GetStanding()
		p.line("  %-9s%7s%13s%10.4f   %-20s%11.2f   %-8s %s", c.GetCustomerId(), decimal(s.Level), fmt.Sprintf("%+.1f", s.GetVelocity()),
			s.GetPValue(), bucketName(s.GetStableBucket()), c.GetKeyWeight(), c.GetSegments()["card"], madeName(made[c.GetCustomerId()]))
	}
	p.why(why, m.Simulation.person(why.Trajectory.GetCustomerId()))
}

// why shows what moved a customer, from the survey to the last wave, and how sure the last step is.
func (p printer) why(c *Course, truth person) {
	change, last := c.Change, c.Trajectory
	p.line("  Why %s moved from %s in the survey to %s, by %+.1f points:", last.GetCustomerId(),
		decimal(change.GetFrom().Cmi), decimal(change.GetTo().Cmi), change.GetDelta())
	p.line("    facets      %s", join(c.Facets[:min(facetsShown, len(c.Facets))], func(f FacetChange) string {
		return fmt.Sprintf("%s %+.1f", f.Facet, f.Points)
	}))
	p.line("    items       %s, of 100", join(c.Items[:min(itemsMoved, len(c.Items))], func(it *cmiv1.ItemChange) string {
		return fmt.Sprintf("%s %.0f to %.0f", it.GetItemId(), it.GetScoreBefore(), it.GetScoreAfter())
	}))
	p.line("    the truth   %+.1f points in 30 days, %.0f %% of it in %s", truth.slope, 100*causeShare, pillarName(truth.cause))
	p.line("    last step   %+.1f points: %s; 95%% interval of the level %s", last.GetDelta(),
		reliably(last.GetReliableChange(), last.GetReliableChangeIndex()), interval(change.GetTo()))
	p.line("    all steps   first against last: %s; all %d in order: p-value %.4f",
		reliably(change.GetReliableChange(), change.GetReliableChangeIndex()), last.GetTotalPoints(), last.GetMannKendall().GetPValue())
}

// lifecycles shows how many customers are where in their life.
func (p printer) lifecycles(m *Momentum) {
	p.heading("Lifecycles")
	p.line("  %s", join(lifecycles(), func(l cmiv1.Lifecycle) string {
		return fmt.Sprintf("%s %s", thousands(m.Lifecycles[l]), strings.ToLower(strings.TrimPrefix(l.String(), "LIFECYCLE_")))
	}))
	p.line("  New ones came in the last 90 days. Inactive are the silent, and those who were only surveyed.")
}

// whole shows one customer in full, and in short a new one of whom less is known.
func (p printer) whole(m *Momentum) {
	c, k := m.Whole, m.Whole.GetKeyWeight()
	if k == nil {
		k = &cmiv1.KeyWeight{}
	}
	b := c.GetLatestScore().GetBucketProbabilities()
	p.heading(c.GetCustomer().GetCustomerId() + " in full")
	if m.Falls != nil {
		p.line("  course            %s", join(m.Falls.Trajectory.GetPoints(), func(t *cmiv1.TrajectoryPoint) string { return decimal(t.GetScore().Cmi) }))
	}
	p.line("  raw score         %s, 95%% interval %s", decimal(k.Score), interval(c.GetLatestScore()))
	p.line("  bucket            At-Risk %.1f %%, Growth Opportunity %.1f %%, Advocate %.1f %%", 100*b.GetAtRisk(), 100*b.GetGrowth(), 100*b.GetAdvocate())
	p.line("  key weight        %.2f, of tenure %.2f and frequency %.2f", k.GetWeight(), k.GetTenure(), k.GetFrequency())
	p.line("  key-weighted      %s", decimal(k.WeightedScore))
	p.line("  shrunk            %s, towards %s, the mean of %s %s customers", decimal(k.ShrunkScore), decimal(k.Mean),
		thousands(int(k.GetMeanCustomers())), strings.ToLower(strings.TrimPrefix(c.GetCustomer().GetLifecycle().String(), "LIFECYCLE_")))
	if n := m.Newcomer.GetKeyWeight(); n != nil {
		p.line("  %s is new, with a key weight of %.2f: %s shrinks to %s, towards the mean of new ones, %s.",
			m.Newcomer.GetCustomer().GetCustomerId(), n.GetWeight(), decimal(n.Score), decimal(n.ShrunkScore), decimal(n.Mean))
	}
}

// interval writes the 95% interval of a score; a dash where there is none.
func interval(s *cmiv1.Score) string {
	if s.GetInterval() == nil {
		return "-"
	}
	return decimal(s.GetInterval().Low) + " to " + decimal(s.GetInterval().High)
}

// reliably says what a reliable change index says.
func reliably(yes bool, index float64) string {
	if yes {
		return fmt.Sprintf("more than noise (RCI %.1f)", index)
	}
	return fmt.Sprintf("may be noise (RCI %.1f)", index)
}

// join writes a list with commas.
func join[T any](all []T, text func(T) string) string {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = text(x)
	}
	return strings.Join(parts, ", ")
}

func bucketName(b cmiv1.Bucket) string {
	switch b {
	case cmiv1.Bucket_BUCKET_ADVOCATE:
		return "Advocate"
	case cmiv1.Bucket_BUCKET_GROWTH:
		return "Growth Opportunity"
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return "At-Risk"
	}
	return "-"
}

func directionName(d cmiv1.Direction) string {
	switch d {
	case rising:
		return "rising"
	case falling:
		return "falling"
	case steady:
		return "steady"
	}
	return "too little known"
}

// madeName is a direction as a truth.
func madeName(d cmiv1.Direction) string {
	switch d {
	case rising:
		return "rises"
	case falling:
		return "falls"
	}
	return "stays"
}
