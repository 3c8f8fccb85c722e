package form

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Figures are what lists and means know of a standing. Class is the stable bucket; Facets are direction, lifecycle and bucket
// in one number.
type Figures struct {
	Class, Facets         int64
	CMI, Velocity, PValue sql.NullFloat64
}

// Standing is a standing as it is written.
type Standing struct {
	Tenant          string
	Key             Hash // of the customer
	Revision, Until int64
	Calibrated      bool
	Figures         Figures
}

// NewStanding checks a standing.
func NewStanding(keys *Secret, s store.Standing) (Standing, error) {
	switch {
	case s.CustomerID == "":
		return Standing{}, errors.New("it needs a customer")
	case !slices.Contains(buckets(), s.Bucket), !slices.Contains(buckets(), s.StableBucket):
		return Standing{}, fmt.Errorf("buckets %d and %d are not both known to this version", s.Bucket, s.StableBucket)
	case !slices.Contains(directions(), s.Direction):
		return Standing{}, fmt.Errorf("direction %d is not one that this version knows", s.Direction)
	case s.Lifecycle < 0 || s.Lifecycle > cmiv1.Lifecycle_LIFECYCLE_INACTIVE:
		return Standing{}, fmt.Errorf("lifecycle %d is not one that this version knows", s.Lifecycle)
	case s.CMI != nil && !(*s.CMI >= 0 && *s.CMI <= 100):
		return Standing{}, fmt.Errorf("a CMI is from 0 to 100, not %v", *s.CMI)
	case s.Velocity != nil && !finite(*s.Velocity), s.PValue != nil && !finite(*s.PValue):
		return Standing{}, errors.New("a velocity and a p-value are finite")
	}
	return Standing{
		Tenant: s.Tenant, Key: keys.Hash(OfCustomer, s.Tenant, s.CustomerID),
		Revision: s.Revision, Until: s.Until, Calibrated: s.Calibrated,
		Figures: Figures{
			Class:  int64(s.StableBucket),
			Facets: facets(s.Direction, s.Lifecycle, s.Bucket),
			CMI:    nullable(s.CMI), Velocity: nullable(s.Velocity), PValue: nullable(s.PValue),
		},
	}, nil
}

// Lifecycle is that of the figures.
func (f Figures) Lifecycle() int64 { return f.Facets >> 4 & 15 }

// Answer is the standing for the caller, without whose it is and how long it holds.
func (f Figures) Answer() store.Standing {
	return store.Standing{
		Lifecycle:    cmiv1.Lifecycle(f.Lifecycle()),
		Bucket:       cmiv1.Bucket(f.Facets & 15),
		StableBucket: cmiv1.Bucket(f.Class),
		Direction:    cmiv1.Direction(f.Facets >> 8),
		CMI:          pointer(f.CMI),
		Velocity:     pointer(f.Velocity),
		PValue:       pointer(f.PValue),
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
