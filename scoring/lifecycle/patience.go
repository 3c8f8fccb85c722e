package lifecycle

import (
	"math"
	"slices"
)

// day is in microseconds.
const day = 24 * 60 * 60 * 1_000_000

// leastForGap is from how many contacts on a customer has habits: two gaps.
const leastForGap = 3

// patience is how long a customer may be silent, in microseconds.
func (r Rules) patience(contacts []int64) int64 {
	limit := whole(float64(r.InactiveDays * day))
	if len(contacts) < leastForGap {
		return limit
	}
	return max(limit, whole(float64(r.InactiveGaps*medianGap(contacts))))
}

// medianGap is the median time between one contact and the next, in microseconds; of an even number of gaps, the mean of
// the middle two.
func medianGap(contacts []int64) float64 {
	gaps := make([]int64, len(contacts)-1)
	for k := range gaps {
		gaps[k] = contacts[k+1] - contacts[k]
	}
	slices.Sort(gaps)
	middle := len(gaps) / 2
	if len(gaps)%2 == 1 {
		return float64(gaps[middle])
	}
	return (float64(gaps[middle-1]) + float64(gaps[middle])) / 2
}

// whole gives the whole microseconds of a span: a time is longer ago than the span exactly when it is longer ago than
// these.
func whole(span float64) int64 {
	if span >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(span)
}

// after gives the first microsecond that is more than a span of 0 or more after a time; math.MaxInt64 where that is beyond
// all times.
func after(at, span int64) int64 {
	if at >= 0 && span >= math.MaxInt64-at {
		return math.MaxInt64
	}
	return at + span + 1
}
