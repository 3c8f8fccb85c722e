package customers

import (
	"strings"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// wanted reads the filters and the order of a request, which keeps the rules of the contract.
func wanted(request *cmiv1.ListCustomersRequest) store.CustomerFilter {
	filter := store.CustomerFilter{
		Bucket: request.GetBucket(), StableBucket: request.GetStableBucket(), Direction: request.GetDirection(),
		Lifecycle: request.GetLifecycle(), AccountID: request.GetAccountId(), MaxPValue: request.MaxPValue,
	}
	for _, segment := range request.GetSegments() {
		key, value, _ := strings.Cut(segment, "=")
		filter.Segments = append(filter.Segments, store.Segment{Key: key, Value: value})
	}
	figure, way, _ := strings.Cut(request.GetOrderBy(), " ")
	switch figure {
	case "cmi":
		filter.Order = store.ByCMI
	case "velocity":
		filter.Order = store.ByVelocity
	}
	filter.Descending = way == "desc"
	return filter
}

// match is what a customer must be to be listed.
type match struct {
	filter      store.CustomerFilter
	leastWeight *float64
	// before, in a list of the past, leaves out those who were not known by then in any way.
	before *time.Time
}

func (m *match) fits(s *state) bool {
	return m.then(s) && m.stands(s) && m.belongs(s.facts.Profile) &&
		(m.leastWeight == nil || s.weight != nil && s.weight.Weight >= *m.leastWeight)
}

// stands compares what is computed.
func (m *match) stands(s *state) bool {
	f := &m.filter
	direction := s.course.Direction
	if !s.scored() {
		direction = cmiv1.Direction_DIRECTION_UNSPECIFIED
	}
	if _, ok := m.figure(s); !ok {
		return false
	}
	return (f.Bucket == 0 || s.course.Bucket == f.Bucket) &&
		(f.StableBucket == 0 || s.course.Stable == f.StableBucket) &&
		(f.Direction == 0 || direction == f.Direction) &&
		(f.Lifecycle == 0 || s.phase == f.Lifecycle) &&
		(f.MaxPValue == nil || s.course.Trend != nil && s.course.Trend.P <= *f.MaxPValue)
}

// belongs compares what the company says.
func (m *match) belongs(profile *cmiv1.Customer) bool {
	for _, segment := range m.filter.Segments {
		if value, ok := profile.GetSegments()[segment.Key]; !ok || value != segment.Value {
			return false
		}
	}
	return m.filter.AccountID == "" || profile.GetAccountId() == m.filter.AccountID
}

// figure answers what the list goes by; false where the customer has none and is not listed.
func (m *match) figure(s *state) (float64, bool) {
	switch {
	case m.filter.Order == store.ByCMI && s.course.Level != nil:
		return snap(*s.course.Level), true
	case m.filter.Order == store.ByVelocity && s.course.Velocity != nil:
		return *s.course.Velocity, true
	default:
		return 0, m.filter.Order == store.ByCreation
	}
}

// then tells whether the customer was known by the time of the list: something had happened, or the service knew them.
func (m *match) then(s *state) bool {
	return m.before == nil || s.life.FirstSeen != nil || !s.facts.Profile.GetCreatedAt().AsTime().After(*m.before)
}
