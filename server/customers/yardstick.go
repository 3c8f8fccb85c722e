package customers

import (
	"context"
	"fmt"
	"time"

	"github.com/customer-momentum/cmi/scoring/momentum"
	"github.com/customer-momentum/cmi/server/store"
)

// yardstick is what scores of one version of a questionnaire are read by.
type yardstick struct {
	series           string
	growth, advocate float64
	sem              *float64 // by the calibration in force; nil where there is none
}

// yardsticks gives those in force at one time, and remembers them for as long as one piece of work lasts. It is not safe for
// concurrent use.
type yardsticks struct {
	of    *Customers
	at    time.Time
	fresh bool // calibrations are read anew, and not recalled
	known map[version]yardstick
}

// version names a version of a questionnaire.
type version struct {
	tenant, id string
	number     int32
}

func (c *Customers) yardsticks(at time.Time) *yardsticks {
	return &yardsticks{of: c, at: at, known: make(map[version]yardstick)}
}

// freshYardsticks are for standings that are saved. Another process may have made a calibration of which this one has not
// heard, and have marked customers as due by it. A mark raises the revision, so a standing whose facts were read before the
// mark is not saved; one whose facts were read after it must be computed by calibrations that are read later still.
func (c *Customers) freshYardsticks(at time.Time) *yardsticks {
	y := c.yardsticks(at)
	y.fresh = true
	return y
}

func (y *yardsticks) get(ctx context.Context, v version) (yardstick, error) {
	if found, ok := y.known[v]; ok {
		return found, nil
	}
	scorer, err := y.of.versions.RecordedScorer(ctx, v.tenant, v.id, v.number)
	if err != nil {
		return yardstick{}, fmt.Errorf("compile the recorded version: %w", err)
	}
	if y.fresh {
		y.of.certainty.Forget(v.tenant, v.id)
	}
	calibration, err := y.of.certainty.Calibration(ctx, v.tenant, v.id, v.number, y.at)
	if err != nil {
		return yardstick{}, fmt.Errorf("read the calibration in force: %w", err)
	}
	found := yardstick{series: scorer.Series()}
	found.growth, found.advocate = scorer.Thresholds()
	if calibration != nil {
		found.sem = calibration.Sem
	}
	y.known[v] = found
	return found, nil
}

// point puts a score on the course by its yardstick.
func (y *yardstick) point(p *store.Point) momentum.Point {
	return momentum.Point{
		At: p.At, Status: p.Status, Bucket: p.Bucket, CMI: p.CMI,
		Growth: y.growth, Advocate: y.advocate, SEM: y.sem,
	}
}
