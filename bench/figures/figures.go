// Package figures sums up what rounds of measuring came to.
package figures

import "slices"

// Figure is a median and what it lies between.
type Figure struct{ Median, Least, Most float64 }

// Of sums values up.
func Of(values []float64) Figure {
	if len(values) == 0 {
		return Figure{}
	}
	return Figure{Median(values), slices.Min(values), slices.Max(values)}
}

// Median answers the middle value; of an even number, the mean of the two in the middle; of none, 0.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	switch {
	case len(sorted) == 0:
		return 0
	case len(sorted)%2 == 1:
		return sorted[half]
	default:
		return (sorted[half-1] + sorted[half]) / 2
	}
}

// Ratios divides the values of two sides, round by round: what disturbed a round disturbed both. Rounds without a value under the
// line are left out.
func Ratios(over, under []float64) []float64 {
	var values []float64
	for round := range over {
		if under[round] > 0 {
			values = append(values, over[round]/under[round])
		}
	}
	return values
}
