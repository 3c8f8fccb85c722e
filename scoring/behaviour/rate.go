package behaviour

import "math"

// Rate gives the interactions per 30 days, 0 or more, of a customer known since firstSeen. The times are in order; those
// outside of the window (at-window, at] do not count.
//
// With d = min(window, max(1, days since firstSeen)), the days that the customer could be seen, the weights of evenly
// spread interactions would add up to rate * (1 - 0.5^(d/h)) * h / ln 2. So
//
//	rate per 30 days = 30 * (ln 2 / h) * sum(weights) / (1 - 0.5^(d/h))
//
// is unbiased for a steady rate, for new customers too. A customer first seen after at counts as seen for 1 day.
func (w Window) Rate(events []int64, firstSeen, at int64) float64 {
	start, end := w.span(len(events), func(k int) int64 { return events[k] }, at)
	sum := 0.0
	for _, time := range events[start:end] {
		sum += w.weight(time, at)
	}
	return w.rate(sum, firstSeen, at)
}

// rate turns the sum of the weights into the rate per 30 days.
func (w Window) rate(sum float64, firstSeen, at int64) float64 {
	if sum == 0 {
		return 0
	}
	d := min(w.WindowDays, max(1, float64(at-firstSeen)/day))
	x := math.Ln2 * d / w.HalfLifeDays
	// The formula, with 30 * sum / d, the plain rate, split off: the rest tends to 1 for long half-lives, and would be 0 / 0
	// for the longest. It stays finite for the shortest ones too.
	faded := 1.0
	if x > 0 {
		faded = x / -math.Expm1(-x)
	}
	return min(30*sum/d*faded, math.MaxFloat64)
}
