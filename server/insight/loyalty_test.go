package insight_test

import (
	"math"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func loyalPulse(id string) *cmiv1.Questionnaire {
	return pulse(id, unweighted("tell", 0, 10, cmiv1.Metric_METRIC_NPS), unweighted("happy", 1, 5, cmiv1.Metric_METRIC_CSAT),
		unweighted("ease", 1, 7, cmiv1.Metric_METRIC_CES))
}

// TestLoyalty: of ten answers 10, 10, 10, 9, 8, 7, 6, 3, 0, 0 four are promoters and four detractors, so the score is 0 and its variance 0.8.
// The adjusted Wald interval has p = 4.75 / 13 on both sides, so it is 0 ± 196 sqrt(9.5 / 13 / 13) points.
func TestLoyalty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loyalPulse("one"), loyalPulse("two"))
	for k, tell := range []float64{10, 10, 10, 9, 8, 7, 6, 3, 0, 0} {
		name := string(rune('a' + k))
		w.respond(name, "one", day(time.July, 1), online, number("tell", 5), number("happy", 1), number("ease", 1)) // replaced below
		w.respond(name, "one", day(time.August, 1), online, number("happy", float64(1+k%5)), number("ease", float64(1+k%7)))
		w.respond(name, "two", day(time.August, 2), mobile, number("tell", tell))
	}
	said, err := w.insight().Loyalty(t.Context(), "acme", &cmiv1.GetLoyaltyReportRequest{})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	g := said.GetGroups()[0]
	if len(g.GetItems()) != 3 || g.GetCell().GetN() != 10 {
		t.Fatalf("%v", g)
	}
	nps, csat, ces := g.GetItems()[0].GetNps(), g.GetItems()[1].GetCsat(), g.GetItems()[2].GetCes()
	check(t, "the NPS", nps.GetEstimate().GetValue(), 0)
	check(t, "the variance", nps.GetVariance(), 0.8)
	if half := 100 * 1.959963984540054 * math.Sqrt(9.5/13/13); !near(nps.GetEstimate().GetHigh(), half) || !near(nps.GetEstimate().GetLow(), -half) {
		t.Errorf("the interval is %v, want 0 ± %v", nps.GetEstimate(), half)
	}
	if nps.GetPromoters() != 4 || nps.GetPassives() != 2 || nps.GetDetractors() != 4 {
		t.Errorf("%v", nps)
	}
	// 1 to 5 twice: four of ten answered 4 or 5.
	if csat.GetSatisfied() != 4 || csat.GetTop() != 4 || !near(csat.GetEstimate().GetValue(), 0.4) {
		t.Errorf("%v", csat)
	}
	// 1 to 7, then 1 to 3: the mean is 34 / 10; three are easy, two of them very, and six hard.
	check(t, "the mean effort", ces.GetMean().GetValue(), 3.4)
	check(t, "the share of 5 to 7", ces.GetShare_5To_7().GetValue(), 0.3)
	check(t, "the net effort", ces.GetNet().GetValue(), -40)
	if len(said.GetWarnings()) != 1 || !strings.Contains(said.GetWarnings()[0], "one period") {
		t.Errorf("warnings %q", said.GetWarnings())
	}
}

