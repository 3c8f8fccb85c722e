package main

import "github.com/customer-momentum/cmi/bench/figures"

// pick reads one value of a side from every round.
func pick(rounds [][]measurement, side int, value func(measurement) float64) []float64 {
	var values []float64
	for _, round := range rounds {
		values = append(values, value(round[side]))
	}
	return values
}

// ratios divides one value of two sides, round by round.
func ratios(rounds [][]measurement, over, under int, value func(measurement) float64) []float64 {
	return figures.Ratios(pick(rounds, over, value), pick(rounds, under, value))
}
