package main

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestMomentsAreDatesOrTimes(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"2026-09-01":                     "2026-09-01T00:00:00Z",
		"2026-09-01T08:00:00Z":           "2026-09-01T08:00:00Z",
		"2026-09-01T08:00:00.25+02:00":   "2026-09-01T06:00:00.25Z",
		"2026-09-01T23:59:59.999999999Z": "2026-09-01T23:59:59.999999999Z",
	} {
		var m moment
		if err := m.UnmarshalText([]byte(said)); err != nil || m.wire().AsTime().Format(time.RFC3339Nano) != want {
			t.Errorf("%q is %v (%v), want %s", said, m.wire().AsTime(), err, want)
		}
	}
	for _, said := range []string{"", "yesterday", "2026-13-01", "2026-09-01 08:00", "1788246000"} {
		var m moment
		if err := m.UnmarshalText([]byte(said)); err == nil {
			t.Errorf("%q is %v", said, m)
		}
	}
	if got := (moment{}).wire(); got != nil {
		t.Errorf("no time is %v", got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for want, at := range map[string]*timestamppb.Timestamp{
		"-":                       nil,
		"2026-09-01":              timestamppb.New(time.Date(2026, 9, 1, 2, 0, 0, 0, time.FixedZone("", 7200))),
		"2026-09-01 00:00:01 UTC": timestamppb.New(time.Date(2026, 9, 1, 0, 0, 1, 999, time.UTC)),
	} {
		if got := clock(at); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
}
