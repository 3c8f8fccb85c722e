package insight

import (
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// begin answers when the period of a time began, in microseconds since 1970; 0 where all time is one.
func begin(period cmiv1.Period, at int64) int64 {
	if period == cmiv1.Period_PERIOD_UNSPECIFIED {
		return 0
	}
	return beginning(period, time.UnixMicro(at).UTC()).UnixMicro()
}

// beginning is begin of the calendar, in UTC.
func beginning(period cmiv1.Period, at time.Time) time.Time {
	year, month, day := at.Date()
	switch period {
	case cmiv1.Period_PERIOD_WEEK:
		day -= (int(at.Weekday()) + 6) % 7 // days since Monday
	case cmiv1.Period_PERIOD_MONTH:
		day = 1
	case cmiv1.Period_PERIOD_QUARTER:
		month, day = month-(month-1)%3, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// later answers when a period begins some periods after one that begins at a time.
func later(period cmiv1.Period, at time.Time, n int) time.Time {
	switch period {
	case cmiv1.Period_PERIOD_DAY:
		return at.AddDate(0, 0, n)
	case cmiv1.Period_PERIOD_WEEK:
		return at.AddDate(0, 0, 7*n)
	case cmiv1.Period_PERIOD_QUARTER:
		return at.AddDate(0, 3*n, 0)
	default:
		return at.AddDate(0, n, 0)
	}
}
