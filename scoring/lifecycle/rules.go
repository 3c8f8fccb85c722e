// Package lifecycle says whether a customer is new, active or inactive at a time.
//
// It is a pure function of what is known of the customer and an explicit time. Times are microseconds since 1970 UTC, within
// the years 1 to 9999.
package lifecycle

import "fmt"

// What is taken for granted.
const (
	defaultNewDays      = 90
	defaultInactiveDays = 90
	defaultInactiveGaps = 3
)

// maxDays and maxGaps bound the rules: 100 years, and more gaps than anybody is waited for.
const (
	maxDays = 36525
	maxGaps = 1000
)

// Rules say where the phases of a relationship begin and end.
type Rules struct {
	// NewDays is up to which tenure, inclusive, a customer is new; in days, 0..36525.
	NewDays float64
	// InactiveDays is the silence that every customer is granted; in days, 0..36525.
	InactiveDays float64
	// InactiveGaps is the silence that a customer of rarer habits is granted, in their own median gaps between contacts,
	// 0..1000; the longer of the two holds.
	InactiveGaps float64
}

// Default gives the usual rules: 90 days, 90 days and 3 gaps.
func Default() Rules {
	return Rules{NewDays: defaultNewDays, InactiveDays: defaultInactiveDays, InactiveGaps: defaultInactiveGaps}
}

// Validate names the first rule that is out of range.
func (r Rules) Validate() error {
	for _, of := range []struct {
		name    string
		x, most float64
	}{
		{"days that a customer is new", r.NewDays, maxDays},
		{"days of silence before a customer is inactive", r.InactiveDays, maxDays},
		{"median gaps of silence before a customer is inactive", r.InactiveGaps, maxGaps},
	} {
		if !(of.x >= 0 && of.x <= of.most) {
			return fmt.Errorf("the number of %s cannot be %v; numbers from 0 to %v are allowed", of.name, of.x, of.most)
		}
	}
	return nil
}
