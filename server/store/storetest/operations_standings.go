package storetest

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// settling saves standings.
type settling struct{ Standings []givenStanding }

type givenStanding struct {
	Tenant, Customer string
	Of               moment
	Until            int // microseconds after noon; negative: forever
	Calibrated       bool
	Lifecycle        cmiv1.Lifecycle
	Bucket, Stable   cmiv1.Bucket
	Direction        cmiv1.Direction
	// Negative: there is none.
	CMI, Velocity, PValue float64
}

// moment says of which revision of the facts a standing is.
type moment int

const (
	current  moment = iota
	outdated        // the one before the last change
	ahead           // one that there is not yet
)

func (g givenStanding) standing(r revisions) store.Standing {
	whose := store.Due{Tenant: g.Tenant, CustomerID: g.Customer}
	s := store.Standing{
		Tenant: g.Tenant, CustomerID: g.Customer, Revision: r.now[whose], Until: store.Forever, Calibrated: g.Calibrated,
		Lifecycle: g.Lifecycle, Bucket: g.Bucket, StableBucket: g.Stable, Direction: g.Direction,
		CMI: known(g.CMI), Velocity: known(g.Velocity), PValue: known(g.PValue),
	}
	switch g.Of {
	case outdated:
		s.Revision = r.before[whose]
	case ahead:
		s.Revision += 1_000_000
	}
	if g.Until >= 0 {
		s.Until = after(g.Until).UnixMicro()
	}
	return s
}

func known(x float64) *float64 {
	if x < 0 {
		return nil
	}
	return &x
}

func (o settling) run(ctx context.Context, s store.Store, r revisions) string {
	var standings []store.Standing
	for _, g := range o.Standings {
		standings = append(standings, g.standing(r))
	}
	return done(s.SaveStandings(ctx, standings))
}

func done(err error) string {
	if err != nil {
		return inWords(err)
	}
	return "done"
}

func (o settling) smaller() []operation {
	return without(o.Standings, func(given []givenStanding) operation { return settling{given} })
}

// marking makes customers of a tenant due.
type marking struct {
	Tenant     string
	Calibrated bool
}

func (o marking) run(ctx context.Context, s store.Store, _ revisions) string {
	return done(s.MarkDue(ctx, o.Tenant, o.Calibrated))
}

func (o marking) smaller() []operation { return nil }

// ruling says by which rules standings are computed.
type ruling struct{ Rules string }

func (o ruling) run(ctx context.Context, s store.Store, _ revisions) string {
	return done(s.UseRules(ctx, o.Rules))
}

func (o ruling) smaller() []operation { return nil }

// calibrating saves a calibration.
type calibrating struct {
	Tenant, ID, Questionnaire string
	Version                   int32
	At                        int // microseconds after noon
}

func (o calibrating) run(ctx context.Context, s store.Store, _ revisions) string {
	return done(s.SaveCalibration(ctx, o.Tenant, calibration(o.ID, o.Questionnaire, o.Version, after(o.At))))
}

func (o calibrating) smaller() []operation { return nil }
