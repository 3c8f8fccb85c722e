package mix_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/mix"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// TestDecomposeByHand: of the first 100, 60 are new with a mean of 50 and 40 known with 70, so the mean is 58; of the second 50 are new with 55
// and 50 known with 75, so it is 65. Make-up brings (0.5 - 0.6) 52.5 + (0.5 - 0.4) 72.5 = 2, answers 5 (0.55 + 0.45) = 5.
func TestDecomposeByHand(t *testing.T) {
	t.Parallel()
	s, ok := mix.Decompose([]mix.Part{{60, 50, 50, 55}, {40, 70, 50, 75}})
	if !ok || math.Abs(s.Mix-2) > 1e-12 || math.Abs(s.Change-5) > 1e-12 {
		t.Errorf("%+v, %v", s, ok)
	}
	// Who came or went is a matter of make-up alone: 50 with 60 people become 60 with 40 more of 75.
	s, ok = mix.Decompose([]mix.Part{{60, 50, 60, 50}, {0, math.NaN(), 40, 75}})
	if !ok || math.Abs(s.Mix-10) > 1e-12 || s.Change != 0 {
		t.Errorf("%+v, %v", s, ok)
	}
	for _, parts := range [][]mix.Part{nil, {{0, 1, 0, 1}}, {{1, 1, 0, 1}}} {
		if _, ok := mix.Decompose(parts); ok {
			t.Errorf("%v has a difference", parts)
		}
	}
}

func TestMixAndChangeAddUp(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	for range 5000 {
		parts := make([]mix.Part, 1+rng.IntN(6))
		var a, b, sumA, sumB float64
		for k := range parts {
			p := &parts[k]
			*p = mix.Part{WeightA: float64(rng.IntN(4)), MeanA: 100 * rng.Float64(), WeightB: float64(rng.IntN(4)), MeanB: 100 * rng.Float64()}
			a, b, sumA, sumB = a+p.WeightA, b+p.WeightB, sumA+p.WeightA*p.MeanA, sumB+p.WeightB*p.MeanB
		}
		s, ok := mix.Decompose(parts)
		if ok != (a > 0 && b > 0) {
			t.Fatalf("%+v: %v", parts, ok)
		}
		if ok && math.Abs(s.Mix+s.Change-(sumB/b-sumA/a)) > 1e-10 {
			t.Fatalf("%+v: %+v does not add up to %v", parts, s, sumB/b-sumA/a)
		}
	}
}

// TestStandardizeByHand: means of 40 and 60, which weigh 1 and 3 in the standard, make 55; their variances are 100 and 50 of four each, so
// the standard error is the root of 1/16 100/4 + 9/16 50/4 = 8.59375.
func TestStandardizeByHand(t *testing.T) {
	t.Parallel()
	var low, high, empty uncertainty.Sample
	for _, x := range []float64{-1, -1, 1, 1} {
		low.Add(40+x*math.Sqrt(75), 1)
		high.Add(60+x*math.Sqrt(37.5), 1)
	}
	e, ok := mix.Standardize([]uncertainty.Sample{low, high, empty}, []float64{1, 3, 0}, 0.95)
	half := uncertainty.Z(0.95) * math.Sqrt(8.59375)
	if !ok || math.Abs(e.Value-55) > 1e-12 || math.Abs(e.High-55-half) > 1e-9 || math.Abs(55-e.Low-half) > 1e-9 {
		t.Errorf("%+v, %v", e, ok)
	}
	if _, ok := mix.Standardize([]uncertainty.Sample{low, high, empty}, []float64{1, 3, 1}, 0.95); ok {
		t.Error("a part without respondents has a mean")
	}
	if _, ok := mix.Standardize(nil, nil, 0.95); ok {
		t.Error("nothing has a mean")
	}
}
