package uncertainty_test

import (
	"math"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// TestRelativeRiskByHand takes heart attacks of physicians, 189 of 11,034 with a placebo and 104 of 11,037 with aspirin (Steering Committee
// of the Physicians' Health Study Research Group, New England Journal of Medicine 318, 1988). The ratio is 0.0171289 / 0.0094229 =
// 1.81780, its logarithm 0.597628. The variance of that is 1/189 - 1/11034 + 1/104 - 1/11037 = 0.0147252, whose root is 0.121347; 1.959964
// times this is 0.237837. So the interval is from exp(0.359791) = 1.43303 to exp(0.835465) = 2.30588.
func TestRelativeRiskByHand(t *testing.T) {
	t.Parallel()
	e, ok := uncertainty.RelativeRisk(189, 11_034, 104, 11_037, 0.95)
	if !ok || e.Level != 0.95 {
		t.Fatal(e, ok)
	}
	near(t, "ratio", e.Value, 1.81780, 0.000005)
	near(t, "low", e.Low, 1.43303, 0.00001)
	near(t, "high", e.High, 2.30588, 0.00001)
	back, _ := uncertainty.RelativeRisk(104, 11_037, 189, 11_034, 0.95)
	near(t, "the other way round", back.Value*e.Value, 1, 1e-12)
	near(t, "the other way round", back.Low*e.High, 1, 1e-12)
}

func TestRelativeRiskOfNobody(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range [][4]float64{
		{0, 10, 5, 10}, {5, 10, 0, 10}, {0, 0, 5, 10}, {5, 10, 0, 0}, {5, 0, 5, 10}, {5, 10, 5, 0}, {-1, 10, 5, 10}, {nan, 10, 5, 10}, {5, 10, 5, math.Inf(1)},
	} {
		if e, ok := uncertainty.RelativeRisk(c[0], c[1], c[2], c[3], 0.95); ok {
			t.Errorf("%v: %+v", c, e)
		}
	}
	if e, ok := uncertainty.RelativeRisk(10, 10, 5, 5, 0.95); !ok || e.Value != 1 || e.Low != 1 || e.High != 1 {
		t.Errorf("of all: %+v, %v", e, ok)
	}
}
