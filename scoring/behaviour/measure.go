package behaviour

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Event is an interaction.
type Event struct {
	// At is when it was.
	At int64
	// Kind numbers its kind, from 0.
	Kind int
}

// Measure gives the rate per 30 days (see [Window.Rate]), the diversity and the days since the last interaction, of
// interactions in order of time, of the given number of kinds. Without an interaction in the window (at-window, at] the rate
// and the diversity are 0 and the days since are absent. The diversity is absent below 2 kinds: nothing could vary.
//
// It answers nil, which is missing and not 0, where interactions of these kinds are not recorded at all, or where the
// customer is unknown at that time: never seen, and without an interaction up to then. A customer with interactions who was
// never said to be seen counts as first seen at the earliest of these.
func (w Window) Measure(kinds int, events []Event, firstSeen *int64, recorded bool, at int64) *cmiv1.Behaviour {
	start, end := w.span(len(events), func(k int) int64 { return events[k].At }, at)
	if firstSeen == nil && end > 0 {
		firstSeen = &events[0].At
	}
	if firstSeen == nil || !recorded {
		return nil
	}
	sum, ofKind := 0.0, make([]float64, kinds)
	for _, e := range events[start:end] {
		x := w.weight(e.At, at)
		sum += x
		ofKind[e.Kind] += x
	}
	m := &cmiv1.Behaviour{Rate: new(w.rate(sum, *firstSeen, at))}
	if kinds >= 2 {
		m.Diversity = new(evenness(ofKind, sum))
	}
	if start < end {
		m.DaysSince = new(float64(at-events[end-1].At) / day)
	}
	return m
}

// evenness is the Shannon entropy of the shares of weights that add up to sum, over its maximum, the logarithm of their
// number (Pielou 1966): 0 where all is of one kind, or nothing is there; 1 where all kinds weigh the same.
func evenness(weights []float64, sum float64) float64 {
	entropy := 0.0
	for _, x := range weights {
		if share := x / sum; share > 0 {
			entropy -= float64(share * math.Log(share))
		}
	}
	return max(0, min(entropy/math.Log(float64(len(weights))), 1))
}
