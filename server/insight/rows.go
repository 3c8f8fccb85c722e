package insight

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"

	"github.com/customer-momentum/cmi/scoring/drivers"
)

const (
	// mostRows is how many respondents intervals are drawn from, and fewestRows how many of them however much work it is.
	mostRows, fewestRows = 20_000, 2_000
	// mostWork is about how many products all samples together may take: half a minute of one processor.
	mostWork = 6e10
)

// drawnRows is how many respondents intervals are drawn from, of so many predictors and samples: each respondent of each sample
// takes a product for each pair of predictors.
func drawnRows(predictors, samples int) int {
	each := float64(predictors+1) * float64(predictors+2) / 2 * float64(samples)
	return max(fewestRows, int(min(mostRows, mostWork/each)))
}

// rows are a uniform random sample of respondents, the same whatever the order and the pieces in which they come: those with the
// smallest hashes.
type rows []row

type row struct {
	Hash   uint64    `json:"h"`
	Target float64   `json:"t"`
	Values []float64 `json:"v"`
}

// offer puts a respondent into the sample, if it belongs there. expected is how many come at most, as far as is known: those who
// will not be among the smallest in the end are not even kept until then.
func (r *rows) offer(responseID string, expected int, values []float64, target float64) {
	h := mixed(responseID)
	if expected > mostRows && float64(h) > 2*mostRows/float64(expected)*math.MaxUint64 {
		return
	}
	*r = append(*r, row{h, target, slices.Clone(values)})
	if len(*r) >= 2*mostRows {
		r.shrink()
	}
}

// mixed is a hash whose high bits depend on all of an id.
func mixed(id string) uint64 {
	f := fnv.New64a()
	f.Write([]byte(id))
	x := binary.BigEndian.Uint64(f.Sum(nil))
	// The finalizer of G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (r *rows) merge(other rows) {
	*r = append(*r, other...)
	if len(*r) >= 2*mostRows {
		r.shrink()
	}
}

// shrink keeps the smallest hashes, in order.
func (r *rows) shrink() {
	slices.SortFunc(*r, func(a, b row) int { return cmp.Compare(a.Hash, b.Hash) })
	if len(*r) > mostRows {
		clear((*r)[mostRows:])
		*r = (*r)[:mostRows]
	}
}

// table is the sample as a model takes it, or so many of it.
func (r *rows) table(predictors, most int) drivers.Table {
	r.shrink()
	t := drivers.Table{Predictors: make([][]float64, predictors)}
	for _, one := range (*r)[:min(most, len(*r))] {
		t.Target = append(t.Target, one.Target)
		for k, x := range one.Values {
			t.Predictors[k] = append(t.Predictors[k], x)
		}
	}
	return t
}
