package form

import (
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/server/store"
)

// Changed is the due of a customer whose facts changed since the standing was computed: before every time.
const Changed int64 = math.MinInt64

// Ended is the latest due that has come at a time: what holds for ever never ends.
func Ended(at int64) int64 { return min(at, store.Forever-1) }

// Micros cuts a time to whole microseconds. The nanos of a Timestamp count forward also before 1970.
func Micros(t *timestamppb.Timestamp) int64 { return t.GetSeconds()*1e6 + int64(t.GetNanos())/1e3 }

// Ceiling is a bound in whole microseconds. One between two microseconds is that of the later one, whether it is the first
// to be in or the first to be out: what is kept lies on whole ones.
func Ceiling(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	micros := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		micros++
	}
	return micros
}

// Floor is a last time in whole microseconds: one between two of them is that of the earlier one.
func Floor(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.UnixMicro()
}
