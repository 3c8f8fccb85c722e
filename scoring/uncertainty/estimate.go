package uncertainty

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Usual is the confidence that intervals have where nothing else is asked for.
const Usual = 0.95

// Estimate is a figure and an interval that holds the true one with the confidence Level, which is above 0 and below 1. The figure
// itself may lie outside of an interval that leans to the middle, as those of shares do.
type Estimate struct{ Value, Low, High, Level float64 }

// Scaled is the estimate in other units, such as points for a share. The factor is positive.
func (e Estimate) Scaled(factor float64) Estimate {
	return Estimate{Value: e.Value * factor, Low: e.Low * factor, High: e.High * factor, Level: e.Level}
}

// around is an interval as far to either side.
func around(value, half, level float64) Estimate {
	return Estimate{Value: value, Low: value - half, High: value + half, Level: level}
}

// said is the estimate, and false where the figures that it comes from leave the range of numbers.
func (e Estimate) said() (Estimate, bool) {
	if !finite(e.Value, e.Low, e.High) {
		return Estimate{}, false
	}
	return e, true
}

func finite(figures ...float64) bool {
	for _, x := range figures {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// Z is how many standard errors of a normal distribution lie on either side of an interval: 1.96 for 0.95.
func Z(level float64) float64 { return distuv.UnitNormal.Quantile(1 - (1-level)/2) }

// T is Z of Student's distribution, with degrees of freedom above 0, which need not be whole.
func T(level, freedom float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(1 - (1-level)/2)
}

// PNormal is the probability of a standard normal figure at least as far from 0, on either side.
func PNormal(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// PStudent is that of Student's distribution.
func PStudent(t, freedom float64) float64 {
	return min(1, 2*distuv.StudentsT{Sigma: 1, Nu: freedom}.Survival(math.Abs(t)))
}
