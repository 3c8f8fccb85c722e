package drivers

import (
	"fmt"
	"math"
)

// Moments are all that a linear model needs to know of rows: how many there are, the means of the predictors and of the target, and how
// these go together. They take in rows one at a time, and merge, so that rows may be read in pieces and never be held. The zero value
// is empty, and becomes one of as many predictors as what it takes in first. The same rows in another order, or cut into other pieces,
// may give another last bit.
type Moments struct {
	n int
	// means are those of the predictors and, last, the target.
	means []float64
	// comoments are the sums of products of distances from the means: of each of means with itself and with those behind it, row by
	// row of a triangle.
	comoments []float64
}

// NewMoments knows of no row yet.
func NewMoments(predictors int) *Moments {
	m := &Moments{}
	m.begin(predictors)
	return m
}

func (m *Moments) begin(predictors int) {
	m.means, m.comoments = make([]float64, predictors+1), make([]float64, triangle(predictors+1))
}

// triangle is how many pairs there are, each with itself too.
func triangle(width int) int { return width * (width + 1) / 2 }

// N is how many rows there are.
func (m *Moments) N() int { return m.n }

// Predictors is how many predictors a row has, which for the zero value is 0.
func (m *Moments) Predictors() int { return max(0, len(m.means)-1) }

// Add takes in a row (by the update of B. P. Welford, Note on a method for calculating corrected sums of squares and products,
// Technometrics 4, 1962). It answers false, and takes in nothing, where something of the row is missing, which is NaN, and where it has
// another number of predictors.
func (m *Moments) Add(row []float64, target float64) bool {
	if m.means == nil {
		m.begin(len(row))
	}
	if len(row) != m.Predictors() || math.IsNaN(target) {
		return false
	}
	for _, x := range row {
		if math.IsNaN(x) {
			return false
		}
	}
	m.n++
	n, at := float64(m.n), 0
	before := (n - 1) / n
	of := func(c int) float64 {
		if c < len(row) {
			return row[c]
		}
		return target
	}
	for a := range m.means {
		scaled := (of(a) - m.means[a]) * before
		for b := a; b < len(m.means); b++ {
			m.comoments[at] += float64(scaled * (of(b) - m.means[b]))
			at++
		}
	}
	for c := range m.means {
		m.means[c] += (of(c) - m.means[c]) / n
	}
	return true
}

// Merge takes in all rows of another piece (T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm for
// computing sample variances, 1979). The error is that it has another number of predictors.
func (m *Moments) Merge(other *Moments) error {
	if other.means == nil {
		return nil
	}
	if m.means == nil {
		m.begin(other.Predictors())
	}
	if len(m.means) != len(other.means) {
		return fmt.Errorf("merging rows of %d predictors with rows of %d", other.Predictors(), m.Predictors())
	}
	if other.n == 0 {
		return nil
	}
	if m.n == 0 {
		m.n = other.n
		copy(m.means, other.means)
		copy(m.comoments, other.comoments)
		return nil
	}
	n := float64(m.n + other.n)
	part, at := float64(other.n)/n, 0
	for a := range m.means {
		scaled := (other.means[a] - m.means[a]) * (float64(m.n) * part)
		for b := a; b < len(m.means); b++ {
			m.comoments[at] += other.comoments[at] + float64(scaled*(other.means[b]-m.means[b]))
			at++
		}
	}
	for c := range m.means {
		m.means[c] += float64((other.means[c] - m.means[c]) * part)
	}
	m.n += other.n
	return nil
}
