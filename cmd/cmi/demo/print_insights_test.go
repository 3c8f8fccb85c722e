package demo

import (
	"bytes"
	"math"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func estimate(value, low, high float64) *cmiv1.Estimate {
	return &cmiv1.Estimate{Value: &value, Low: &low, High: &high, Level: new(0.95)}
}

// driver is one that explains a share at a performance.
func driver(item string, share *cmiv1.Estimate, p cmiv1.Priority) *cmiv1.Driver {
	return &cmiv1.Driver{
		Predictor: &cmiv1.DriverPredictor{ItemIds: []string{item}}, Share: share, Performance: estimate(50, 45, 55), Priority: p,
	}
}

// analysis is one of drivers that add up to 0.2.
func analysis(all ...*cmiv1.Driver) *cmiv1.DriverAnalysis {
	return &cmiv1.DriverAnalysis{N: 300, RSquared: estimate(0.2, 0.15, 0.3), Drivers: all}
}

const (
	keep     = cmiv1.Priority_PRIORITY_KEEP_UP
	work     = cmiv1.Priority_PRIORITY_CONCENTRATE
	low      = cmiv1.Priority_PRIORITY_LOW
	overkill = cmiv1.Priority_PRIORITY_OVERKILL
)

// TestDriversAreSortedOut prints four touchpoints, each of which matters for something else.
func TestDriversAreSortedOut(t *testing.T) {
	t.Parallel()
	in := &Insights{Statements: []statement{{"com2", 0.2}, {"com1", 0.1}}, Felt: Drivers{
		Commitment: analysis(driver("s1", estimate(0.08, 0.02, 0.1), keep), driver("s2", estimate(0.1, 0.08, 0.12), work),
			driver("s3", estimate(0.01, 0, 0.02), low), driver("s4", estimate(0.01, 0, 0.02), overkill)),
		Recommendation: analysis(driver("s1", estimate(0.02, 0.01, 0.03), overkill), driver("s2", estimate(0.06, 0.05, 0.07), work),
			driver("s3", estimate(0.11, 0.05, 0.15), work), driver("s4", estimate(0.01, 0, 0.02), overkill)),
	}}
	in.Gaps = Drivers{Commitment: analysis(in.Felt.Commitment.GetDrivers()[1]), Recommendation: analysis(in.Felt.Recommendation.GetDrivers()[1])}
	var out bytes.Buffer
	printer{to: &out}.drivers(in)
	printer{to: &out}.gaps(in)
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"from 0 to 100, explains 20.0 % of how much they differ in commitment", "Commitment is com2", "(com2 20.0 %, com1 10.0 %)",
		"s2 50.0 10.0 [8.0, 12.0] concentrate 6.0 [5.0, 7.0] concentrate s3",
		"important for both s2", "important for commitment alone s1", "important for recommendation alone s3",
		// 0.3 of 4 is 0.075 at most
		"for commitment s2, for recommendation none",
		"of those by satisfaction as well: s2.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestAdviceFollowsTheFigures makes up figures that lead elsewhere each time.
func TestAdviceFollowsTheFigures(t *testing.T) {
	t.Parallel()
	far, wide := estimate(0.15, 0.14, 0.16), estimate(0.05, 0.01, 0.2)
	for _, c := range []struct {
		name               string
		commitment, others [2]cmiv1.Priority
		share              [2]*cmiv1.Estimate
		first, second      *cmiv1.Estimate
		want, not          []string
	}{
		{
			name: "both", commitment: [2]cmiv1.Priority{work, work}, others: [2]cmiv1.Priority{work, work}, share: [2]*cmiv1.Estimate{far, wide},
			first: estimate(40, 38, 42), second: estimate(50, 48, 52),
			want: []string{
				"Begin at s1.", "commitment and recommendation", "(s1, s2)", "75 % of what", "an equal part would be 50 %", "Next is s2, over which",
				"s1 satisfies business travellers (40.0 of 100, leisure travellers 50.0) the least. They recommend less as well.", "91 days", "2.8 and 14.1 points",
			},
		},
		{
			name: "one of them", commitment: [2]cmiv1.Priority{keep, low}, others: [2]cmiv1.Priority{keep, work},
			share: [2]*cmiv1.Estimate{far, estimate(0.05, 0.04, 0.06)}, first: estimate(50, 48, 52), second: estimate(40, 38, 42),
			want: []string{"Begin at s2.", "commitment or recommendation", "s2 satisfies leisure travellers (40.0 of 100, business travellers 50.0) the least."},
			not:  []string{"Next is", "recommend less"},
		},
		{
			name: "a sure lead, and groups alike", commitment: [2]cmiv1.Priority{work, work}, others: [2]cmiv1.Priority{work, work},
			share: [2]*cmiv1.Estimate{far, estimate(0.05, 0.04, 0.06)}, first: estimate(50, 48, 52), second: estimate(49, 47, 51),
			want: []string{"Next is s2.", "no difference beyond chance between business travellers and leisure travellers"}, not: []string{"the least", "lead may"},
		},
		{
			name: "nothing", commitment: [2]cmiv1.Priority{keep, low}, others: [2]cmiv1.Priority{keep, overkill}, share: [2]*cmiv1.Estimate{far, wide},
			want: []string{"No touchpoint is both important and below the average"}, not: []string{"Begin"},
		},
	} {
		in := &Insights{
			Survey: &wholeSurvey{usualFlights: 8},
			Felt: Drivers{
				Commitment:     analysis(driver("s1", c.share[0], c.commitment[0]), driver("s2", c.share[1], c.commitment[1])),
				Recommendation: analysis(driver("s1", c.share[0], c.others[0]), driver("s2", c.share[1], c.others[1])),
			},
			Loyalty: &cmiv1.LoyaltyGroup{Items: []*cmiv1.LoyaltyFigures{{Nps: &cmiv1.NetPromoter{Estimate: estimate(-20, -30, -10)}}}},
		}
		in.Advice = toWorkOn(in.Felt.Touchpoints())
		in.Advice.Answers = &cmiv1.AnswerGroup{Cell: &cmiv1.Cell{N: 300}, Mean: estimate(45, 43, 47)}
		in.Advice.Groups = []Contrast{{
			Pair: Pair{Segment: "purpose", First: "Business", Second: "Leisure", NPS: &cmiv1.CompareLoyaltyResponse{
				Difference: &cmiv1.Difference{Estimate: estimate(-10, -15, -5)},
			}},
			First: c.first, Second: c.second,
		}}
		var out bytes.Buffer
		printer{to: &out}.advice(in)
		text := strings.Join(strings.Fields(out.String()), " ")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, out.String())
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: there is %q in\n%s", c.name, not, out.String())
			}
		}
	}
}

