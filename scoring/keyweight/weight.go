package keyweight

import "math"

// month is in microseconds: 30.4375 days, a twelfth of 365.25.
const month = 30.4375 * 24 * 60 * 60 * 1_000_000

// Weight is a Key Weight and what it is made of.
type Weight struct {
	// Weight is the geometric mean of Tenure and Frequency, 0..1.
	Weight float64
	// Tenure is how much the time since first seen is worth, 0..1.
	Tenure float64
	// Frequency is how much the rate is worth, 0..1.
	Frequency float64
	// Rate is in interactions per 30 days.
	Rate float64
}

// Of weighs a customer, by the times of all their interactions, in order; those outside of the window do not count.
func (c Constants) Of(firstSeen, asOf int64, interactions []int64) Weight {
	return c.Account(firstSeen, asOf, c.Window.Rate(interactions, firstSeen, asOf))
}

// Account weighs an account, by the earliest time that one of its people was first seen, and the sum of their rates:
//
//   - tenure = 1 - 2^(-months / half), of the months since first seen, where a time in the future counts as now;
//   - frequency = min(1, ln(1 + rate) / ln(1 + saturation)).
func (c Constants) Account(firstSeen, asOf int64, rate float64) Weight {
	months := max(0, float64(asOf-firstSeen)/month)
	w := Weight{
		Tenure:    1 - math.Exp2(-months/c.HalfMonths),
		Frequency: min(1, math.Log1p(rate)/math.Log1p(c.Saturation)),
		Rate:      rate,
	}
	w.Weight = math.Sqrt(w.Tenure * w.Frequency)
	return w
}
