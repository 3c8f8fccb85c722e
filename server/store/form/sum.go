package form

import (
	"database/sql"
	"math"
)

// Sum is of CMIs, in units of 1e-9, to which they are snapped: whole numbers add up to the same in any order. It holds the
// CMIs of 92 million customers.
type Sum struct {
	N, Nanos int64
}

// SumOf is the sum of one CMI, or of none.
func SumOf(cmi sql.NullFloat64) Sum {
	if !cmi.Valid {
		return Sum{}
	}
	return Sum{N: 1, Nanos: int64(math.Round(cmi.Float64 * 1e9))}
}

// Plus is both sums.
func (s Sum) Plus(t Sum) Sum { return Sum{s.N + t.N, s.Nanos + t.Nanos} }

// Minus is s without t.
func (s Sum) Minus(t Sum) Sum { return Sum{s.N - t.N, s.Nanos - t.Nanos} }

// Mean is that of at least one CMI.
func (s Sum) Mean() float64 { return float64(s.Nanos) / float64(s.N) / 1e9 }

// Means gathers by how much the sums of groups change, so that each is written once.
type Means map[Hash]Sum

// Change adds to the sum of a group.
func (m Means) Change(label Hash, by Sum) {
	if by != (Sum{}) {
		m[label] = m[label].Plus(by)
	}
}

// ChangeLabels adds to the sums of those labels that have means.
func (m Means) ChangeLabels(labels []Label, by Sum) {
	for _, l := range labels {
		if l.Segment {
			m.Change(l.Hash, by)
		}
	}
}
