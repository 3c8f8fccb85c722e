package momentum

import "math"

// Reliable is from which reliable change index on, up or down, a difference is more than noise: 5% of customers who did not
// change reach it.
const Reliable = 1.96

// ReliableChange gives the difference b - a over its standard error, sqrt(semA^2 + semB^2), from the standard errors of
// measurement of the two (Jacobson and Truax 1991). It answers false where an error is nil, or both are 0.
func ReliableChange(a, b float64, semA, semB *float64) (rci float64, ok bool) {
	if semA == nil || semB == nil || *semA == 0 && *semB == 0 {
		return 0, false
	}
	return (b - a) / math.Hypot(*semA, *semB), true
}
