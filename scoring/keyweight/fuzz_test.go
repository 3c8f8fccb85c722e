package keyweight_test

import (
	"math"
	"testing"

	"github.com/customer-momentum/cmi/scoring/keyweight"
)

// FuzzWeight weighs any customer with any constants: all is within its bounds, and so are means by such weights.
func FuzzWeight(f *testing.F) {
	f.Add(int64(0), int64(31557600e6), 4.0, 12.0, 30.0/7, 70.0, 0.25)
	f.Add(int64(1), int64(0), 0.0, 1e-300, 1e300, 0.0, 1.0)
	f.Fuzz(func(t *testing.T, first, at int64, rate, half, saturation, x, other float64) {
		c := keyweight.Default()
		c.HalfMonths, c.Saturation = half, saturation
		if c.Validate() != nil || !(rate >= 0 && x >= 0 && x <= 100 && other >= 0) || math.IsInf(rate+other, 0) {
			return
		}
		w := c.Account(first%253402300800_000000, at%253402300800_000000, rate)
		for _, part := range []float64{w.Weight, w.Tenure, w.Frequency} {
			if !(part >= 0 && part <= 1) {
				t.Fatalf("%v: %+v", c, w)
			}
		}
		if got := keyweight.Shrink(w.Weight, x, 50); !(got >= min(x, 50)-1e-9 && got <= max(x, 50)+1e-9) {
			t.Fatalf("%v of %v: %v", w.Weight, x, got)
		}
		mean, nEff, ok := keyweight.Mean([]float64{x, 50}, []float64{w.Weight, other})
		if ok != (w.Weight > 0 || other > 0) {
			t.Fatalf("%v and %v: %v", w.Weight, other, ok)
		}
		if ok && !(mean >= min(x, 50) && mean <= max(x, 50) && nEff >= 1-1e-9 && nEff <= 2+1e-9) {
			t.Fatalf("%v by %v and 50 by %v: %v, effectively %v", x, w.Weight, other, mean, nEff)
		}
	})
}
