package tables

import (
	"bytes"
	"math"
	"strconv"
)

// parseNumber reads a decimal number, with spaces around it or not. Other ways of writing numbers that Go knows, and infinities, are
// none here.
func parseNumber(cell []byte) (float64, bool) {
	if len(cell) == 1 {
		digit := cell[0] - '0'
		return float64(digit), digit <= 9
	}
	if x, ok := parseShort(cell); ok {
		return x, true
	}
	cell = bytes.Trim(cell, " \t")
	for _, c := range cell {
		switch {
		case '0' <= c && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(string(cell), 64)
	return x, err == nil && !math.IsInf(x, 0)
}

// parseShort reads numbers of few digits. Both the digits as a whole number and the power of ten are exact as float64, so that their
// quotient is rounded once, which is right.
func parseShort(cell []byte) (float64, bool) {
	const most = 16 // bytes: 15 digits are below 2^53
	if len(cell) == 0 || len(cell) > most {
		return 0, false
	}
	negative := cell[0] == '-'
	if negative {
		cell = cell[1:]
	}
	whole, point := int64(0), -1
	for k, c := range cell {
		switch digit := c - '0'; {
		case digit <= 9:
			whole = whole*10 + int64(digit)
		case c == '.' && point < 0:
			point = k
		default:
			return 0, false
		}
	}
	decimals := 0
	digits := len(cell)
	if point >= 0 {
		decimals, digits = len(cell)-point-1, digits-1
	}
	if digits == 0 || digits > 15 {
		return 0, false
	}
	x := float64(whole)
	if decimals > 0 {
		x /= powersOfTen[decimals]
	}
	if negative {
		x = -x
	}
	return x, true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// appendNumber writes a number in the shortest form that reads back as the same one.
func appendNumber(to []byte, x float64) []byte {
	if to, ok := appendDecimal(to, x); ok {
		return to
	}
	return strconv.AppendFloat(to, x, 'g', -1, 64)
}

// appendDecimal is appendNumber of numbers with up to 9 decimals, as scores are; of others it writes nothing. A decimal of up to 15
// digits that reads back as x is the only one, so it is the shortest once its zeros are cut.
func appendDecimal(to []byte, x float64) ([]byte, bool) {
	const billion = 1e9
	if !(x >= 0 && x < 1e6) || math.Signbit(x) {
		return to, false
	}
	n := uint64(x*billion + 0.5)
	if float64(n)/billion != x {
		return to, false
	}
	return appendBillionths(to, n), true
}

// appendBillionths writes n/10^9.
func appendBillionths(to []byte, n uint64) []byte {
	const billion = 1_000_000_000
	to = appendSmall(to, n/billion)
	part := n % billion
	if part == 0 {
		return to
	}
	var digits [9]byte
	last := 0
	for k := 8; k >= 0; k-- {
		digits[k] = byte('0' + part%10)
		if last == 0 && part%10 != 0 {
			last = k + 1
		}
		part /= 10
	}
	return append(append(to, '.'), digits[:last]...)
}

func appendSmall(to []byte, n uint64) []byte {
	if n < 10 {
		return append(to, byte('0'+n))
	}
	return strconv.AppendUint(to, n, 10)
}
