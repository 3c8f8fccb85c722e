package momentum_test

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/customer-momentum/cmi/scoring/momentum"
)

// The times that messages can hold: the years 1 to 9999.
const earliest, latestTime = -62135596800_000000, 253402300799_999999

// FuzzOf computes the course of any points. It must not panic, must answer with finite numbers within their bounds, and with the
// same ones again.
func FuzzOf(f *testing.F) {
	f.Add([]byte{}, int64(0))
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), int64(1))
	f.Add(make([]byte, 12*120), int64(latestTime))
	f.Fuzz(func(t *testing.T, data []byte, asOf int64) {
		points := pointsOf(data)
		asOf = max(earliest, min(asOf, latestTime))
		if n := len(points); n > 0 {
			asOf = max(asOf, points[n-1].At)
		}
		c := momentum.Of(points, asOf)
		if err := sound(points, c); err != "" {
			t.Fatalf("%s: %+v of %+v", err, c, points)
		}
		if again := momentum.Of(points, asOf); !reflect.DeepEqual(c, again) {
			t.Fatalf("%+v, and again %+v", c, again)
		}
	})
}

// pointsOf makes a point of every 12 bytes: 8 for the time since the one before, 2 for the CMI, 1 for the status and the
// thresholds, 1 for the error of measurement.
func pointsOf(data []byte) []momentum.Point {
	var points []momentum.Point
	at := int64(earliest)
	for ; len(data) >= 12 && len(points) < 150; data = data[12:] {
		gap := binary.LittleEndian.Uint64(data)
		at += int64(min(gap>>(gap%64), uint64(latestTime-at)))
		p := momentum.Point{At: at, Status: unscoredStatus, Growth: 50, Advocate: 80}
		if data[10]&4 != 0 {
			p.Growth, p.Advocate = 1e-9, float64(1+data[10]%100)
		}
		if status := data[10] & 3; status > 0 {
			p.Status = scoredStatus
			if status == 1 {
				p.Status = partialStatus
			}
			p.CMI = math.Round(float64(binary.LittleEndian.Uint16(data[8:]))/math.MaxUint16*1e11) / 1e9
			p.Bucket = bucketOf(p.CMI, p.Growth, p.Advocate)
		}
		if data[11] > 0 {
			p.SEM = new(float64(data[11]-1) * 0.3)
		}
		points = append(points, p)
	}
	return points
}
