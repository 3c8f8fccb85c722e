package momentum

import "math"

// Trend is the outcome of the Mann-Kendall test.
type Trend struct {
	// S is how many pairs rise, minus how many fall.
	S int
	// Z is the standard normal deviate of S; 0 where all values are equal.
	Z float64
	// P is how likely an S as far from 0 were if the values came in any order alike, two-sided, 0..1.
	P float64
}

// MannKendall tests values, in order of time, for a trend (Mann 1945; Kendall 1975): S sums the signs of all later values
// minus earlier ones. Under no trend it has mean 0 and variance
//
//	(n(n-1)(2n+5) - sum of t(t-1)(2t+5) over the groups of t equal values) / 18,
//
// and Z = (S -+ 1) / sqrt(variance), one closer to 0: the correction for continuity. P is by the normal distribution, which
// is close from about 10 values and cautious below. Where the variance is 0, Z is 0 and P is 1.
func MannKendall(values []float64) Trend {
	s, ties := 0, 0
	for j, later := range values {
		equal := 0
		for _, earlier := range values[:j] {
			switch {
			case later > earlier:
				s++
			case later < earlier:
				s--
			default:
				equal++
			}
		}
		// The value makes a group of equal ones larger by one, from a size that is known now.
		ties += pairTerm(equal+1) - pairTerm(equal)
	}
	variance := float64(pairTerm(len(values))-ties) / 18
	if variance == 0 {
		return Trend{S: s, P: 1}
	}
	z := float64(s)
	switch {
	case s > 0:
		z--
	case s < 0:
		z++
	}
	z /= math.Sqrt(variance)
	return Trend{S: s, Z: z, P: math.Erfc(math.Abs(z) / math.Sqrt2)}
}

// pairTerm is n(n-1)(2n+5), of which 18 times the variance is made up.
func pairTerm(n int) int { return n * (n - 1) * (2*n + 5) }
