package keyweight

import "math"

// Shrink draws a score x towards the mean of its peers as far as the weight, 0..1, leaves it unsure:
// weight * x + (1 - weight) * mean. Where the weight is the score's reliability, that is Kelley's estimate of the true score
// (Kelley 1927).
func Shrink(weight, x, mean float64) float64 {
	return float64(weight*x) + float64((1-weight)*mean)
}

// Mean gives the weighted mean sum(w x) / sum(w) of values of the same number as the weights, summed in order, and how many
// equally weighted values would be as sure: (sum w)^2 / sum w^2 (Kish 1965), 1 up to their number. Weights are 0 or more and
// finite. It answers false where none is above 0.
func Mean(values, weights []float64) (mean, nEff float64, ok bool) {
	most := 0.0
	for _, w := range weights {
		most = max(most, w)
	}
	if most == 0 {
		return 0, 0, false
	}
	// Only ratios of weights matter. A power of 2 brings them below 1 without changing a bit, so that no square underflows
	// and no sum overflows.
	_, exponent := math.Frexp(most)
	sum, total, squares := 0.0, 0.0, 0.0
	lowest, highest := math.Inf(1), math.Inf(-1)
	for k, x := range values {
		w := math.Ldexp(weights[k], -exponent)
		if w == 0 {
			continue
		}
		sum += float64(w * x)
		total += w
		squares += float64(w * w)
		lowest, highest = min(lowest, x), max(highest, x)
	}
	// A mean lies between its values, which rounding must not change.
	return max(lowest, min(sum/total, highest)), total * total / squares, true
}
