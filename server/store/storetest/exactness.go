package storetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func microseconds(t *testing.T, s store.Store) {
	for i, when := range []time.Time{
		noon(),
		noon().Add(time.Microsecond),
		time.Date(2026, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Unix(0, 0),
		time.Unix(-1, 999_999_000), // a microsecond before 1970
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		e := entry(fmt.Sprintf("t-%d", i), at(when))
		record(t, s, "acme", e)
		k := kept(t, s, "acme", e.Score.GetResponseId())
		sameKept(t, k, e)
		if k.Cursor.SubmittedAt != when.UnixMicro() {
			t.Errorf("cursor of %v: got %d, want %d", when, k.Cursor.SubmittedAt, when.UnixMicro())
		}
		page := list(t, s, "acme", store.ResponseFilter{From: when, Before: when.Add(time.Microsecond)}, 10)
		if len(page) != 1 {
			t.Fatalf("at %v to the microsecond: %d responses are listed, want 1", when, len(page))
		}
		if page[0].Cursor != k.Cursor {
			t.Errorf("the list gives cursor %v, Response %v", page[0].Cursor, k.Cursor)
		}
	}
}

func floats(t *testing.T, s store.Store) {
	for i, x := range []float64{
		0, math.Copysign(0, -1), 0.1, 1.0 / 3, 100, math.Nextafter(50, 0), math.Nextafter(80, 100), math.Pi,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(),
		math.Float64frombits(0x7ff8_0000_dead_beef),
	} {
		e := entry(fmt.Sprintf("f-%d", i), scoring(x), func(e *store.Entry) {
			e.Response.Answers[0].Value = &cmiv1.Answer_Number{Number: x}
			e.Score.Pillars[0].Score = proto.Float64(x)
		})
		record(t, s, "acme", e)
		k := kept(t, s, "acme", e.Score.GetResponseId())
		sameKept(t, k, e)
		if got := math.Float64bits(k.Score.GetCmi()); got != math.Float64bits(x) {
			t.Errorf("%v: got bits %x, want %x", x, got, math.Float64bits(x))
		}
		_, again := outcomes(t, s, e)
		same(t, "replayed score", again[0].Score, e.Score)
	}
}

// presence keeps absent apart from 0, and an empty response apart from none.
func presence(t *testing.T, s store.Store) {
	unscored := entry("unscored", is(cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED, cmiv1.Bucket_BUCKET_UNSPECIFIED),
		func(e *store.Entry) { e.Score.Cmi, e.Score.DisplayScore, e.Score.Pillars[0].Score = nil, nil, nil })
	zero := entry("zero", scoring(0), func(e *store.Entry) { e.Score.DisplayScore = proto.Int32(0) })
	empty := entry("empty", func(e *store.Entry) { e.Response = &cmiv1.Response{} })
	record(t, s, "acme", unscored, zero, empty)
	for _, e := range []store.Entry{unscored, zero, empty} {
		k := kept(t, s, "acme", e.Score.GetResponseId())
		if k.Response == nil {
			t.Fatalf("%s: the response is nil", e.Score.GetResponseId())
		}
		sameKept(t, k, e)
	}
	for _, k := range list(t, s, "acme", store.ResponseFilter{}, 3) {
		if k.Response == nil {
			t.Fatalf("%s: the listed response is nil", k.Score.GetResponseId())
		}
	}
}
