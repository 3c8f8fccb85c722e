package keyweight_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/scoring/behaviour"
	"github.com/customer-momentum/cmi/scoring/keyweight"
)

// TestVersion: the constants in words.
func TestVersion(t *testing.T) {
	t.Parallel()
	const want = "half 12 months, saturation 4.285714285714286, window 180 days, half-life 90 days"
	if got := keyweight.Default().String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	seen := map[string]bool{want: true}
	for k := range 4 {
		c := keyweight.Default()
		x := []*float64{&c.HalfMonths, &c.Saturation, &c.Window.WindowDays, &c.Window.HalfLifeDays}[k]
		*x = math.Nextafter(*x, 1000)
		if seen[c.String()] {
			t.Errorf("%q is the version of two sets", c.String())
		}
		seen[c.String()] = true
	}
}

// TestValidate names the constant and the value.
func TestValidate(t *testing.T) {
	t.Parallel()
	if err := keyweight.Default().Validate(); err != nil {
		t.Error(err)
	}
	for k, name := range []string{"months that are worth half", "interactions per 30 days", "days that the window", "days that halve"} {
		for _, x := range []float64{0, -1, math.NaN(), math.Inf(1)} {
			c := keyweight.Default()
			*[]*float64{&c.HalfMonths, &c.Saturation, &c.Window.WindowDays, &c.Window.HalfLifeDays}[k] = x
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "numbers above 0 are allowed") {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}

// random gives constants and a history.
func random(seed uint64) (r *rand.Rand, c keyweight.Constants, first, at int64, interactions []int64) {
	r = rand.New(rand.NewPCG(11, seed))
	c = keyweight.Constants{
		HalfMonths: 0.1 + 24*r.Float64(), Saturation: 0.1 + 10*r.Float64(),
		Window: behaviour.Window{WindowDays: 1 + 300*r.Float64(), HalfLifeDays: 1 + 300*r.Float64()},
	}
	first, at = days(1000*r.Float64()), days(500+1000*r.Float64())
	for range r.IntN(40) {
		interactions = append(interactions, first+r.Int64N(days(1000)))
	}
	slices.Sort(interactions)
	return r, c, first, at, interactions
}

// TestBoundsAndGrowth: weights are within 0..1, between tenure and frequency, and grow with each; a person is an account of one.
func TestBoundsAndGrowth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r, c, first, at, interactions := random(seed)
		w := c.Of(first, at, interactions)
		for _, x := range []float64{w.Weight, w.Tenure, w.Frequency} {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("seed %d: %+v", seed, w)
			}
		}
		if w.Weight < min(w.Tenure, w.Frequency)-1e-12 || w.Weight > max(w.Tenure, w.Frequency)+1e-12 {
			t.Fatalf("seed %d: not between: %+v", seed, w)
		}
		if one := c.Account(first, at, c.Window.Rate(interactions, first, at)); one != w {
			t.Fatalf("seed %d: %+v, as an account of one %+v", seed, w, one)
		}
		earlier, more := c.Account(first-days(r.Float64()), at, w.Rate), c.Account(first, at, w.Rate+r.Float64())
		if earlier.Weight < w.Weight || more.Weight < w.Weight {
			t.Fatalf("seed %d: %+v, known for longer %+v, seen more %+v", seed, w, earlier, more)
		}
	}
}

// TestShrinkStaysBetween: the shrunk score lies between the score and the mean, and for weight 0 and 1 at its ends exactly.
func TestShrinkStaysBetween(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(12, 12))
	for range 3000 {
		x, mean, w := 100*r.Float64(), 100*r.Float64(), r.Float64()
		if got := keyweight.Shrink(w, x, mean); got < min(x, mean)-1e-12 || got > max(x, mean)+1e-12 {
			t.Fatalf("%v of %v and %v: %v", w, x, mean, got)
		}
		if keyweight.Shrink(1, x, mean) != x || keyweight.Shrink(0, x, mean) != mean {
			t.Fatalf("%v and %v", x, mean)
		}
	}
}

// TestMeanStaysWithin: the mean lies among the values of positive weight, the effective number within 1 and their number; and
// both are those of the definition.
func TestMeanStaysWithin(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(13, seed))
		var values, weights []float64
		sum, total, squares := 0.0, 0.0, 0.0
		lowest, highest, n := math.Inf(1), math.Inf(-1), 0.0
		for range 1 + r.IntN(20) {
			x, w := float64(r.IntN(1001))/10, r.Float64()
			if r.IntN(4) == 0 {
				w = 0
			}
			values, weights = append(values, x), append(weights, w)
			sum, total, squares = sum+w*x, total+w, squares+w*w
			if w > 0 {
				lowest, highest, n = min(lowest, x), max(highest, x), n+1
			}
		}
		mean, nEff, ok := keyweight.Mean(values, weights)
		if ok != (n > 0) {
			t.Fatalf("seed %d: %v with %v weights", seed, ok, n)
		}
		if !ok {
			continue
		}
		if mean < lowest || mean > highest || nEff < 1-1e-9 || nEff > n+1e-9 {
			t.Fatalf("seed %d: %v of %v to %v, effectively %v of %v", seed, mean, lowest, highest, nEff, n)
		}
		if !(math.Abs(mean-sum/total) <= 1e-9) || !(math.Abs(nEff-total*total/squares) <= 1e-9) {
			t.Fatalf("seed %d: %v and %v, want %v and %v", seed, mean, nEff, sum/total, total*total/squares)
		}
	}
}

// TestEqualValues: the mean of values that are all the same is that value, to the last bit.
func TestEqualValues(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(14, 14))
	for range 1000 {
		values, weights := make([]float64, 7), make([]float64, 7)
		for k := range values {
			values[k], weights[k] = 100, r.Float64()
		}
		if got, _, _ := keyweight.Mean(values, weights); got != 100 {
			t.Fatalf("%v by %v", got, weights)
		}
	}
}
