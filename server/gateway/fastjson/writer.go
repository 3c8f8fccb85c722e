package fastjson

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// writer appends JSON. It is bad once it met what it does not write.
type writer struct {
	b   []byte
	bad bool
}

func (w *writer) open(c byte) { w.b = append(w.b, c) }

// shut ends an object or array, whose last member left a comma behind.
func (w *writer) shut(c byte) {
	if last := len(w.b) - 1; w.b[last] == ',' {
		w.b[last] = c
		return
	}
	w.b = append(w.b, c)
}

func (w *writer) comma() { w.b = append(w.b, ',') }

func (w *writer) key(name string) {
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// text writes a string that needs no escapes.
func (w *writer) text(s string) {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\':
			w.bad = true
			return
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && !utf8.ValidString(s) {
		w.bad = true
		return
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

// string writes a field unless it is empty, as every field that is not optional.
func (w *writer) string(name, value string) {
	if value != "" {
		w.key(name)
		w.text(value)
		w.comma()
	}
}

func (w *writer) int32(name string, value int32) {
	if value != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(value), 10)
		w.comma()
	}
}

func (w *writer) optionalInt32(name string, value *int32) {
	if value != nil {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(*value), 10)
		w.comma()
	}
}

func (w *writer) bool(name string, value bool) {
	if value {
		w.key(name)
		w.b = append(w.b, "true,"...)
	}
}

// enum writes the name of a value; one that this program does not know is left to protojson.
func (w *writer) enum(name string, value int32, names map[int32]string) {
	if value == 0 {
		return
	}
	text, known := names[value]
	if !known {
		w.bad = true
		return
	}
	w.key(name)
	w.text(text)
	w.comma()
}

const (
	// Beyond these a number is written with an exponent, as ECMAScript does.
	tiny = 1e-6
	huge = 1e21
)

func (w *writer) optionalFloat(name string, value *float64) {
	if value == nil {
		return
	}
	v := *value
	if math.IsNaN(v) || math.IsInf(v, 0) {
		w.bad = true
		return
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < tiny || abs >= huge) {
		format = 'e'
	}
	w.key(name)
	w.b = strconv.AppendFloat(w.b, v, format, -1, 64)
	w.comma()
}

// time writes a time in UTC with no, three, six or nine digits behind the second.
func (w *writer) time(name string, t *timestamppb.Timestamp) {
	if t == nil {
		return
	}
	if !t.IsValid() {
		w.bad = true
		return
	}
	w.key(name)
	var buf [maxTime]byte
	text := string(t.AsTime().AppendFormat(buf[:0], "2006-01-02T15:04:05.000000000"))
	text = strings.TrimSuffix(text, "000")
	text = strings.TrimSuffix(text, "000")
	text = strings.TrimSuffix(text, ".000")
	w.b = append(w.b, '"')
	w.b = append(w.b, text...)
	w.b = append(w.b, `Z",`...)
}

// other writes a message of a kind that is not worth a way of its own.
func (w *writer) other(name string, m proto.Message) {
	if !m.ProtoReflect().IsValid() {
		return
	}
	w.key(name)
	b, err := protojson.MarshalOptions{}.MarshalAppend(w.b, m)
	if err != nil {
		w.bad = true
		return
	}
	w.b = b
	w.comma()
}
