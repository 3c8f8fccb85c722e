package report

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// dated answers say as of when they are.
type dated interface{ GetAsOf() *timestamppb.Timestamp }

// clock writes a time for people: in UTC and whole seconds, and a date alone where it is the first moment of one.
func clock(at *timestamppb.Timestamp) string {
	if at == nil {
		return absent
	}
	utc := at.AsTime()
	if utc.Equal(utc.Truncate(24 * time.Hour)) {
		return utc.Format(time.DateOnly)
	}
	return utc.Format("2006-01-02 15:04:05 UTC")
}

// periodLabel names a period as people do, by its length: 2026-03, 2026 Q1, or the day on which it begins.
func periodLabel(from, to *timestamppb.Timestamp) label {
	if from == nil {
		return label{"all time", ""}
	}
	start, raw := from.AsTime(), clock(from)
	if to == nil || start.Day() != 1 {
		return label{raw, raw}
	}
	switch end := to.AsTime(); {
	case end.Equal(start.AddDate(0, 1, 0)):
		return label{start.Format("2006-01"), raw}
	case end.Equal(start.AddDate(0, 3, 0)):
		return label{start.Format("2006") + " Q" + string('1'+rune(start.Month()-1)/3), raw}
	}
	return label{raw, raw}
}
