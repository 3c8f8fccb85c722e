package loyalty_test

import (
	"testing"

	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring/loyalty"
)

// groups are those of the airline's customers whose figures somebody else has computed in R.
func groups(t *testing.T) map[string]loyalty.NPS {
	t.Helper()
	survey := reference.Open(t, "airline.csv")
	answers := survey.Numbers(t, "nps")
	found := map[string]loyalty.NPS{}
	for row := range survey.Rows {
		for _, group := range []string{"all", survey.Columns["gender"][row], survey.Columns["flight_purpose"][row]} {
			s := found[group]
			s.Add(answers[row] - 1) // stored as 1 to 11
			found[group] = s
		}
	}
	return found
}

func TestNPSOfTheAirline(t *testing.T) {
	t.Parallel()
	found := groups(t)
	for key, group := range map[string]string{"all": "all", "male": "male", "female": "female", "business": "Business", "leisure": "Leisure"} {
		s := found[group]
		key = "airline.nps_" + key
		score, _ := s.Score()
		variance, _ := s.Variance()
		e, ok := s.Estimate(0.95)
		plain, okPlain := s.Plain(0.95)
		if !ok || !okPlain || e.Value != score || plain.Value != score {
			t.Errorf("%s: %+v, %v, %+v, %v", key, e, ok, plain, okPlain)
		}
		reference.Check(t, key+".n", float64(s.N()))
		reference.Check(t, key+".prom", float64(s.Promoters))
		reference.Check(t, key+".det", float64(s.Detractors))
		reference.Check(t, key+".nps", score)
		reference.Check(t, key+".var", variance)
		reference.Check(t, key+".wald_lo", plain.Low)
		reference.Check(t, key+".wald_hi", plain.High)
		reference.Check(t, key+".adjwald_lo", e.Low)
		reference.Check(t, key+".adjwald_hi", e.High)
	}
	sexes, ok := loyalty.CompareNPS(found["male"], found["female"], 0.95)
	if !ok {
		t.Fatal("it cannot be said")
	}
	reference.Check(t, "airline.nps_male_vs_female.z", sexes.Statistic)
	reference.Check(t, "airline.nps_male_vs_female.p", sexes.P)
	purposes, ok := loyalty.CompareNPS(found["Business"], found["Leisure"], 0.95)
	if !ok {
		t.Fatal("it cannot be said")
	}
	reference.Check(t, "airline.nps_business_vs_leisure.p", purposes.P)
}

// TestMatrixOfTheMobileSurvey counts the quadrants at the cut of 70, by satisfaction as the mean of CUSA1-3, against one item of loyalty and
// against the mean of three. The counts were made by others.
func TestMatrixOfTheMobileSurvey(t *testing.T) {
	t.Parallel()
	survey := reference.Open(t, "mobile.csv")
	mean := func(row int, names ...string) float64 {
		sum := 0.0
		for _, name := range names {
			sum += (survey.Numbers(t, name)[row] - 1) / 9 * 100
		}
		return sum / float64(len(names))
	}
	var one, three [5]int
	for row := range survey.Rows {
		satisfaction := mean(row, "CUSA1", "CUSA2", "CUSA3")
		one[loyalty.Place(satisfaction, mean(row, "CUSL1"), loyalty.UsualCut, loyalty.UsualCut)]++
		three[loyalty.Place(satisfaction, mean(row, "CUSL1", "CUSL2", "CUSL3"), loyalty.UsualCut, loyalty.UsualCut)]++
	}
	if one != [5]int{0, 118, 45, 30, 57} || three != [5]int{0, 88, 75, 16, 71} {
		t.Errorf("loyalists, mercenaries, hostages and defectors are %v and %v", one[1:], three[1:])
	}
}
