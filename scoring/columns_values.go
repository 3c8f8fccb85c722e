package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Values are the answers of a column. [Numbers], [Bools], [Dictionary], [Words] and [Sets] make them; what they are made of is
// not copied, and must stay as it is until the batch was scored.
type Values interface {
	// Len answers how many rows there are.
	Len() int

	// kind says what they are, for errors.
	kind() string
	// fits tells whether a scale takes them.
	fits(scale) bool
	// prepare makes the item's lookup ready where answers are looked up.
	prepare(it *columnItem)
	// add adds to sums what the rows from one on answered, as columnItem.adds has it.
	add(it *columnItem, from int, sum []float64)
	// answer puts the answer of a row into the form of the contract.
	answer(it *item, row int, a *cmiv1.Answer)
}

// Number is what numbers may come in.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// numeric is a scale that takes numbers.
type numeric interface {
	score(x float64) (float64, bool)
}

// Numbers are answers to ratings and counts, and measures of behaviour. A number is taken as the float64 that it is nearest to.
func Numbers[T Number](values []T) Values { return &numbers[T]{values} }

type numbers[T Number] struct{ values []T }

func (v *numbers[T]) Len() int { return len(v.values) }

func (*numbers[T]) kind() string { return "numbers" }

func (*numbers[T]) fits(s scale) bool {
	_, ok := s.(numeric)
	return ok
}

// mostLooked is up to how many numbers are looked up.
const mostLooked = 1 << 12

// prepare looks the whole numbers of a rating up, and everything that a byte can be. The rest is computed.
func (v *numbers[T]) prepare(it *columnItem) {
	if it.lookup.key == v.key() {
		return
	}
	s := it.item.scale.(numeric)
	low, high := int64(0), int64(math.MaxUint8)
	if v.signed() {
		low, high = math.MinInt8, math.MaxInt8
	}
	if r, rated := s.(*rating); !v.bytes() {
		if !rated || !(r.max-r.min < mostLooked) || math.Abs(r.min) > 1<<53 {
			it.lookup.none()
			return
		}
		low, high = int64(math.Ceil(r.min)), int64(math.Floor(r.max))
	}
	it.lookup.begin(v.key(), low, int(max(high-low+1, 0)))
	for x := low; x <= high; x++ {
		score, allowed := s.score(float64(x))
		it.lookup.add(it, score, allowed)
	}
	it.lookup.end()
	if v.bytes() {
		it.lookup.ofBytes(v.signed())
	}
}

// key tells the kinds of numbers apart.
func (*numbers[T]) key() any { return *new(T) }

func (*numbers[T]) bytes() bool {
	switch any(*new(T)).(type) {
	case int8, uint8:
		return true
	}
	return false
}

func (*numbers[T]) signed() bool {
	_, ok := any(*new(T)).(int8)
	return ok
}

func (v *numbers[T]) add(it *columnItem, from int, sum []float64) {
	values, t := v.values[from:from+len(sum)], &it.lookup
	switch {
	case !t.ready():
		v.compute(it, values, sum)
	case v.bytes():
		for i, x := range values {
			sum[i] += t.bytes[uint8(int64(x))]
		}
	default:
		v.look(it, values, sum)
	}
}

// look looks whole numbers up, and computes what is left of a column of floating-point ones.
func (*numbers[T]) look(it *columnItem, values []T, sum []float64) {
	r, t := it.item.scale.(*rating), &it.lookup
	for i, x := range values {
		n := int64(x)
		if T(n) != x || uint64(n-t.base) >= uint64(t.size) {
			sum[i] += it.adds(r.score(float64(x)))
			continue
		}
		sum[i] += t.added[n-t.base]
	}
}

func (*numbers[T]) compute(it *columnItem, values []T, sum []float64) {
	s := it.item.scale.(numeric)
	for i, x := range values {
		sum[i] += it.adds(s.score(float64(x)))
	}
}

func (v *numbers[T]) answer(_ *item, row int, a *cmiv1.Answer) {
	a.Value = &cmiv1.Answer_Number{Number: float64(v.values[row])}
}

// Bools are answers to questions of yes or no: a bit for each of n rows.
func Bools(bits Bits, n int) Values { return &bools{bits, n} }

type bools struct {
	bits Bits
	n    int
}

func (v *bools) Len() int { return v.n }

func (*bools) kind() string { return "answers of yes or no" }

func (*bools) fits(s scale) bool {
	_, ok := s.(yesNo)
	return ok
}

func (*bools) prepare(*columnItem) {}

func (v *bools) add(it *columnItem, from int, sum []float64) {
	no, yes := it.adds(yesNo{}.score(false), true), it.adds(yesNo{}.score(true), true)
	for i := range sum {
		if v.bits.Has(from + i) {
			sum[i] += yes
		} else {
			sum[i] += no
		}
	}
}

func (v *bools) answer(_ *item, row int, a *cmiv1.Answer) {
	a.Value = &cmiv1.Answer_Yes{Yes: v.bits.Has(row)}
}
