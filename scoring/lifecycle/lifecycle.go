package lifecycle

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Facts is what is known of a customer at a time.
type Facts struct {
	// FirstSeen is when they became one; nil: the earliest contact, if there is any.
	FirstSeen *int64
	// ClosedAt is when the relationship ended or will end; nil: it goes on.
	ClosedAt *int64
	// Override stands in place of the rules; unspecified: the rules hold.
	Override cmiv1.Lifecycle
	// Contacts are the times of their interactions and responses up to that time, in order.
	Contacts []int64
}

// Of says where the relationship stands at a time, and until when that is sure if nothing new becomes known: until is the
// first microsecond after asOf at which the answer may differ, or math.MaxInt64 where it never will. The first match wins:
//
//   - the override, if there is one;
//   - inactive when it is closed, or when the last contact (without one, first seen) is longer ago than both InactiveDays
//     and, from 3 contacts on, InactiveGaps times the median gap between contacts;
//   - new when the tenure is at most NewDays, or nothing is known of the customer;
//   - active.
func (r Rules) Of(f Facts, asOf int64) (l cmiv1.Lifecycle, until int64) {
	const forever = math.MaxInt64
	if f.Override != cmiv1.Lifecycle_LIFECYCLE_UNSPECIFIED {
		return f.Override, forever
	}
	until = forever
	if f.ClosedAt != nil {
		if *f.ClosedAt <= asOf {
			return cmiv1.Lifecycle_LIFECYCLE_INACTIVE, forever
		}
		until = *f.ClosedAt
	}
	first, last, known := f.seen()
	if !known {
		return cmiv1.Lifecycle_LIFECYCLE_NEW, until
	}
	silent := after(last, r.patience(f.Contacts))
	if asOf >= silent {
		return cmiv1.Lifecycle_LIFECYCLE_INACTIVE, forever
	}
	until = min(until, silent)
	if settled := after(first, whole(float64(r.NewDays*day))); asOf < settled {
		return cmiv1.Lifecycle_LIFECYCLE_NEW, min(until, settled)
	}
	return cmiv1.Lifecycle_LIFECYCLE_ACTIVE, until
}

// seen tells since when the customer is known, and when they were last heard of.
func (f *Facts) seen() (first, last int64, known bool) {
	n := len(f.Contacts)
	switch {
	case f.FirstSeen == nil && n == 0:
		return 0, 0, false
	case f.FirstSeen == nil:
		return f.Contacts[0], f.Contacts[n-1], true
	case n == 0:
		return *f.FirstSeen, *f.FirstSeen, true
	default:
		return *f.FirstSeen, f.Contacts[n-1], true
	}
}
