package drivers_test

import (
	"testing"

	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring/drivers"
)

func analyze(t *testing.T, table drivers.Table, method drivers.Method) *drivers.Analysis {
	t.Helper()
	a, err := drivers.Analyze(table, method)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSwiss(t *testing.T) {
	t.Parallel()
	survey := reference.Open(t, "swiss.csv")
	names := []string{"Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"}
	table := drivers.Table{Target: survey.Numbers(t, "Fertility")}
	for _, name := range names {
		table.Predictors = append(table.Predictors, survey.Numbers(t, name))
	}
	// 47 rows are too few for five predictors by the rule for reports, and enough to compare.
	for method, key := range map[drivers.Method]string{drivers.LMG: "swiss.lmg.", drivers.Johnson: "swiss.johnson."} {
		a := drivers.AnalyzeSmall(t, table, method)
		reference.Check(t, "swiss.R2", a.R2)
		for k, name := range names {
			reference.Check(t, key+name, a.Shares[k].Share)
		}
	}
}

func TestDriversOfRecommendation(t *testing.T) {
	t.Parallel()
	survey := reference.Open(t, "mobile.csv")
	blocks := []struct {
		name  string
		items []string
	}{
		{"IMAG", []string{"IMAG1", "IMAG2", "IMAG3", "IMAG4", "IMAG5"}},
		{"PERQ", []string{"PERQ1", "PERQ2", "PERQ3", "PERQ4", "PERQ5", "PERQ6", "PERQ7"}},
		{"PERV", []string{"PERV1", "PERV2"}}, {"CUSA", []string{"CUSA1", "CUSA2", "CUSA3"}}, {"CUSCO", []string{"CUSCO"}},
	}
	table := drivers.Table{Target: survey.Numbers(t, "CUSL3")}
	for _, block := range blocks {
		column := make([]float64, survey.Rows)
		for _, item := range block.items {
			for row, x := range survey.Numbers(t, item) {
				column[row] += x
			}
		}
		table.Predictors = append(table.Predictors, column)
	}
	a := analyze(t, table, drivers.Auto)
	if a.Method != drivers.LMG || a.N != 250 {
		t.Errorf("%+v", a)
	}
	reference.Check(t, "mobi.drivers_of_CUSL3.R2", a.R2)
	for k, block := range blocks {
		reference.Check(t, "mobi.drivers_of_CUSL3.lmg."+block.name, a.Shares[k].Share)
	}
}
