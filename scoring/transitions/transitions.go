// Package transitions counts how customers move between buckets from one time to the next. It claims no steady state: what was seen
// once need not go on.
//
// Like package scoring it does no I/O, reads no clock and draws no random numbers.
package transitions

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Buckets are the rows and the columns of a matrix, in their order.
const Buckets = 3

// Matrix counts moves from a row's bucket to a column's: At-Risk, Growth Opportunity, Advocate. The zero value is empty.
type Matrix [Buckets][Buckets]int

// Add counts a move. It answers false where either is no bucket: a customer without one moved from or to nowhere.
func (m *Matrix) Add(from, to cmiv1.Bucket) bool {
	row, column := place(from), place(to)
	if row < 0 || column < 0 {
		return false
	}
	m[row][column]++
	return true
}

// Merge counts the moves of another matrix, such as that of the next step.
func (m *Matrix) Merge(other *Matrix) {
	for row := range m {
		for column := range m[row] {
			m[row][column] += other[row][column]
		}
	}
}

// N is how many moves begin in a bucket.
func (m *Matrix) N(from cmiv1.Bucket) int {
	row := place(from)
	if row < 0 {
		return 0
	}
	n := 0
	for _, count := range m[row] {
		n += count
	}
	return n
}

// Count is how many moves there are from one bucket to another.
func (m *Matrix) Count(from, to cmiv1.Bucket) int {
	row, column := place(from), place(to)
	if row < 0 || column < 0 {
		return 0
	}
	return m[row][column]
}

// Share is the share of those in one bucket who were in another one step later, from 0 to 1, with its interval. Those of a row add up
// to 1. It answers false where nobody was there.
func (m *Matrix) Share(from, to cmiv1.Bucket, level float64) (uncertainty.Estimate, bool) {
	return uncertainty.Share(float64(m.Count(from, to)), float64(m.N(from)), level)
}

// place is that of a bucket in a matrix, below 0 for none.
func place(b cmiv1.Bucket) int {
	if b < cmiv1.Bucket_BUCKET_AT_RISK || b > cmiv1.Bucket_BUCKET_ADVOCATE {
		return -1
	}
	return int(b - cmiv1.Bucket_BUCKET_AT_RISK)
}
