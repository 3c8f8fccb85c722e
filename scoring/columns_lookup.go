package scoring

import "math"

// lookup is a table from small numbers to what an answer adds to the sum of its pillar: the score times the weight, NaN for
// an answer that is not allowed. NaN stays NaN whatever is added, so that a sum shows by itself that the row is to be refused.
type lookup struct {
	key  any   // what it was made for; nil: it is not to be used
	base int64 // the number at the first place
	size int   // answers; after them comes a place for all others

	added []float64
	// bytes is the same for each byte: for columns that can have no other number.
	bytes [256]float64
}

// begin empties it for a number of answers from base on.
func (t *lookup) begin(key any, base int64, size int) {
	t.key, t.base, t.size, t.added = key, base, size, t.added[:0]
}

// none says that there is nothing to look up in.
func (t *lookup) none() { t.key = nil }

// ready tells whether there is something to look up in.
func (t *lookup) ready() bool { return t.key != nil }

// add adds the next answer.
func (t *lookup) add(it *columnItem, score float64, allowed bool) {
	t.added = append(t.added, it.adds(score, allowed))
}

// end comes after the last answer.
func (t *lookup) end() { t.added = append(t.added, math.NaN()) }

// ofBytes fills the table of bytes; a byte stands for the number that it is in its type.
func (t *lookup) ofBytes(signed bool) {
	for k := range t.bytes {
		x := int64(k)
		if signed {
			x = int64(int8(k))
		}
		t.bytes[k] = t.added[min(uint64(x-t.base), uint64(t.size))]
	}
}

// at gives what a number adds.
func (t *lookup) at(x int64) float64 { return t.added[min(uint64(x-t.base), uint64(t.size))] }

// adds gives what a score adds to the sum of the item's pillar, NaN for an answer that is not allowed.
func (it *columnItem) adds(score float64, allowed bool) float64 {
	switch {
	case !allowed:
		return math.NaN()
	case it.used == nil:
		return 0
	default:
		return float64(it.used.weight * it.item.orient(score))
	}
}
