package reliability

import "math"

// variance takes in numbers one at a time and knows their mean and variance, without the loss of digits that sums of squares
// bring (B. P. Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4, 1962).
type variance struct {
	n       float64
	mean    float64
	squares float64 // sum of squared distances from the mean
}

// add takes in a number.
func (v *variance) add(x float64) {
	v.n++
	distance := x - v.mean
	v.mean += distance / v.n
	v.squares += float64(distance * (x - v.mean))
}

// sample gives the variance of a sample, with n - 1 below; NaN below 2 numbers.
func (v *variance) sample() float64 {
	if v.n < 2 {
		return math.NaN()
	}
	return v.squares / (v.n - 1)
}
