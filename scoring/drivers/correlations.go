package drivers

import "math"

// tolerance is the part of a predictor's variance that others must leave unexplained, for it not to count as a combination of them.
const tolerance = 1e-9

// correlations are those of the predictors and, last, the target.
type correlations [][]float64

// correlate computes the correlations of some rows, which may come more than once. It answers what makes them meaningless, if anything
// does.
func (t Table) correlate(rows []int) (correlations, *Unsaid) {
	k, n := len(t.Predictors), float64(len(rows))
	columns := append(append([][]float64{}, t.Predictors...), t.Target)
	means := make([]float64, k+1)
	for c, column := range columns {
		sum := 0.0
		for _, row := range rows {
			sum += column[row]
		}
		means[c] = sum / n
	}
	r := make(correlations, k+1)
	for a := range r {
		r[a] = make([]float64, k+1)
	}
	distances := make([]float64, k+1)
	for _, row := range rows {
		for c, column := range columns {
			distances[c] = column[row] - means[c]
		}
		for a, x := range distances {
			for b := a; b <= k; b++ {
				r[a][b] += float64(x * distances[b])
			}
		}
	}
	for c := range r {
		// What rounding leaves of equal figures is no variance.
		if r[c][c] <= n*square(1e-12*math.Abs(means[c])) {
			if c == k {
				return nil, &Unsaid{Reason: TargetConstant, Predictor: -1, N: len(rows)}
			}
			return nil, &Unsaid{Reason: PredictorConstant, Predictor: c, N: len(rows)}
		}
	}
	for a := range r {
		for b := a + 1; b <= k; b++ {
			r[a][b] /= math.Sqrt(r[a][a]) * math.Sqrt(r[b][b])
			r[b][a] = r[a][b]
		}
	}
	for a := range r {
		r[a][a] = 1
	}
	if c := r.combination(); c >= 0 {
		return nil, &Unsaid{Reason: Collinear, Predictor: c, N: len(rows)}
	}
	return r, nil
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
	c := make(correlations, len(r))
	for a := range r {
		c[a] = append([]float64{}, r[a]...)
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
