package scoring

import (
	"fmt"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// rating is a number between two ends, in steps or continuous.
type rating struct {
	min, max float64
	step     float64 // 0: continuous
}

// score gives the percent of the maximum possible, 100 (x - min) / (max - min) (P. Cohen, J. Cohen, L. S. Aiken and
// S. G. West, The problem of units and the circumstance for POMP, Multivariate Behavioral Research 34, 1999). It answers
// false for a number outside the scale, NaN and the infinities included.
func (r *rating) score(x float64) (float64, bool) {
	// NaN fails the comparison, so it is written as what must hold.
	if !(x >= r.min && x <= r.max) {
		return 0, false
	}
	if r.step > 0 && !wholeSteps(x-r.min, r.step) {
		return 0, false
	}
	if x == r.max {
		return 100, true // the division may be one bit off for ends like 0.1 and 0.7
	}
	return min(100, float64(100*(x-r.min))/(r.max-r.min)), true
}

func (r *rating) allowed() string {
	if r.step > 0 {
		return fmt.Sprintf("whole steps of %s from %s to %s are", number(r.step), number(r.min), number(r.max))
	}
	return fmt.Sprintf("numbers from %s to %s are", number(r.min), number(r.max))
}

// wholeSteps reports whether distance is a whole number of steps, to 1e-9 of a step; for very many steps to what a float64
// can tell.
func wholeSteps(distance, step float64) bool {
	n := distance / step
	return math.Abs(n-math.Round(n)) <= max(1e-9, float64(n*0x1p-51))
}

// compileRating checks the ends and the step.
func compileRating(m *cmiv1.Rating, at string, f *faults) *rating {
	r := &rating{min: m.GetMin(), max: m.GetMax()}
	ends := true
	for _, end := range []struct {
		field string
		value float64
	}{{".min", r.min}, {".max", r.max}} {
		if !finite(end.value) {
			f.add(at, end.field, "%s is not allowed; finite numbers are", number(end.value))
			ends = false
		}
	}
	switch {
	case !ends:
	case r.min >= r.max:
		f.add(at, ".max", "%s is not allowed; numbers above min, %s, are", number(r.max), number(r.min))
		ends = false
	case !finite(100 * (r.max - r.min)):
		f.add(at, ".max", "%s is not allowed; it lies too far from min, %s, to compute with", number(r.max), number(r.min))
		ends = false
	}
	if m == nil || m.Step == nil {
		return r
	}
	r.step = *m.Step
	switch {
	case !finite(r.step) || r.step <= 0:
		f.add(at, ".step", "%s is not allowed; numbers above 0 are", number(r.step))
	case !ends:
	case (r.max-r.min)/r.step > maxSteps:
		f.add(at, ".step", "%s is not allowed; at most %d steps are, or no step for any number between", number(r.step), int(maxSteps))
	case (r.max-r.min)/r.step < 0.5 || !wholeSteps(r.max-r.min, r.step):
		f.add(at, ".step", "%s is not allowed; a step that leads from %s to %s in whole steps is",
			number(r.step), number(r.min), number(r.max))
	}
	return r
}
