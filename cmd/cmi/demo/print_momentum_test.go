package demo

import (
	"bytes"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestDirectionsAreHeldAgainstTheTruth prints made up counts, each of its own, and looks for each in its place.
func TestDirectionsAreHeldAgainstTheTruth(t *testing.T) {
	t.Parallel()
	unknown := cmiv1.Direction_DIRECTION_INSUFFICIENT
	m := &Momentum{
		Said: map[cmiv1.Direction]Truths{
			rising:  {rising: 50, steady: 3, falling: 1},
			falling: {falling: 40, steady: 2},
			steady:  {rising: 10, steady: 200, falling: 20},
			unknown: {cmiv1.Direction_DIRECTION_UNSPECIFIED: 1700},
		},
		Sure: map[cmiv1.Direction]Truths{rising: {rising: 30, steady: 1}, falling: {falling: 25}},
	}
	var out bytes.Buffer
	printer{to: &out}.directions(m)
	for _, want := range [][]string{
		{"rising", "54", "50", "3", "1", "0"},
		{"p-value", "to", "0.01", "31", "30", "1", "0", "0"},
		{"falling", "42", "0", "2", "40", "0"},
		{"steady", "230", "10", "200", "20", "0"},
		{"too", "little", "known", "1,700", "0", "0", "0", "1,700"},
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), strings.Join(want, " ")) {
			t.Errorf("%v is missing in\n%s", want, out.String())
		}
	}
	// 50 + 10 were made to rise, 1 + 40 + 20 to fall; 3 + 2 of 3 + 2 + 200 who stay are taken for movers, 1 of them surely.
	for _, want := range []string{
		"50 of the 60 who rise and 40 of the 61 who fall", "5 among the 205 who stay", "and 1 with a p-value up to 0.01", "find 30 and 25",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestMoversAreShownWithTheTruth prints one customer who falls.
func TestMoversAreShownWithTheTruth(t *testing.T) {
	t.Parallel()
	one := person{id: "c1", direction: falling, slope: -1.5, cause: cmiv1.Pillar_PILLAR_ECI}
	m := &Momentum{Simulation: &simulation{people: []person{one}}}
	falls := []*cmiv1.Customer{{
		CustomerId: "c1", KeyWeight: new(0.25), Segments: map[string]string{"card": "Gold"},
		Standing: &cmiv1.Standing{Level: new(49.96), Velocity: new(-1.26), PValue: new(0.0012), StableBucket: cmiv1.Bucket_BUCKET_AT_RISK},
	}}
	why := &Course{
		Trajectory: &cmiv1.Trajectory{
			CustomerId: "c1", Delta: new(2.0), ReliableChangeIndex: new(0.2), ReliableChange: new(false), TotalPoints: 9,
			MannKendall: &cmiv1.MannKendall{PValue: new(0.0012)},
		},
		Change: &cmiv1.Change{
			From:  &cmiv1.Score{Cmi: new(70.0)},
			To:    &cmiv1.Score{Cmi: new(49.96), Interval: &cmiv1.Interval{Low: new(36.0), High: new(64.0)}},
			Delta: new(-20.04), ReliableChangeIndex: new(-2.1), ReliableChange: new(true),
		},
		Items:  []*cmiv1.ItemChange{{ItemId: "com1", ScoreBefore: new(100.0), ScoreAfter: new(50.0)}},
		Facets: []FacetChange{{"attachment", -18.5}, {"trust", 1.25}},
	}
	var out bytes.Buffer
	printer{to: &out}.movers("falling", falls, why, m)
	for _, want := range []string{
		"c1          49.9         -1.3    0.0012   At-Risk                    0.25   Gold     falls",
		"from 70.0 in the survey to 49.9, by -20.0 points", "attachment -18.5, trust +1.2", "com1 100 to 50",
		"-1.5 points in 30 days, 60 % of it in Emotional Connection",
		"+2.0 points: may be noise (RCI 0.2); 95% interval of the level 36.0 to 64.0",
		"more than noise (RCI -2.1); all 9 in order: p-value 0.0012",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestMomentumWithoutMovers has nobody to name.
func TestMomentumWithoutMovers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	printer{to: &out}.momentum(&Momentum{
		Simulation: &simulation{}, Whole: &cmiv1.GetCustomerResponse{Customer: &cmiv1.Customer{CustomerId: "c1"}},
	})
	if text := out.String(); strings.Contains(text, "fastest") || !strings.Contains(text, "c1 in full") {
		t.Errorf("without movers it says\n%s", text)
	}
}