// TestFlightsAsideLooksAtTheOtherPillars: what is said of them follows the differences.
func TestFlightsAsideLooksAtTheOtherPillars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		eci, fii float64
		want     string
	}{
		{-10, -10, "lower: in Emotional Connection and Future Intent."}, {10, 0, "higher too: in Emotional Connection."},
		{-10, 10, "lower in Emotional Connection and higher in Future Intent."}, {1, -1, "no difference beyond chance."},
	} {
		group := func(shift func(x float64) float64) *cmiv1.IndexGroup {
			g := &cmiv1.IndexGroup{}
			for p, x := range map[cmiv1.Pillar]float64{cmiv1.Pillar_PILLAR_ECI: c.eci, cmiv1.Pillar_PILLAR_FII: c.fii} {
				g.Pillars = append(g.Pillars, &cmiv1.PillarEstimate{Pillar: p, Mean: estimate(shift(x), shift(x)-2, shift(x)+2)})
			}
			g.Pillars = append(g.Pillars, &cmiv1.PillarEstimate{Pillar: cmiv1.Pillar_PILLAR_BEI, Mean: estimate(shift(30), shift(30), shift(30))})
			if g.Pillars[0].GetPillar() == cmiv1.Pillar_PILLAR_FII { // maps have no order
				g.Pillars[0], g.Pillars[1] = g.Pillars[1], g.Pillars[0]
			}
			return g
		}
		got := flightsAside(group(func(x float64) float64 { return 50 + x }), group(func(float64) float64 { return 50 }))
		if !strings.HasSuffix(got, c.want) {
			t.Errorf("of %v it says %q, want %q", c, got, c.want)
		}
	}
}

func TestDifferenceOfTwoFigures(t *testing.T) {
	t.Parallel()
	d := difference(estimate(50, 47, 53), estimate(40, 36, 44)) // halves of 3 and 4 make one of 5
	near(t, "value", d.Value, 10)
	near(t, "low", d.Low, 5)
	near(t, "high", d.High, 15)
	for want, e := range map[int]*cmiv1.Estimate{1: d, -1: estimate(-3, -5, -1), 0: estimate(1, -1, 3)} {
		if got := sign(e); got != want {
			t.Errorf("%v points %d, want %d", e, got, want)
		}
	}
	if sign(nil) != 0 || difference(nil, d) != nil || difference(d, nil) != nil {
		t.Error("of nothing nothing can be said")
	}
	if !overlap(estimate(1, 0, 2), estimate(3, 2, 4)) || overlap(estimate(1, 0, 2), estimate(3, 2.1, 4)) {
		t.Error("intervals overlap that touch")
	}
	if got := noticeable(estimate(50, 49, 51)); math.Abs(got-math.Sqrt2) > 1e-12 {
		t.Errorf("a rise of %v is noticed", got)
	}
}

func TestFiguresThatAreAbsent(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"below 0.0001": chanceOf(new(0.00001)), "0.0123": chanceOf(new(0.0123)), "0.0": tenths(-0.01), "-1.5": tenths(-1.49999), "[-10.0, 25.0]": span(estimate(0.1, -0.1, 0.25), 100),
	} {
		if got != want {
			t.Errorf("it is written %q, want %q", got, want)
		}
	}
	if figure(nil, 1) != "-" || span(&cmiv1.Estimate{Value: new(1.0)}, 1) != "-" || chanceOf(nil) != "-" || listOf(nil) != "none" {
		t.Error("what is absent is written otherwise")
	}
}

func TestParagraphKeepsEveryWordWithinTheWidth(t *testing.T) {
	t.Parallel()
	var words []string
	for i := range 60 {
		words = append(words, strings.Repeat("é", 1+i%17))
	}
	var out bytes.Buffer
	printer{to: &out}.paragraph(strings.Join(words, " "))
	if got := strings.Fields(out.String()); strings.Join(got, " ") != strings.Join(words, " ") {
		t.Errorf("%d words came out of %d", len(got), len(words))
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(line)) - 1; n > width {
			t.Errorf("%d characters are too wide", n)
		}
	}
}
