package tables

import "math"

// shortest writes numbers in their shortest form. It remembers some: the pillars of surveys with few answers take few values, and
// writing seventeen digits anew costs more than all the rest of a row.
type shortest struct {
	known [1 << 10]written
}

// written is a number and its text.
type written struct {
	bits   uint64
	length uint8 // 0: there is none
	text   [24]byte
}

func (s *shortest) append(to []byte, x float64) []byte {
	if to, ok := appendDecimal(to, x); ok {
		return to
	}
	bits := math.Float64bits(x)
	// A multiplier that spreads bits that differ anywhere over the upper ones (Knuth's multiplicative hashing).
	w := &s.known[bits*0x9E3779B97F4A7C15>>(64-10)]
	if w.length == 0 || w.bits != bits {
		w.bits, w.length = bits, uint8(copy(w.text[:], appendNumber(w.text[:0], x)))
	}
	return append(to, w.text[:w.length]...)
}
