package drivers_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/customer-momentum/cmi/scoring/drivers"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// population is one of which everything is known: each of three predictors is loads of a common figure and ones of its own, and
// the target is a sum of them, by effects, and of what nobody explains.
type population struct{ loads, effects [3]float64 }

var telling = population{loads: [3]float64{0.8, 0.6, 0.3}, effects: [3]float64{0.5, 0.3, 0.4}}

func (p population) draw(rng *rand.Rand, rows int) drivers.Table {
	t := drivers.Table{Predictors: make([][]float64, 3)}
	for range rows {
		common, y := rng.NormFloat64(), rng.NormFloat64()
		for k := range p.loads {
			x := float64(p.loads[k]*common) + rng.NormFloat64()
			y += p.effects[k] * x
			t.Predictors[k] = append(t.Predictors[k], x)
		}
		t.Target = append(t.Target, y)
	}
	return t
}

// explained is the part of the target's variance that a set of predictors explains, by the covariances of the population.
func (p population) explained(t *testing.T, set []int) float64 {
	t.Helper()
	covariance := func(a, b int) float64 {
		if a == b {
			return 1 + p.loads[a]*p.loads[a]
		}
		return p.loads[a] * p.loads[b]
	}
	var with [3]float64 // the target
	all := 1.0
	for a := range with {
		for b := range with {
			with[a] += p.effects[b] * covariance(a, b)
		}
		all += p.effects[a] * with[a]
	}
	if len(set) == 0 {
		return 0
	}
	among, target := mat.NewDense(len(set), len(set), nil), mat.NewVecDense(len(set), nil)
	for i, a := range set {
		target.SetVec(i, with[a])
		for j, b := range set {
			among.Set(i, j, covariance(a, b))
		}
	}
	var beta mat.VecDense
	if err := beta.SolveVec(among, target); err != nil {
		t.Fatal(err)
	}
	return mat.Dot(&beta, target) / all
}

// shares are the true ones and, last, the true R2, by what each adds in each of the six orders.
func (p population) shares(t *testing.T) (shares [4]float64) {
	t.Helper()
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for place, j := range order {
			shares[j] += (p.explained(t, order[:place+1]) - p.explained(t, order[:place])) / 6
		}
	}
	shares[3] = p.explained(t, []int{0, 1, 2})
	return shares
}

// TestSharesOfManyRowsAreThoseOfThePopulation: of 400,000 rows they have a standard error of about 0.001.
func TestSharesOfManyRowsAreThoseOfThePopulation(t *testing.T) {
	t.Parallel()
	truth := telling.shares(t)
	a := analyze(t, telling.draw(rand.New(rand.NewPCG(71, 1)), 400_000), drivers.LMG)
	for k, s := range a.Shares {
		if math.Abs(s.Share-truth[k]) > 0.005 {
			t.Errorf("predictor %d has %v, in truth %v", k, s.Share, truth[k])
		}
	}
	if math.Abs(truth[0]+truth[1]+truth[2]-truth[3]) > 1e-12 || math.Abs(a.R2-truth[3]) > 0.005 {
		t.Errorf("R2 is %v, in truth %v", a.R2, truth)
	}
}

// covered counts how often intervals hold the true shares and R2, of so many rounds.
func covered(t *testing.T, rounds int, round func() ([]uncertainty.Estimate, uncertainty.Estimate, bool, error)) (held [4]float64) {
	t.Helper()
	truth := telling.shares(t)
	for range rounds {
		shares, r2, ok, err := round()
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		for k, e := range append(shares, r2) {
			if e.Low <= truth[k] && truth[k] <= e.High {
				held[k] += 1 / float64(rounds)
			}
		}
	}
	return held
}

// TestIntervalsCover draws samples of a population whose shares are known. Of so few rows, and with quantiles of only 200 draws, intervals
// of 0.95 hold the truth in 0.927 to 0.939 of 4,000 rounds. Of 400 rounds what is counted has a standard error of the root of 0.95 0.05 /
// 400, which is 0.011; hence 0.90 to 0.98.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(72, 1))
	held := covered(t, 400, func() ([]uncertainty.Estimate, uncertainty.Estimate, bool, error) {
		table := telling.draw(rng, 200)
		return analyze(t, table, drivers.LMG).Intervals(t.Context(), table, 200, rng.Uint64(), 0.95)
	})
	for k, share := range held {
		if share < 0.90 || share > 0.98 {
			t.Errorf("%v of the intervals of figure %d hold the truth", share, k)
		}
	}
}

// TestSampledIntervalsCover does so with intervals of 2,400 rows that come from 300 of them. Of 4,000 rounds 0.926 to 0.935 hold the truth,
// and with 1,000 draws 0.938 to 0.948 of 2,000.
func TestSampledIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(73, 1))
	held := covered(t, 400, func() ([]uncertainty.Estimate, uncertainty.Estimate, bool, error) {
		table := telling.draw(rng, 2400)
		sample := drivers.Table{Target: table.Target[:300]} // rows come in no order, so that the first are as good as any
		for _, column := range table.Predictors {
			sample.Predictors = append(sample.Predictors, column[:300])
		}
		return analyze(t, table, drivers.LMG).SampledIntervals(t.Context(), sample, 2400, 200, rng.Uint64(), 0.95)
	})
	for k, share := range held {
		if share < 0.90 || share > 0.98 {
			t.Errorf("%v of the intervals of figure %d hold the truth", share, k)
		}
	}
}
