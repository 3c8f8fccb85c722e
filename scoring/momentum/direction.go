package momentum

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

const (
	// leastForTrend is from how many points on there is a test for a trend: with 4 its p-value cannot fall below 0.05.
	leastForTrend = 5
	// significant is below which p-value a trend is taken for one.
	significant = 0.05
)

// head says where the customer is heading: from 5 points by the test for a trend, with 2 to 4 by the reliable change of
// the last against the first of them.
func (c *Course) head(u *used) {
	c.Direction = cmiv1.Direction_DIRECTION_INSUFFICIENT
	switch {
	case u.n >= leastForTrend:
		trend := MannKendall(u.cmi[:u.n])
		c.Trend = &trend
		c.Direction = trend.direction()
		c.Basis = cmiv1.DirectionBasis_DIRECTION_BASIS_MANN_KENDALL
	case u.n >= 2:
		c.Calibrated = true
		if rci, ok := ReliableChange(u.first.CMI, u.last.CMI, u.first.SEM, u.last.SEM); ok {
			c.Direction = signed(rci, rci >= Reliable || rci <= -Reliable)
			c.Basis = cmiv1.DirectionBasis_DIRECTION_BASIS_RELIABLE_CHANGE
		}
	}
}

// direction is the sign of S where that is significant.
func (t Trend) direction() cmiv1.Direction { return signed(float64(t.S), t.P < significant) }

// signed is up or down by the sign of a change, if it is sure.
func signed(change float64, sure bool) cmiv1.Direction {
	switch {
	case !sure:
		return cmiv1.Direction_DIRECTION_STEADY
	case change > 0:
		return cmiv1.Direction_DIRECTION_RISING
	default:
		return cmiv1.Direction_DIRECTION_FALLING
	}
}
