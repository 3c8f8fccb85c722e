package uncertainty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// figure draws any finite number: ordinary ones, and those at the ends of what a number can be.
func figure(rng *rand.Rand) float64 {
	ends := []float64{0, 1, -1, 100, 1e-9, 5e-324, 1e-308, 1e-160, 1e100, 1e160, math.MaxFloat64, 1 << 53}
	if rng.IntN(2) == 0 {
		return 100 * rng.Float64()
	}
	return ends[rng.IntN(len(ends))] * float64(1-2*rng.IntN(2))
}

func number(t *testing.T, what string, from any, figures ...float64) {
	t.Helper()
	for _, x := range figures {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%s of %+v is %v", what, from, figures)
		}
	}
}

func ordered(t *testing.T, what string, from any, e uncertainty.Estimate) {
	t.Helper()
	number(t, what, from, e.Value, e.Low, e.High)
	if !(e.Low <= e.High) {
		t.Fatalf("%s of %+v is %+v", what, from, e)
	}
}

// TestWhateverIsSaidIsANumber asks of none, one, two and a few figures of any size.
func TestWhateverIsSaidIsANumber(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(31, 1))
	said := 0
	for range 30_000 {
		var a, b uncertainty.Sample
		constant, weight := figure(rng), figure(rng)
		same := rng.IntN(3)
		for range rng.IntN(5) {
			x, w := figure(rng), figure(rng)
			if same == 0 {
				x = constant
			}
			if same <= 1 {
				w = weight
			}
			a.Add(x, w)
			b.Add(figure(rng), 1)
		}
		number(t, "n", a, a.EffectiveN())
		for _, s := range []*uncertainty.Sample{&a, &b} {
			mean, _ := s.Mean()
			variance, ok := s.Variance()
			number(t, "mean and variance", *s, mean, variance)
			if e, okE := s.Estimate(0.95); okE {
				ordered(t, "mean", *s, e)
				if said++; !ok || e.Value < e.Low || e.Value > e.High {
					t.Fatalf("%+v of %+v, whose variance is %v, %v", e, *s, variance, ok)
				}
			}
		}
		if d, ok := uncertainty.Unpaired(&a, &b, 0.9); ok {
			ordered(t, "difference", [2]uncertainty.Sample{a, b}, d.Estimate)
			number(t, "test", [2]uncertainty.Sample{a, b}, d.Statistic, d.Freedom, d.P)
		}
		if d, ok := uncertainty.Paired(&b, 0.9); ok {
			ordered(t, "difference", b, d.Estimate)
			number(t, "test", b, d.Statistic, d.Freedom, d.P)
		}
		b.Merge(a)
		if e, ok := b.Estimate(0.95); ok {
			ordered(t, "merged", b, e)
		}
	}
	if said < 10_000 {
		t.Errorf("only %d means are said", said)
	}
}

func TestWhateverIsSaidOfCountsIsANumber(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(32, 1))
	for range 30_000 {
		x := [4]float64{figure(rng), figure(rng), figure(rng), figure(rng)}
		if e, ok := uncertainty.Share(x[0], x[1], 0.95); ok {
			ordered(t, "share", x, e)
			if e.Low < 0 || e.High > 1 {
				t.Fatalf("share of %v: %+v", x, e)
			}
		}
		if e, ok := uncertainty.RelativeRisk(x[0], x[1], x[2], x[3], 0.95); ok {
			ordered(t, "risk", x, e)
			if !(0 <= e.Low && e.Low <= e.Value && e.Value <= e.High) {
				t.Fatalf("risk of %v: %+v", x, e)
			}
		}
		if d, ok := uncertainty.ByZ(x[0], x[1], x[2], x[3], 0.95); ok {
			ordered(t, "difference", x, d.Estimate)
			number(t, "test", x, d.Statistic, d.P)
		}
	}
}

// TestAnyCutGivesTheSame cuts figures into pieces and merges these, in another order too.
func TestAnyCutGivesTheSame(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(33, 1))
	for range 300 {
		n, pieces := rng.IntN(200), 1+rng.IntN(8)
		var whole, merged uncertainty.Sample
		parts := make([]uncertainty.Sample, pieces)
		for range n {
			x, weight := 1000*rng.Float64(), 0.01+rng.Float64()
			whole.Add(x, weight)
			parts[rng.IntN(pieces)].Add(x, weight)
		}
		for _, k := range rng.Perm(pieces) {
			merged.Merge(parts[k])
		}
		meanA, okA := whole.Mean()
		meanB, okB := merged.Mean()
		varianceA, _ := whole.Variance()
		varianceB, _ := merged.Variance()
		if okA != okB || whole.N() != merged.N() {
			t.Fatalf("%+v and %+v", whole, merged)
		}
		near(t, "mean", meanB, meanA, 1e-12*1000)
		near(t, "variance", varianceB, varianceA, 1e-12*1000*1000)
		near(t, "weight", merged.SumWeights(), whole.SumWeights(), 1e-12*whole.SumWeights())
		near(t, "effective n", merged.EffectiveN(), whole.EffectiveN(), 1e-12*whole.EffectiveN())
	}
}

// TestOneFigureIsItsOwnMean whatever it weighs, and figures that are all the same have no variance, to the bit.
func TestOneFigureIsItsOwnMean(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(34, 1))
	for range 1000 {
		var s uncertainty.Sample
		x := 100 * rng.Float64()
		for k := range 1 + rng.IntN(5) {
			s.Add(x, rng.Float64()+1e-9)
			mean, ok := s.Mean()
			variance, okV := s.Variance()
			if !ok || mean != x || okV != (k > 0) || variance != 0 {
				t.Fatalf("%d times %v: mean %v, variance %v, %v", k+1, x, mean, variance, okV)
			}
		}
	}
}
