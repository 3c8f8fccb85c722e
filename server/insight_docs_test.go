package server_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestWorkedExample holds every figure of the worked example in docs/insight.md to what the service answers.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/insight.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(text)), " ")
	r := start(t)
	r.recordAirline(t)
	for _, want := range append(r.loyaltyExample(t), r.driversExample(t)...) {
		if !strings.Contains(page, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("docs/insight.md does not say %q", want)
		}
	}
}

func shown(e *cmiv1.Estimate, digits int) string {
	return fmt.Sprintf("%.*f [%.*f, %.*f]", digits, e.GetValue(), digits, e.GetLow(), digits, e.GetHigh())
}

// loyaltyExample are NPS, CSAT, the index and the matrix.
func (r *running) loyaltyExample(t *testing.T) (says []string) {
	t.Helper()
	all, err := r.insight().GetLoyaltyReport(t.Context(), &cmiv1.GetLoyaltyReportRequest{})
	if err != nil {
		t.Fatal(err)
	}
	items := all.GetGroups()[0].GetItems()
	nps := items[0].GetNps()
	says = append(says,
		fmt.Sprintf("%d promoters, %d passives and %d detractors", nps.GetPromoters(), nps.GetPassives(), nps.GetDetractors()),
		fmt.Sprintf("100 (%d - %d) / %d = %.2f", nps.GetPromoters(), nps.GetDetractors(), items[0].GetN(), nps.GetEstimate().GetValue()),
		fmt.Sprintf("variance of one answer is %.4f", nps.GetVariance()), "NPS "+shown(nps.GetEstimate(), 1), "plain Wald interval is ["+bounds(nps.GetPlain(), 1)+"]")
	for _, item := range items[1:] {
		if item.GetItemId() == "overall_sat" {
			c := item.GetCsat()
			says = append(says, fmt.Sprintf("%d of %d answered %.0f or more", c.GetSatisfied(), item.GetN(), c.GetTop()), "CSAT "+shown(c.GetEstimate(), 3))
		}
	}
	purpose, err := r.insight().GetLoyaltyReport(t.Context(), &cmiv1.GetLoyaltyReportRequest{GroupBy: []string{"segment:purpose"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range purpose.GetGroups() {
		says = append(says, fmt.Sprintf("| %s | %d | %s |", g.GetCell().GetGroup()[0].GetValue(), g.GetItems()[0].GetN(), shown(g.GetItems()[0].GetNps().GetEstimate(), 1)))
	}
	compared, err := r.insight().CompareLoyalty(t.Context(), &cmiv1.CompareLoyaltyRequest{
		First:  &cmiv1.ReportFilter{Segments: map[string]string{"purpose": "Business"}},
		Second: &cmiv1.ReportFilter{Segments: map[string]string{"purpose": "Leisure"}}, Metric: cmiv1.Metric_METRIC_NPS,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := compared.GetDifference()
	says = append(says, fmt.Sprintf("difference is %s points, z = %.2f, p = %.1e", shown(d.GetEstimate(), 1), d.GetStatistic(), d.GetPValue()))
	index, err := r.insight().GetIndexReport(t.Context(), &cmiv1.GetIndexReportRequest{})
	if err != nil {
		t.Fatal(err)
	}
	g := index.GetGroups()[0]
	says = append(says, "mean CMI is "+shown(g.GetCmi(), 2))
	for _, b := range g.GetBuckets() {
		says = append(says, fmt.Sprintf("| %s | %d | %s |", b.GetBucket(), b.GetCount(), shown(b.GetShare(), 3)))
	}
	matrix, err := r.insight().GetLoyaltyMatrix(t.Context(), &cmiv1.GetLoyaltyMatrixRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range matrix.GetGroups()[0].GetQuadrants() {
		says = append(says, fmt.Sprintf("| %s | %d | %s |", q.GetQuadrant(), q.GetCount(), shown(q.GetShare(), 3)))
	}
	return says
}

func bounds(e *cmiv1.Estimate, digits int) string {
	return fmt.Sprintf("%.*f, %.*f", digits, e.GetLow(), digits, e.GetHigh())
}

// driversExample are the touchpoints that go along with the recommendation.
func (r *running) driversExample(t *testing.T) (says []string) {
	t.Helper()
	ask := &cmiv1.AnalyzeDriversRequest{Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: "nps"}}}
	for n := 1; n <= airline.Touchpoints; n++ {
		ask.Predictors = append(ask.Predictors, &cmiv1.DriverPredictor{ItemIds: []string{fmt.Sprint("s", n)}})
	}
	a := r.analyze(t, ask)
	says = append(says, fmt.Sprintf("%d customers answered all %d, %d did not", a.GetN(), airline.Touchpoints, a.GetDropped()),
		"R² "+shown(a.GetRSquared(), 3), fmt.Sprintf("above %.4f is important, above %.1f performs well", a.GetImportanceCut(), a.GetPerformanceCut()))
	for _, d := range a.GetDrivers() {
		if d.GetShare().GetValue() > 2*a.GetImportanceCut() || d.GetPriority() == cmiv1.Priority_PRIORITY_CONCENTRATE {
			says = append(says, fmt.Sprintf("| %s | %s | %.1f | %s |", d.GetPredictor().GetItemIds()[0], shown(d.GetShare(), 4), d.GetPerformance().GetValue(), d.GetPriority()))
		}
	}
	return says
}
