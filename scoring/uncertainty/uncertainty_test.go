package uncertainty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func sampleOf(values ...float64) *uncertainty.Sample {
	s := &uncertainty.Sample{}
	for _, x := range values {
		s.Add(x, 1)
	}
	return s
}

// TestQuantiles compares with printed tables: 1.960 and 2.576 of the normal distribution, 2.228 and 12.706 of Student's with 10 and 1
// degrees of freedom.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	near(t, "z of 0.95", uncertainty.Z(0.95), 1.959963985, 1e-9)
	near(t, "z of 0.99", uncertainty.Z(0.99), 2.575829304, 1e-9)
	near(t, "t of 0.95, 10", uncertainty.T(0.95, 10), 2.228, 0.0005)
	near(t, "t of 0.95, 1", uncertainty.T(0.95, 1), 12.706, 0.0005)
	near(t, "p of 1.96", uncertainty.PNormal(-1.959963985), 0.05, 1e-9)
	near(t, "p of t 2.228, 10", uncertainty.PStudent(2.2281388520, 10), 0.05, 1e-9)
}

// TestSleep compares with the data of 'Student' (1908), the sleep that ten patients gained by two drugs, as R prints it: the mean
// difference of pairs is -1.58, t = -4.0621 with 9 degrees of freedom, p = 0.002833; unpaired t = -1.8608 with 17.776, p = 0.07939.
func TestSleep(t *testing.T) {
	t.Parallel()
	first := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	second := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	differences := &uncertainty.Sample{}
	for k := range first {
		differences.Add(first[k]-second[k], 1)
	}
	paired, ok := uncertainty.Paired(differences, 0.95)
	if !ok {
		t.Fatal("it cannot be said")
	}
	near(t, "difference", paired.Value, -1.58, 1e-12)
	near(t, "t", paired.Statistic, -4.0621, 0.00005)
	near(t, "degrees of freedom", paired.Freedom, 9, 0)
	near(t, "p", paired.P, 0.002833, 0.0000005)
	near(t, "low", paired.Low, -2.4598858, 5e-8)
	near(t, "high", paired.High, -0.7001142, 5e-8)
	unpaired, ok := uncertainty.Unpaired(sampleOf(first...), sampleOf(second...), 0.95)
	if !ok {
		t.Fatal("it cannot be said")
	}
	near(t, "t", unpaired.Statistic, -1.8608, 0.00005)
	near(t, "degrees of freedom", unpaired.Freedom, 17.776, 0.0005)
	near(t, "p", unpaired.P, 0.07939, 0.000005)
	near(t, "low", unpaired.Low, -3.3654832, 5e-8)
	near(t, "high", unpaired.High, 0.2054832, 5e-8)
}

// TestWeights gives by hand: the mean of 1, 2 and 4 with the weights 1, 2 and 1 is 9/4; the squared distances, weighted, are 25/16 +
// 2/16 + 49/16 = 76/16, below stands 4 - 6/4 = 5/2, so the variance is 1.9; 16/6 respondents count.
func TestWeights(t *testing.T) {
	t.Parallel()
	var s uncertainty.Sample
	for k, weight := range []float64{1, 2, 1, 0, -3} {
		s.Add([]float64{1, 2, 4, 100, 100}[k], weight)
	}
	mean, _ := s.Mean()
	variance, _ := s.Variance()
	near(t, "mean", mean, 2.25, 1e-15)
	near(t, "variance", variance, 1.9, 1e-15)
	near(t, "effective n", s.EffectiveN(), 8.0/3, 1e-15)
	e, ok := s.Estimate(0.95)
	half := uncertainty.T(0.95, 5.0/3) * math.Sqrt(1.9*3/8)
	if !ok || s.N() != 3 {
		t.Fatal(s.N(), ok)
	}
	near(t, "low", e.Low, 2.25-half, 1e-12)
	near(t, "high", e.High, 2.25+half, 1e-12)
}

func TestMergedSamplesAreOne(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		var whole, merged uncertainty.Sample
		for range rng.IntN(5) {
			var part uncertainty.Sample
			for range rng.IntN(20) {
				x, weight := 50+10*rng.NormFloat64(), rng.Float64()
				whole.Add(x, weight)
				part.Add(x, weight)
			}
			merged.Merge(part)
		}
		a, okA := whole.Estimate(0.9)
		b, okB := merged.Estimate(0.9)
		if okA != okB || whole.N() != merged.N() {
			t.Fatalf("%v of %d, %v of %d", okA, whole.N(), okB, merged.N())
		}
		near(t, "value", b.Value, a.Value, 1e-11)
		near(t, "low", b.Low, a.Low, 1e-10*math.Max(1, a.High-a.Low))
	}
}

func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	one, alike := sampleOf(5), sampleOf(3, 3, 3)
	none := &uncertainty.Sample{}
	for _, s := range []*uncertainty.Sample{none, one} {
		if _, ok := s.Estimate(0.95); ok {
			t.Errorf("%d respondents have an interval", s.N())
		}
		if _, ok := uncertainty.Unpaired(s, sampleOf(1, 2), 0.95); ok {
			t.Errorf("%d respondents are compared", s.N())
		}
		if _, ok := uncertainty.Paired(s, 0.95); ok {
			t.Errorf("%d respondents are compared", s.N())
		}
	}
	if _, ok := none.Mean(); ok {
		t.Error("nobody has a mean")
	}
	if _, ok := uncertainty.Share(0, 0, 0.95); ok {
		t.Error("nobody has a share")
	}
	if e, ok := alike.Estimate(0.95); !ok || e.Low != 3 || e.High != 3 {
		t.Errorf("equal figures: %+v, %v", e, ok)
	}
	if _, ok := uncertainty.Unpaired(alike, sampleOf(4, 4), 0.95); ok {
		t.Error("samples in which nobody differs are tested")
	}
	if _, ok := uncertainty.Paired(alike, 0.95); ok {
		t.Error("differences that are all the same are tested")
	}
	if _, ok := uncertainty.ByZ(1, 0, 2, 0, 0.95); ok {
		t.Error("figures without an error are tested")
	}
}

// TestIntervalsCover draws samples of which the truth is known: about 95 of 100 intervals hold it.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 1))
	const draws, level = 20_000, 0.95
	mean, share := 0, 0
	for range draws {
		var s uncertainty.Sample
		did := 0
		for range 12 {
			s.Add(50+10*rng.NormFloat64(), 1)
		}
		for range 40 {
			if rng.Float64() < 0.3 {
				did++
			}
		}
		if e, ok := s.Estimate(level); ok && e.Low <= 50 && 50 <= e.High {
			mean++
		}
		if e, ok := uncertainty.Share(float64(did), 40, level); ok && e.Low <= 0.3 && 0.3 <= e.High {
			share++
		}
	}
	// Five standard errors are 0.008 of the draws; a share of 40 jumps, so that its interval covers a bit more or less.
	near(t, "how often the mean is held", float64(mean)/draws, level, 0.008)
	near(t, "how often the share is held", float64(share)/draws, level, 0.02)
}

func TestSharesStayOnTheScale(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	for range 10_000 {
		n := math.Exp(10 * rng.Float64())
		did := n * rng.Float64()
		if rng.IntN(4) == 0 {
			did = []float64{0, n}[rng.IntN(2)]
		}
		e, ok := uncertainty.Share(did, n, 0.5+0.4999*rng.Float64())
		if !ok || !(0 <= e.Low && e.Low <= e.Value+1e-12 && e.Value <= e.High+1e-12 && e.High <= 1) {
			t.Fatalf("%v of %v: %+v", did, n, e)
		}
	}
}
