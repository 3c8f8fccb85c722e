package columnar

import "math/bits"

// numbers sets a bit for each value that is a number and counts them. It is unrolled, and without branches, since it goes over every
// figure that is answered.
func numbers(values []float64, to []byte) (n int) {
	for len(values) >= 8 {
		v := (*[8]float64)(values)
		eight := number(v[0]) | number(v[1])<<1 | number(v[2])<<2 | number(v[3])<<3 |
			number(v[4])<<4 | number(v[5])<<5 | number(v[6])<<6 | number(v[7])<<7
		to[0], to, values = eight, to[1:], values[8:]
		n += bits.OnesCount8(eight)
	}
	var last byte
	for k, x := range values {
		last |= number(x) << k
	}
	if len(values) > 0 {
		to[0] = last
	}
	return n + bits.OnesCount8(last)
}

// number is 1, and 0 for NaN.
func number(x float64) byte {
	if x == x {
		return 1
	}
	return 0
}

// known sets a bit for each value that is not 0, and counts them.
func known[E ~int32](values []E, to []byte) (n int) {
	for len(values) >= 8 {
		v := (*[8]E)(values)
		eight := is(v[0]) | is(v[1])<<1 | is(v[2])<<2 | is(v[3])<<3 | is(v[4])<<4 | is(v[5])<<5 | is(v[6])<<6 | is(v[7])<<7
		to[0], to, values = eight, to[1:], values[8:]
		n += bits.OnesCount8(eight)
	}
	var last byte
	for k, x := range values {
		last |= is(x) << k
	}
	if len(values) > 0 {
		to[0] = last
	}
	return n + bits.OnesCount8(last)
}

func is[E ~int32](x E) byte {
	if x != 0 {
		return 1
	}
	return 0
}
