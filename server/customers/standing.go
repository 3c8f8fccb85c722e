package customers

import (
	"math"

	"github.com/customer-momentum/cmi/server/store"
)

// saved answers the short form of a state that lists go by.
func (s *state) saved(due store.Due) store.Standing {
	saved := store.Standing{
		Tenant: due.Tenant, CustomerID: due.CustomerID, Revision: s.facts.Revision, Until: s.until,
		Calibrated: s.course.Calibrated, Lifecycle: s.phase,
	}
	if !s.scored() {
		return saved
	}
	saved.Bucket, saved.StableBucket, saved.Direction = s.course.Bucket, s.course.Stable, s.course.Direction
	saved.Velocity = s.course.Velocity
	if s.course.Level != nil {
		saved.CMI = new(snap(*s.course.Level))
	}
	if s.course.Trend != nil {
		saved.PValue = new(s.course.Trend.P)
	}
	return saved
}

// snap rounds to a billionth of a point.
func snap(cmi float64) float64 { return math.Round(cmi*1e9) / 1e9 }
