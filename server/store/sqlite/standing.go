package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// figures are what lists and means know of a standing, as the row holds it. class is without the scope.
type figures struct {
	class, facets         int64
	cmi, velocity, pValue sql.NullFloat64
}

// standing is a standing as it is written.
type standing struct {
	tenant          string
	key             idHash
	revision, until int64
	calibrated      bool
	figures         figures
}

func newStanding(keys *secret, s store.Standing) (standing, error) {
	switch {
	case s.CustomerID == "":
		return standing{}, errors.New("it needs a customer")
	case !slices.Contains(buckets(), s.Bucket), !slices.Contains(buckets(), s.StableBucket):
		return standing{}, fmt.Errorf("buckets %d and %d are not both known to this version", s.Bucket, s.StableBucket)
	case !slices.Contains(directions(), s.Direction):
		return standing{}, fmt.Errorf("direction %d is not one that this version knows", s.Direction)
	case s.Lifecycle < 0 || s.Lifecycle > cmiv1.Lifecycle_LIFECYCLE_INACTIVE:
		return standing{}, fmt.Errorf("lifecycle %d is not one that this version knows", s.Lifecycle)
	case s.CMI != nil && !(*s.CMI >= 0 && *s.CMI <= 100):
		return standing{}, fmt.Errorf("a CMI is from 0 to 100, not %v", *s.CMI)
	case s.Velocity != nil && !finite(*s.Velocity), s.PValue != nil && !finite(*s.PValue):
		return standing{}, errors.New("a velocity and a p-value are finite")
	}
	return standing{
		tenant: s.Tenant, key: keys.hash(ofCustomer, s.Tenant, s.CustomerID),
		revision: s.Revision, until: s.Until, calibrated: s.Calibrated,
		figures: figures{
			class:  int64(s.StableBucket)<<4 | int64(s.Direction),
			facets: int64(s.Lifecycle)<<4 | int64(s.Bucket),
			cmi:    nullable(s.CMI), velocity: nullable(s.Velocity), pValue: nullable(s.PValue),
		},
	}, nil
}

// answer is the standing for the caller. A customer who is due has the time since when as Until.
func (f figures) answer() store.Standing {
	return store.Standing{
		Lifecycle:    cmiv1.Lifecycle(f.facets >> 4),
		Bucket:       cmiv1.Bucket(f.facets & 15),
		StableBucket: cmiv1.Bucket(f.class >> 4 & 15),
		Direction:    cmiv1.Direction(f.class & 15),
		CMI:          pointer(f.cmi),
		Velocity:     pointer(f.velocity),
		PValue:       pointer(f.pValue),
	}
}

func directions() []cmiv1.Direction {
	return []cmiv1.Direction{
		cmiv1.Direction_DIRECTION_UNSPECIFIED,
		cmiv1.Direction_DIRECTION_RISING,
		cmiv1.Direction_DIRECTION_STEADY,
		cmiv1.Direction_DIRECTION_FALLING,
		cmiv1.Direction_DIRECTION_INSUFFICIENT,
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func nullable(x *float64) sql.NullFloat64 {
	if x == nil {
		return sql.NullFloat64{}
	}
	return sql.NullFloat64{Float64: *x, Valid: true}
}

func pointer(x sql.NullFloat64) *float64 {
	if !x.Valid {
		return nil
	}
	return &x.Float64
}

// prepareAll prepares statements into their places.
func prepareAll(ctx context.Context, conn *preparer, statements map[string]**sql.Stmt) error {
	for text, into := range statements {
		var err error
		if *into, err = conn.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("prepare %s: %w", text, err)
		}
	}
	return nil
}
