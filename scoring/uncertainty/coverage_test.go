package uncertainty_test

import (
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// held is how often, of many rounds, an interval of 0.95 holds the truth. The standard error of what it answers is the root of 0.95 0.05
// / 4000, which is 0.0034: of intervals that keep what they promise it lies between 0.936 and 0.964 but once in 20,000.
func held(t *testing.T, truth float64, round func() (uncertainty.Estimate, bool)) float64 {
	t.Helper()
	const rounds = 4000
	count := 0
	for range rounds {
		e, ok := round()
		if !ok || e.Level != 0.95 {
			t.Fatal(e, ok)
		}
		if e.Low <= truth && truth <= e.High {
			count++
		}
	}
	return float64(count) / rounds
}

// TestIntervalsOfDifferencesCover draws samples of which the truth is known.
func TestIntervalsOfDifferencesCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 1))
	drawn := func(n int, mean, deviation float64) *uncertainty.Sample {
		s := &uncertainty.Sample{}
		for range n {
			s.Add(mean+deviation*rng.NormFloat64(), 1)
		}
		return s
	}
	did := func(n int, p float64) (count float64) {
		for range n {
			if rng.Float64() < p {
				count++
			}
		}
		return count
	}
	near(t, "Welch", held(t, 5, func() (uncertainty.Estimate, bool) {
		d, ok := uncertainty.Unpaired(drawn(8, 55, 20), drawn(25, 50, 5), 0.95)
		return d.Estimate, ok
	}), 0.95, 0.014)
	near(t, "paired", held(t, 3, func() (uncertainty.Estimate, bool) {
		d, ok := uncertainty.Paired(drawn(7, 3, 10), 0.95)
		return d.Estimate, ok
	}), 0.95, 0.014)
	// Counts jump, and their logarithm is normal only roughly, so that a bit more is allowed for.
	near(t, "relative risk", held(t, 1.5, func() (uncertainty.Estimate, bool) {
		return uncertainty.RelativeRisk(did(150, 0.3), 150, did(200, 0.2), 200, 0.95)
	}), 0.95, 0.02)
}

// TestWeightedIntervalsCover draws respondents whose weights have nothing to do with what they say.
func TestWeightedIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(13, 1))
	near(t, "weighted mean", held(t, 50, func() (uncertainty.Estimate, bool) {
		var s uncertainty.Sample
		for range 60 {
			s.Add(50+10*rng.NormFloat64(), 0.2+rng.Float64())
		}
		return s.Estimate(0.95)
	}), 0.95, 0.014)
	near(t, "weighted share", held(t, 0.4, func() (uncertainty.Estimate, bool) {
		var s uncertainty.Sample
		for range 150 {
			x := 0.0
			if rng.Float64() < 0.4 {
				x = 1
			}
			s.Add(x, 0.2+rng.Float64())
		}
		p, _ := s.Mean()
		return uncertainty.Share(p*s.EffectiveN(), s.EffectiveN(), 0.95)
	}), 0.95, 0.02)
}
