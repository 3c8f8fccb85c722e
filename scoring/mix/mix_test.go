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

// TestDecomposeMergedSamples splits what the parts of two groups make as they are merged from pieces, in any order.
func TestDecomposeMergedSamples(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(10, 9))
	var endless, some uncertainty.Sample
	endless.Add(math.Inf(1), 1)
	some.Add(1, 1)
	if s, ok := mix.Decompose([]mix.Part{mix.PartOf(&some, &endless)}); ok || s != (mix.Split{}) {
		t.Errorf("a mean without end: %+v, %v", s, ok)
	}
	for range 500 {
		var all [2]uncertainty.Sample
		var parts []mix.Part
		for range 1 + rng.IntN(6) {
			var groups [2]uncertainty.Sample
			for g := range groups {
				for range rng.IntN(4) {
					var piece uncertainty.Sample
					for range rng.IntN(5) {
						piece.Add(100*rng.Float64(), 0.5+rng.Float64())
					}
					groups[g].Merge(piece)
				}
				all[g].Merge(groups[g])
			}
			parts = append(parts, mix.PartOf(&groups[0], &groups[1]))
		}
		meanA, okA := all[0].Mean()
		meanB, okB := all[1].Mean()
		s, ok := mix.Decompose(parts)
		if ok != (okA && okB) || ok && math.Abs(s.Mix+s.Change-(meanB-meanA)) > 1e-11 {
			t.Fatalf("%+v, %v: %v less %v", s, ok, meanB, meanA)
		}
		rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		if again, _ := mix.Decompose(parts); math.Abs(again.Mix-s.Mix) > 1e-12*100 || math.Abs(again.Change-s.Change) > 1e-12*100 {
			t.Fatalf("%+v, and in another order %+v", s, again)
		}
	}
}

// TestOrderOfPartsDoesNotMatter to a standardised mean, which lies in its interval and among the means of the parts.
func TestOrderOfPartsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 9))
	for range 500 {
		n := 1 + rng.IntN(5)
		samples, standard := make([]uncertainty.Sample, n), make([]float64, n)
		low, high := math.Inf(1), math.Inf(-1)
		for k := range samples {
			for range 2 + rng.IntN(5) {
				samples[k].Add(100*rng.Float64(), 0.5+rng.Float64())
			}
			standard[k] = 0.1 + rng.Float64()
			mean, _ := samples[k].Mean()
			low, high = min(low, mean), max(high, mean)
		}
		e, ok := mix.Standardize(samples, standard, 0.95)
		if !ok || e.Value < low-1e-10 || e.Value > high+1e-10 || e.Value < e.Low || e.Value > e.High {
			t.Fatalf("%+v, %v of means from %v to %v", e, ok, low, high)
		}
		rng.Shuffle(n, func(i, j int) {
			samples[i], samples[j] = samples[j], samples[i]
			standard[i], standard[j] = standard[j], standard[i]
		})
		again, _ := mix.Standardize(samples, standard, 0.95)
		if math.Abs(again.Value-e.Value) > 1e-12*100 || math.Abs(again.Low-e.Low) > 1e-12*1000 {
			t.Fatalf("%+v, and in another order %+v", e, again)
		}
	}
}

// TestStandardizedIntervalsCover draws three parts that weigh otherwise in the standard than in the group. Of 4,000 intervals the
// share that holds the truth has a standard error of 0.0034; a normal interval of 25 respondents a part is a bit too narrow.
func TestStandardizedIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 9))
	const rounds, truth = 4000, 0.5*40 + 0.3*60 + 0.2*80
	held := 0
	for range rounds {
		samples := make([]uncertainty.Sample, 3)
		for k, n := range []int{25, 40, 80} {
			for range n {
				samples[k].Add(40+20*float64(k)+10*rng.NormFloat64(), 1)
			}
		}
		if e, ok := mix.Standardize(samples, []float64{50, 30, 20}, 0.95); ok && e.Low <= truth && truth <= e.High {
			held++
		}
	}
	if share := float64(held) / rounds; math.Abs(share-0.95) > 0.02 {
		t.Errorf("%v of the intervals hold the truth", share)
	}
}

// TestWhateverIsSaidIsANumber asks of parts whose weights and means are any finite numbers.
func TestWhateverIsSaidIsANumber(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(13, 9))
	ends := []float64{0, -1, 1, 50, 5e-324, 1e-300, 1e160, math.MaxFloat64, -math.MaxFloat64}
	figure := func() float64 { return ends[rng.IntN(len(ends))] }
	for range 20_000 {
		n := rng.IntN(4)
		parts, samples, standard := make([]mix.Part, n), make([]uncertainty.Sample, n), make([]float64, n)
		for k := range parts {
			parts[k] = mix.Part{WeightA: figure(), MeanA: figure(), WeightB: figure(), MeanB: figure()}
			standard[k] = figure()
			for range rng.IntN(4) {
				samples[k].Add(figure(), figure())
			}
		}
		if s, ok := mix.Decompose(parts); ok && (math.IsNaN(s.Mix-s.Change) || math.IsInf(s.Mix, 0) || math.IsInf(s.Change, 0)) {
			t.Fatalf("%+v: %+v", parts, s)
		}
		if e, ok := mix.Standardize(samples, standard, 0.95); ok && (math.IsNaN(e.Value+e.High-e.Low) || math.IsInf(e.High, 0) || math.IsInf(e.Low, 0)) {
			t.Fatalf("%+v, %v: %+v", samples, standard, e)
		}
	}
}
