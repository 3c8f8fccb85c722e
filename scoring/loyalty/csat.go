package loyalty

import (
	"math"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Top is the lowest answer of a rating that counts as satisfied. Of a scale of k points it is the top one for up to three points,
// the top two for up to seven and the top three for up to eleven; of a longer scale, and of one without steps (step 0), the top fifth
// of the range.
func Top(low, high, step float64) float64 {
	if step > 0 {
		switch points := math.Round((high-low)/step) + 1; {
		case points <= 3:
			return high
		case points <= 7:
			return high - step
		case points <= 11:
			return high - 2*step
		}
	}
	return high - (high-low)/5
}

// CSAT counts who is satisfied: who answers at least Top.
type CSAT struct{ Satisfied, N int }

// Add takes in an answer. Who is within a billionth of the top counts.
func (s *CSAT) Add(answer, top float64) {
	s.N++
	if answer >= top-1e-9 {
		s.Satisfied++
	}
}

// Merge counts the answers of another part.
func (s *CSAT) Merge(other CSAT) {
	s.Satisfied += other.Satisfied
	s.N += other.N
}

// Estimate is the share of the satisfied, from 0 to 1; false for nobody.
func (s CSAT) Estimate(level float64) (uncertainty.Estimate, bool) {
	return uncertainty.Share(float64(s.Satisfied), float64(s.N), level)
}

// CompareCSAT says how far the shares of two groups of different respondents lie apart, from -1 to 1, by z with their own variances p (1 -
// p) / n (J. L. Fleiss, B. Levin and M. C. Paik, Statistical Methods for Rates and Proportions, 2003, chapter 3). It answers false
// where either is empty, and where each is all satisfied or all not, so that neither has a variance. Where that is so in one of them,
// its share counts as known for certain (see [uncertainty.ByZ]).
func CompareCSAT(a, b CSAT, level float64) (uncertainty.Difference, bool) {
	if a.N <= 0 || b.N <= 0 {
		return uncertainty.Difference{}, false
	}
	of := func(s CSAT) (share, standardError float64) {
		share = float64(s.Satisfied) / float64(s.N)
		return share, math.Sqrt(share * (1 - share) / float64(s.N))
	}
	shareA, errorA := of(a)
	shareB, errorB := of(b)
	return uncertainty.ByZ(shareA, errorA, shareB, errorB, level)
}
