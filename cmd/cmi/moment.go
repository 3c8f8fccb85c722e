package main

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// moment is a time on the command line: RFC 3339, or a date, which is its first moment in UTC.
type moment struct{ time.Time }

// UnmarshalText reads it.
func (m *moment) UnmarshalText(text []byte) error {
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(form, string(text)); err == nil {
			m.Time = at
			return nil
		}
	}
	return fmt.Errorf("%q is neither a date, such as 2026-09-01, nor a time, such as 2026-09-01T08:00:00Z", text)
}

// wire is the time as the API takes it; nil where none was given.
func (m moment) wire() *timestamppb.Timestamp {
	if m.IsZero() {
		return nil
	}
	return timestamppb.New(m.Time)
}

// clock writes a time for people: in UTC and whole seconds, and a date alone where it is the first moment of one.
func clock(at *timestamppb.Timestamp) string {
	if at == nil {
		return "-"
	}
	utc := at.AsTime()
	if utc.Equal(utc.Truncate(24 * time.Hour)) {
		return utc.Format(time.DateOnly)
	}
	return utc.Format("2006-01-02 15:04:05 UTC")
}
