package main

import "slices"

// figure is a median and what it lies between.
type figure struct{ median, least, most float64 }

func figureOf(values []float64) figure {
	if len(values) == 0 {
		return figure{}
	}
	return figure{median(values), slices.Min(values), slices.Max(values)}
}

// median answers the middle value; of an even number, the mean of the two in the middle.
func median(values []float64) float64 {
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

// pick reads one value of a side from every round.
func pick(rounds [][]measurement, side int, value func(measurement) float64) []float64 {
	var values []float64
	for _, round := range rounds {
		values = append(values, value(round[side]))
	}
	return values
}

// ratios divides one value of two sides, round by round: what disturbed a round disturbed both.
func ratios(rounds [][]measurement, over, under int, value func(measurement) float64) []float64 {
	var values []float64
	for _, round := range rounds {
		if below := value(round[under]); below > 0 {
			values = append(values, value(round[over])/below)
		}
	}
	return values
}
