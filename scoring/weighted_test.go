package scoring_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

func TestWeightedItems(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q eci=3 bei=1 fii=0",
		"a ECI yes_no weight=3", "b BEI yes_no", "why - text", "c ECI yes_no", "d ECI yes_no weight=0", "e FII yes_no", "n ECI choice x: y:"))
	want := []scoring.WeightedItem{
		{ItemID: "a", Pillar: cmiv1.Pillar_PILLAR_ECI, Share: 0.75, PillarShare: 0.75},
		{ItemID: "b", Pillar: cmiv1.Pillar_PILLAR_BEI, Share: 1, PillarShare: 0.25},
		{ItemID: "c", Pillar: cmiv1.Pillar_PILLAR_ECI, Share: 0.25, PillarShare: 0.75},
	}
	if got := s.WeightedItems(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestItemScores(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q fii=0",
		"a ECI rating 0..10", "b ECI rating 0..10 reversed", "o ECI yes_no weight=0", "r BEI recency", "c BEI recency kinds=call", "e FII yes_no"))
	days := func(x float64) *cmiv1.Behaviour { return &cmiv1.Behaviour{DaysSince: &x} }
	for _, c := range []struct {
		name, line string
		measured   []*cmiv1.Behaviour
		want       []float64 // nil: not complete
	}{
		{"complete", "b=3 a=9 r=90 c=0", nil, []float64{90, 70, 50, 100}},
		{"measured", "a=9 b=3 e=no", []*cmiv1.Behaviour{days(0), days(90)}, []float64{90, 70, 100, 50}},
		{"own behaviour", "a=9 b=3 @days_since=180", []*cmiv1.Behaviour{days(0), days(90)}, []float64{90, 70, 25, 25}},
		{"one measured", "a=9 b=3", []*cmiv1.Behaviour{days(0), nil}, nil},
		{"skipped", "a=9 r=90 c=0", nil, nil},
		{"don't know", "a=9 b=DK r=90 c=0", nil, nil},
		{"not applicable", "a=9 b=NA r=90 c=0", nil, nil},
	} {
		r := response(t, c.line)
		score, err := s.ScoreMeasured(r, c.measured)
		if err != nil {
			t.Fatal(err)
		}
		got, complete, err := s.ItemScores(r, score, []float64{1, 2, 3})
		if err != nil || complete != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, %v, want %v", c.name, got, complete, err, c.want)
		}
	}
	for _, r := range []*cmiv1.Response{nil, response(t, "a=11")} {
		if got, complete, err := s.ItemScores(r, nil, nil); err == nil || complete || len(got) > 0 {
			t.Errorf("%v: %v, %v, %v", r, got, complete, err)
		}
	}
}

// TestTheCMIOfItemScores: shares and scores of a complete response make its CMI.
func TestTheCMIOfItemScores(t *testing.T) {
	complete := 0
	each(t, 41, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		s := compile(t, q)
		score := explain(t, s, r)
		scores, ok, err := s.ItemScores(r, score, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		complete++
		cmi := 0.0
		for k, it := range s.WeightedItems() {
			cmi += it.PillarShare * it.Share * scores[k]
		}
		if score.Status != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || !(math.Abs(cmi-*score.Cmi) <= 1e-9) {
			t.Fatalf("%v of %v", cmi, score)
		}
	})
	if complete == 0 {
		t.Error("no response was complete")
	}
}
