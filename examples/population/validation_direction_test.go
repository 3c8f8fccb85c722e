package population_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/momentum"

	"github.com/customer-momentum/cmi/examples/population"
)

// rates says how often a direction is found in a population.
type rates struct {
	n int
	// right and wrong count those who are called moving the way they do, or the other way; a steady customer counts as wrong.
	right, wrong map[int]int // by waves
	ever         int         // called moving at some wave from the fifth on
	velocity     moments     // over all waves, minus the slope
	s            moments     // of the test at all waves, with the sign of the slope
}

// directions takes the direction after each number of waves.
func directions(t *testing.T, v *validation) rates {
	t.Helper()
	r := rates{n: v.plan.Customers, right: map[int]int{}, wrong: map[int]int{}}
	for i := range v.plan.Customers {
		truth, points := v.plan.Truth(i), v.points(t, i)
		ever := false
		for waves := 2; waves <= len(points); waves++ {
			course := momentum.Of(points[:waves], points[waves-1].At)
			called := course.Direction == cmiv1.Direction_DIRECTION_RISING || course.Direction == cmiv1.Direction_DIRECTION_FALLING
			switch {
			case called && course.Direction == truth.Direction:
				r.right[waves]++
			case called:
				r.wrong[waves]++
			}
			ever = ever || called && waves >= 5
			if waves == len(points) {
				r.velocity = append(r.velocity, *course.Velocity-truth.Slope)
				r.s = append(r.s, math.Copysign(1, truth.Slope)*float64(course.Trend.S))
			}
		}
		if ever {
			r.ever++
		}
	}
	return r
}

// reference draws the same by itself: a slope in SEM from wave to wave plus normal errors, S counted pair by pair, and the change
// from the first wave to the last with fewer than 5.
func reference(seed uint64, waves int, slope float64, n int) (right, wrong, ever float64) {
	r := rand.New(rand.NewChaCha8([32]byte{byte(seed), byte(waves)}))
	values := make([]float64, waves)
	for range n {
		everCalled := false
		for w := range values {
			values[w] = slope*float64(w) + r.NormFloat64()
		}
		for length := min(5, waves); length <= waves; length++ {
			up, down := calls(values[:length])
			everCalled = everCalled || up || down
			if length == waves && up {
				right++
			}
			if length == waves && down {
				wrong++
			}
		}
		if everCalled {
			ever++
		}
	}
	return right / float64(n), wrong / float64(n), ever / float64(n)
}

func calls(values []float64) (up, down bool) {
	n := len(values)
	if n < 5 {
		change := (values[n-1] - values[0]) / math.Sqrt2
		return change >= 1.96, change <= -1.96
	}
	s := 0
	for i := range values {
		for j := range i {
			if values[i] > values[j] {
				s++
			} else {
				s--
			}
		}
	}
	// |S| - 1 over its standard deviation without ties beyond the 97.5% quantile (M. G. Kendall, Rank Correlation Methods).
	sure := (math.Abs(float64(s))-1)/math.Sqrt(float64(n*(n-1)*(2*n+5))/18) > 1.959963984540054
	return sure && s > 0, sure && s < 0
}

// chanceOfTrend is how likely the test calls n values in random order a trend, exactly: from how many orders have each number of
// inversions, the coefficients of the product of 1 + q + ... + q^(k-1) over k = 1..n.
func chanceOfTrend(n int) float64 {
	inversions := []float64{1}
	for k := 2; k <= n; k++ {
		next := make([]float64, len(inversions)+k-1)
		for i, x := range inversions {
			for j := range k {
				next[i+j] += x / float64(k)
			}
		}
		inversions = next
	}
	sure := 0.0
	for i, p := range inversions {
		s := float64(n*(n-1)/2 - 2*i)
		if (math.Abs(s)-1)/math.Sqrt(float64(n*(n-1)*(2*n+5))/18) > 1.959963984540054 {
			sure += p
		}
	}
	return sure
}

