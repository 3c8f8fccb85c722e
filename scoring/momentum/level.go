package momentum

import "math"

const (
	staleAfter     = 365 * day
	smoothHalfLife = 180.0 * day
)

// level finds the latest score that has a CMI, and smooths it with those before.
func (c *Course) level(points []Point, asOf int64) {
	k := len(points) - 1
	for k >= 0 && !points[k].levelled() {
		k--
	}
	if k < 0 {
		return
	}
	p := &points[k]
	c.Level, c.LevelAt, c.Bucket = new(p.CMI), p.At, p.Bucket
	c.Stale = asOf-p.At > staleAfter
	c.Smoothed = new(smooth(points[:k+1]))
}

// smooth gives sum(w x) / sum(w) over the scores that have a CMI, with w = 0.5^(age / 180 days), summed in order
// (exponential smoothing for unevenly spaced observations: Wright 1986). The last point must have one.
//
// Ages are taken from that last point and not from the time of asking. That multiplies all weights by one factor, which
// cancels; and as the last one then weighs 1, the sum of the weights cannot underflow, however old they all are.
func smooth(points []Point) float64 {
	last := points[len(points)-1]
	sum, weights := 0.0, 0.0
	lowest, highest := last.CMI, last.CMI
	for k := range points {
		p := &points[k]
		if !p.levelled() {
			continue
		}
		w := math.Exp2(-float64(last.At-p.At) / smoothHalfLife)
		sum += float64(w * p.CMI)
		weights += w
		lowest, highest = min(lowest, p.CMI), max(highest, p.CMI)
	}
	// A mean lies between its values, which rounding must not change: a row of 100 makes 100.
	return max(lowest, min(sum/weights, highest))
}
