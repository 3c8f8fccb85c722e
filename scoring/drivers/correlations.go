package drivers

import "math"

// tolerance is the part of a predictor's variance that others must leave unexplained, for it not to count as a combination of them.
const tolerance = 1e-9

// correlations are those of the predictors and, last, the target.
type correlations [][]float64

// newCorrelations are all 0.
func newCorrelations(width int) correlations {
	all, r := make([]float64, width*width), make(correlations, width)
	for a := range r {
		r[a] = all[a*width : (a+1)*width : (a+1)*width]
	}
	return r
}

// correlate computes the correlations. It answers what makes them meaningless, if anything does.
func (m *Moments) correlate() (correlations, *Unsaid) {
	width := len(m.means)
	r, roots, at := newCorrelations(width), make([]float64, width), 0
	for a := range r {
		if reason := m.spread(a, m.comoments[at]); reason != 0 {
			unsaid := &Unsaid{Reason: reason, Predictor: a, N: m.n}
			if a == width-1 {
				unsaid.Predictor = -1
			}
			return nil, unsaid
		}
		roots[a] = math.Sqrt(m.comoments[at])
		at += copy(r[a][a:], m.comoments[at:at+width-a])
	}
	for a := range r {
		r[a][a] = 1
		for b := a + 1; b < width; b++ {
			r[a][b] /= roots[a] * roots[b]
			r[b][a] = r[a][b]
		}
	}
	if c := r.combination(); c >= 0 {
		return nil, &Unsaid{Reason: Collinear, Predictor: c, N: m.n}
	}
	return r, nil
}

// spread says what is wrong with the sum of squared distances of a column, or 0.
func (m *Moments) spread(column int, squares float64) Reason {
	// What rounding leaves of equal figures is no variance, and what is next to nothing has no digits to reckon with.
	const least = 1e-290
	switch {
	case math.IsNaN(squares) || math.IsInf(squares, 0) || math.IsInf(m.means[column], 0):
		return TooLarge
	case squares > max(least, float64(m.n)*square(1e-12*math.Abs(m.means[column]))):
		return 0
	case column == len(m.means)-1:
		return TargetConstant
	default:
		return PredictorConstant
	}
}

func square(x float64) float64 { return x * x }

// combination answers the first predictor that those before it make up, below 0 where there is none.
func (r correlations) combination() int {
	left := r.copy()
	for j := range len(r) - 1 {
		if left[j][j] < tolerance {
			return j
		}
		left.explain(j, left)
	}
	return -1
}

func (r correlations) copy() correlations {
	c := newCorrelations(len(r))
	for a := range r {
		copy(c[a], r[a])
	}
	return c
}

// explain puts into left, which may be r itself, what predictor j does not explain of everything behind it (a step of Gauss's
// elimination).
func (r correlations) explain(j int, left correlations) {
	for a := j + 1; a < len(r); a++ {
		by := r[j][a] / r[j][j]
		for b := a; b < len(r); b++ {
			left[a][b] = r[a][b] - float64(by*r[j][b])
		}
	}
}
