package customers

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/momentum"
	"github.com/customer-momentum/cmi/server/store"
)

// state is all that is computed of one customer at a time, from the facts up to then.
type state struct {
	facts *store.Facts
	life  life
	phase cmiv1.Lifecycle
	// until is when all of this may change if nothing new is recorded; microseconds since 1970.
	until int64
	// weight is nil where it is not known since when the customer is one.
	weight *keyweight.Weight
	// series is that of the latest score, empty where there is no score at all; course runs over it.
	series string
	course momentum.Course
}

// states computes customers of one tenant at a time; nil for one who is not known.
func (c *Customers) states(ctx context.Context, by *yardsticks, tenant string, ids []string) ([]*state, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := c.store.Facts(ctx, tenant, ids, by.at)
	if err != nil {
		return nil, fmt.Errorf("read what is known of customers: %w", err)
	}
	found := make([]*state, len(all))
	for i, facts := range all {
		if facts == nil {
			continue
		}
		if found[i], err = c.state(ctx, by, tenant, facts); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// state computes one customer. The error is that of reading a questionnaire or calibration.
func (c *Customers) state(ctx context.Context, by *yardsticks, tenant string, facts *store.Facts) (*state, error) {
	s := c.unscored(by.at, facts)
	points, err := s.points(ctx, by, tenant)
	if err != nil {
		return nil, err
	}
	s.course = momentum.Of(points, by.at.UnixMicro())
	return s, nil
}

// unscored computes what does not depend on scores.
func (c *Customers) unscored(at time.Time, facts *store.Facts) *state {
	s := &state{facts: facts, life: lived(facts.Profile, contacts(facts), at.UnixMicro())}
	s.phase, s.until = s.life.phase(c.rules)
	s.until = min(s.until, facts.Next)
	if s.life.FirstSeen != nil {
		s.weight = new(c.constants.Of(*s.life.FirstSeen, at.UnixMicro(), facts.Interactions))
	}
	return s
}

// points answers the scores in the series of the latest one, and notes that series.
func (s *state) points(ctx context.Context, by *yardsticks, tenant string) ([]momentum.Point, error) {
	all := s.facts.Points
	if len(all) == 0 {
		return nil, nil
	}
	sticks := make([]yardstick, len(all))
	for i := range all {
		stick, err := by.get(ctx, version{tenant, all[i].QuestionnaireID, all[i].Version})
		if err != nil {
			return nil, err
		}
		sticks[i] = stick
	}
	s.series = sticks[len(all)-1].series
	points := make([]momentum.Point, 0, len(all))
	for i := range all {
		if sticks[i].series == s.series {
			points = append(points, sticks[i].point(&all[i]))
		}
	}
	return points, nil
}

// scored tells whether there is any score.
func (s *state) scored() bool { return len(s.facts.Points) > 0 }

// customer answers the profile with what is computed. It may be called once: the profile becomes part of the answer.
func (s *state) customer() *cmiv1.Customer {
	customer := s.facts.Profile
	customer.Etag = etag(customer)
	customer.Lifecycle = s.phase
	if s.weight != nil {
		customer.KeyWeight = new(s.weight.Weight)
	}
	if s.scored() {
		customer.Standing = standing(s.series, &s.course)
	}
	return customer
}

// standing puts a course in short.
func standing(series string, course *momentum.Course) *cmiv1.Standing {
	short := &cmiv1.Standing{
		Series: series, Level: course.Level, Stale: course.Stale,
		Bucket: course.Bucket, StableBucket: course.Stable, Direction: course.Direction, Velocity: course.Velocity,
	}
	if course.Level != nil {
		short.LevelAt = timestamppb.New(time.UnixMicro(course.LevelAt).UTC())
	}
	if course.Trend != nil {
		short.PValue = new(course.Trend.P)
	}
	return short
}