// TestCompareLoyalty: scores of 20 and -20 of 50 answers each lie 40 points apart.
func TestCompareLoyalty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loyalPulse("one"))
	for k := range 100 {
		h := w.customer(string(rune('a'+k%26)) + string(rune('a'+k/26)))
		side, tell := "left", 7.0
		switch {
		case k < 20: // 20 of 50 promoters, 10 detractors
			tell = 9
		case k < 30:
			tell = 0
		case k >= 50 && k < 60: // 10 of 50, 20
			tell, side = 10, "right"
		case k >= 60 && k < 80:
			tell, side = 6, "right"
		case k >= 80:
			side = "right"
		}
		h.Profile.Segments["side"] = side
		w.respond(h.Profile.GetCustomerId(), "one", day(time.August, 1), online, number("tell", tell))
	}
	ask := &cmiv1.CompareLoyaltyRequest{
		First:  &cmiv1.ReportFilter{Segments: map[string]string{"side": "left"}},
		Second: &cmiv1.ReportFilter{Segments: map[string]string{"side": "right"}}, Metric: cmiv1.Metric_METRIC_NPS,
	}
	said, err := w.insight().CompareLoyalty(t.Context(), "acme", ask)
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	check(t, "the first", said.GetFirst().GetNps().GetEstimate().GetValue(), 20)
	check(t, "the second", said.GetSecond().GetNps().GetEstimate().GetValue(), -20)
	check(t, "the difference", said.GetDifference().GetEstimate().GetValue(), 40)
	// Each has the variance 0.6 - 0.04 = 0.56.
	check(t, "z", said.GetDifference().GetStatistic(), 0.4/math.Sqrt(2*0.56/50))
	if len(said.GetNotes()) != 0 {
		t.Errorf("notes %q", said.GetNotes())
	}
	ask.Second = nil // everybody: the left are in both
	said, err = w.insight().CompareLoyalty(t.Context(), "acme", ask)
	if err != nil {
		t.Fatal(err)
	}
	if said.GetSecond().GetN() != 100 || len(said.GetNotes()) != 1 || !strings.Contains(said.GetNotes()[0], "50 respondents are in both") {
		t.Errorf("%v", said)
	}
	ask.Second = &cmiv1.ReportFilter{QuestionnaireIds: []string{"nobody"}}
	if _, err := w.insight().CompareLoyalty(t.Context(), "acme", ask); fault.ReasonOf(err) != cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND ||
		!strings.Contains(err.Error(), "second.questionnaire_ids") {
		t.Errorf("%v", err)
	}
}

// TestMatrix puts customers into quadrants and lists one of them page by page.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loyalPulse("one"))
	w.slice = 3
	for k := range 20 {
		happy, stay := 5.0, 90.0
		if k%2 == 1 {
			happy = 1
		}
		if k%4 >= 2 {
			stay = 20
		}
		w.respond(string(rune('a'+k)), "one", day(time.August, 1), online, number("happy", happy), number("stay", stay))
	}
	w.respond("silent", "one", day(time.August, 1), online, number("stay", 50))
	ask := &cmiv1.GetLoyaltyMatrixRequest{List: cmiv1.Quadrant_QUADRANT_MERCENARY, PageSize: 2}
	said, err := w.insight().Matrix(t.Context(), "acme", ask)
	if err != nil {
		t.Fatal(err)
	}
	sane(t, said)
	for k, q := range said.GetGroups()[0].GetQuadrants() {
		if q.GetCount() != 5 || !near(q.GetShare().GetValue(), 0.25) || int(q.GetQuadrant()) != k+1 {
			t.Errorf("%v", q)
		}
	}
	var listed []string
	for {
		for _, c := range said.GetCustomers() {
			listed = append(listed, c.GetCustomerId())
			if c.GetSatisfaction() != 100 || c.GetLoyalty() != 20 || c.GetQuadrant() != cmiv1.Quadrant_QUADRANT_MERCENARY {
				t.Errorf("%v", c)
			}
		}
		if said.GetNextPageToken() == "" {
			break
		}
		ask.PageToken = said.GetNextPageToken()
		if said, err = w.insight().Matrix(t.Context(), "acme", ask); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(listed, "") != "cgkos" {
		t.Errorf("listed %q", listed)
	}
	_, err = w.insight().Matrix(t.Context(), "acme", &cmiv1.GetLoyaltyMatrixRequest{
		SatisfactionItems: []string{"happy"}, SatisfactionPillar: cmiv1.Pillar_PILLAR_ECI,
	})
	if fault.ReasonOf(err) != cmiv1.ErrorReason_INVALID_REQUEST {
		t.Errorf("%v", err)
	}
}
