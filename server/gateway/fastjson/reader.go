package fastjson

import (
	"strconv"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// reader walks over JSON. At the first thing out of the ordinary it is bad and stays so; whatever it answers then is not used.
type reader struct {
	data []byte
	at   int
	bad  bool
}

func (r *reader) fail() { r.bad, r.at = true, len(r.data) }

func (r *reader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// next skips white space and takes c where it comes next.
func (r *reader) next(c byte) bool {
	r.space()
	if r.at < len(r.data) && r.data[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *reader) expect(c byte) {
	if !r.next(c) {
		r.fail()
	}
}

// object calls field for every key, which reads the value and answers the bit that the field is told apart by; 0 means that
// it does not know the key. No bit may come twice.
func (r *reader) object(field func(key []byte) uint32) {
	r.expect('{')
	if r.next('}') {
		return
	}
	var seen uint32
	for !r.bad {
		r.space()
		key := r.raw()
		r.expect(':')
		if r.bad {
			return
		}
		bit := field(key)
		if bit == 0 || seen&bit != 0 {
			r.fail()
			return
		}
		seen |= bit
		if r.next('}') {
			return
		}
		r.expect(',')
	}
}

// array calls element before every element.
func (r *reader) array(element func()) {
	r.expect('[')
	if r.next(']') {
		return
	}
	for !r.bad {
		element()
		if r.next(']') {
			return
		}
		r.expect(',')
	}
}

// raw reads a string without escapes, in place.
func (r *reader) raw() []byte {
	if r.at >= len(r.data) || r.data[r.at] != '"' {
		r.fail()
		return nil
	}
	begin := r.at + 1
	ascii := true
	for i := begin; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.at = i + 1
			text := r.data[begin:i]
			if !ascii && !utf8.Valid(text) {
				r.fail()
			}
			return text
		case c == '\\' || c < ' ':
			r.fail()
			return nil
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	r.fail()
	return nil
}

func (r *reader) string() string {
	r.space()
	return string(r.raw())
}

func (r *reader) bool() bool {
	r.space()
	rest := r.data[r.at:]
	switch {
	case len(rest) >= 4 && string(rest[:4]) == "true":
		r.at += 4
		return true
	case len(rest) >= 5 && string(rest[:5]) == "false":
		r.at += 5
	default:
		r.fail()
	}
	return false
}

// digits answers how many digits come next.
func (r *reader) digits() int {
	n := 0
	for i := r.at; i < len(r.data) && r.data[i] >= '0' && r.data[i] <= '9'; i++ {
		n++
	}
	r.at += n
	return n
}

const (
	safeInt32  = 9  // so many digits fit an int32, whatever they are
	safeDouble = 15 // so many digits of a whole number fit a double without rounding
)

// int32 reads a whole number that is written as one.
func (r *reader) int32() int32 {
	negative := r.next('-')
	first := r.at
	n := r.digits()
	if n == 0 || n > safeInt32 || n > 1 && r.data[first] == '0' || r.fraction() {
		r.fail()
		return 0
	}
	var v int32
	for _, c := range r.data[first:r.at] {
		v = v*10 + int32(c-'0')
	}
	if negative {
		return -v
	}
	return v
}

// fraction tells whether a number goes on.
func (r *reader) fraction() bool {
	if r.at >= len(r.data) {
		return false
	}
	c := r.data[r.at]
	return c == '.' || c == 'e' || c == 'E'
}

// float reads a number.
func (r *reader) float() float64 {
	r.space()
	begin := r.at
	if r.at < len(r.data) && r.data[r.at] == '-' {
		r.at++
	}
	first := r.at
	n := r.digits()
	if n == 0 || n > 1 && r.data[first] == '0' {
		r.fail()
		return 0
	}
	if first == begin && n <= safeDouble && !r.fraction() {
		var v int64
		for _, c := range r.data[first:r.at] {
			v = v*10 + int64(c-'0')
		}
		return float64(v)
	}
	return r.tail(begin)
}

// tail reads the fraction and the exponent of a number, and then all of it.
func (r *reader) tail(begin int) float64 {
	if r.at < len(r.data) && r.data[r.at] == '.' {
		r.at++
		if r.digits() == 0 {
			r.fail()
			return 0
		}
	}
	if r.at < len(r.data) && (r.data[r.at] == 'e' || r.data[r.at] == 'E') {
		r.at++
		if r.at < len(r.data) && (r.data[r.at] == '+' || r.data[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			r.fail()
			return 0
		}
	}
	v, err := strconv.ParseFloat(string(r.data[begin:r.at]), 64)
	if err != nil {
		r.fail()
	}
	return v
}

// enum reads the name of a value.
func (r *reader) enum(values map[string]int32) int32 {
	r.space()
	v, known := values[string(r.raw())]
	if !known {
		r.fail()
	}
	return v
}

// maxTime is the length of the longest time that is written the usual way: in UTC, with up to nine digits behind the second.
const maxTime = len("2026-01-31T09:30:00.123456789Z")

// time reads a time of the usual form, 2026-01-31T09:30:00Z with or without a fraction.
func (r *reader) time() *timestamppb.Timestamp {
	r.space()
	text := r.raw()
	const whole = len("2026-01-31T09:30:00")
	if len(text) < whole+1 || len(text) > maxTime || text[len(text)-1] != 'Z' || len(text) > whole+1 && text[whole] != '.' {
		r.fail()
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		r.fail()
		return nil
	}
	t := timestamppb.New(at)
	if !t.IsValid() {
		r.fail()
	}
	return t
}