// TestValidationSteady: how often steady customers are called moving is what the distribution of S says; with fewer than 5 waves
// it is the 5% of the reliable change.
func TestValidationSteady(t *testing.T) {
	t.Parallel()
	const longest = 20
	v := validate(t, 4, func(p *population.Plan) { p.Rising, p.Falling, p.Waves = 0, 0, longest })
	r := directions(t, v)
	for waves := 2; waves <= longest; waves++ {
		want := 0.05
		if waves >= 5 {
			want = chanceOfTrend(waves)
		}
		share(t, fmt.Sprintf("steady called moving after %d waves", waves), r.wrong[waves], r.n, want)
		t.Logf("after %2d waves %.2f%% of the steady are called moving, %.2f%% by theory", waves, percent(r.wrong[waves], r.n), 100*want)
	}
	_, _, ever := reference(4, longest, 0, 20_000)
	near(t, "ever called moving", float64(r.ever)/float64(r.n), ever, math.Sqrt(ever*(1-ever)*(1/float64(r.n)+1/20_000.0)))
	t.Logf("tested at each of the waves 5 to %d: %.2f%% are called moving once or more, %.2f%% in the reference", longest, percent(r.ever, r.n), 100*ever)
}

// TestValidationMoving: how often those who move are found out is what an independent simulation says; with fewer than 5 waves it
// has a closed form. S is on average the sum over all pairs of 2 Phi(d) - 1, d their distance in standard deviations.
func TestValidationMoving(t *testing.T) {
	t.Parallel()
	for k, perWave := range []float64{0.25, 0.5, 0.75} { // in SEM
		t.Run(fmt.Sprintf("%g SEM from wave to wave", perWave), func(t *testing.T) {
			t.Parallel()
			v := validate(t, uint64(5+k), func(p *population.Plan) {
				slope := perWave * p.TrueSEM()
				p.Rising, p.Falling, p.Slope = 0.5, 0.5, population.Range{Least: slope, Most: slope}
			})
			checkMoving(t, v, perWave)
		})
	}
}

func checkMoving(t *testing.T, v *validation, perWave float64) {
	t.Helper()
	r := directions(t, v)
	const draws = 20_000
	for waves := 2; waves <= v.plan.Waves; waves++ {
		right, wrong, _ := reference(uint64(perWave*100), waves, perWave, draws)
		within := func(p float64) float64 {
			return math.Sqrt(max(p*(1-p), 1/float64(r.n)) * (1/float64(r.n) + 1.0/draws))
		}
		near(t, fmt.Sprintf("found after %d waves", waves), float64(r.right[waves])/float64(r.n), right, within(right))
		near(t, fmt.Sprintf("taken for the opposite after %d waves", waves), float64(r.wrong[waves])/float64(r.n), wrong, within(wrong))
		t.Logf("after %2d waves %.1f%% are found (reference %.1f%%), %.2f%% taken for the opposite (%.2f%%)",
			waves, percent(r.right[waves], r.n), 100*right, percent(r.wrong[waves], r.n), 100*wrong)
		if waves < 5 {
			z := perWave*float64(waves-1)/math.Sqrt2 - 1.96
			share(t, fmt.Sprintf("found after %d waves, closed form", waves), r.right[waves], r.n, phi(z))
		}
	}
	mean := 0.0
	for i := range v.plan.Waves {
		for j := range i {
			mean += 2*phi(perWave*float64(i-j)/math.Sqrt2) - 1
		}
	}
	near(t, "S", r.s.mean(), mean, math.Sqrt(r.s.variance()/float64(r.n)))
	// The median slope is that of the truth, within the thousandth that times within a wave blur it by.
	near(t, "velocity", r.velocity.mean(), 0, math.Sqrt(r.velocity.variance()/float64(r.n)))
	t.Logf("velocity: off by %.4f points per 30 days on average, with an SD of %.3f", r.velocity.mean(), math.Sqrt(r.velocity.variance()))
}

// phi is the standard normal distribution function.
func phi(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func percent(count, n int) float64 { return 100 * float64(count) / float64(n) }
