package loyalty_test

import (
	"math"
	"testing"

	"github.com/customer-momentum/cmi/scoring/loyalty"
)

// TestCompareCSATByHand: of 80 of 100 and 60 of 90 the shares are 4/5 and 2/3, 2/15 apart. The variances are 4/25/100 = 0.0016 and 2/9/90 =
// 1/405, so the standard error is the root of 0.004069136, which is 0.06378978; z is 2.090200, its p 0.03660, and the interval
// reaches 0.1250257 to either side.
func TestCompareCSATByHand(t *testing.T) {
	t.Parallel()
	d, ok := loyalty.CompareCSAT(loyalty.CSAT{Satisfied: 80, N: 100}, loyalty.CSAT{Satisfied: 60, N: 90}, 0.95)
	if !ok || math.Abs(d.Value-2.0/15) > 1e-15 || math.Abs(d.Statistic-2.0902) > 5e-5 || math.Abs(d.P-0.0366) > 5e-6 || d.Freedom != 0 {
		t.Errorf("%+v, %v", d, ok)
	}
	if math.Abs(d.High-2.0/15-0.1250257) > 5e-8 || math.Abs(2.0/15-d.Low-0.1250257) > 5e-8 {
		t.Errorf("%+v", d)
	}
}

func TestCompareCSATWithoutVariance(t *testing.T) {
	t.Parallel()
	all, some, none := loyalty.CSAT{Satisfied: 5, N: 5}, loyalty.CSAT{Satisfied: 5, N: 10}, loyalty.CSAT{N: 7}
	for _, c := range [][2]loyalty.CSAT{{all, all}, {all, none}, {{}, some}, {some, {}}} {
		if d, ok := loyalty.CompareCSAT(c[0], c[1], 0.95); ok {
			t.Errorf("%+v: %+v", c, d)
		}
	}
	// The share of all counts as known for certain: the root of 1/40 alone makes z.
	d, ok := loyalty.CompareCSAT(all, some, 0.95)
	if !ok || math.Abs(d.Statistic-0.5*math.Sqrt(40)) > 1e-12 {
		t.Errorf("%+v, %v", d, ok)
	}
}
