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

// Estimate is the share of the satisfied, from 0 to 1; false for nobody.
func (s CSAT) Estimate(level float64) (uncertainty.Estimate, bool) {
	return uncertainty.Share(float64(s.Satisfied), float64(s.N), level)
}
