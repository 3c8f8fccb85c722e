// Package customers is the use case of remembering: who the customers are, what they do, where they stand and where they are
// heading, now or at any time. What is computed of a customer follows from recorded facts alone and is computed when it is
// asked for; a keeper in the background saves a short form of it, so that lists need not compute it for everybody. The
// package knows neither wire nor SQL.
package customers

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/contract"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Store is what the use case keeps.
type Store interface {
	store.Customers
	store.Interactions
	store.Standings
	store.Responses
}

// Versions gives the compiled scorer of the version of a questionnaire by which something was recorded, archived or not: its
// series and thresholds are what a recorded score is read by.
type Versions interface {
	RecordedScorer(ctx context.Context, tenant, id string, version int32) (*scoring.Scorer, error)
}

// Certainty knows how precisely questionnaires measure.
type Certainty interface {
	// Calibration answers the calibration of a version that is in force at a time, nil where there is none.
	Calibration(ctx context.Context, tenant, questionnaireID string, version int32, at time.Time) (*cmiv1.Calibration, error)
	// Forget has the calibrations of a questionnaire read anew.
	Forget(tenant, questionnaireID string)
}

// Options are the rules and constants, the clock and the log.
type Options struct {
	// Lifecycle says who is new, active and inactive.
	Lifecycle lifecycle.Rules
	// KeyWeight says how sure figures are.
	KeyWeight keyweight.Constants
	// Now is the clock. Absent: the time of day.
	Now func() time.Time
	// Logger hears of what goes wrong in the background. Absent: nobody does.
	Logger *slog.Logger
}

// Customers remembers the customers of all tenants. It is safe for concurrent use.
type Customers struct {
	store     Store
	versions  Versions
	certainty Certainty
	contract  *contract.Contract
	rules     lifecycle.Rules
	constants keyweight.Constants
	now       func() time.Time
	log       *slog.Logger
	// nudges wakes the keeper.
	nudges chan struct{}
	// turn is held by whoever computes a slice of standings, so that no two compute the same one.
	turn chan struct{}
}

// New makes the use case. The error says which rule or constant cannot be.
func New(kept Store, versions Versions, certainty Certainty, o Options) (*Customers, error) {
	if err := o.Lifecycle.Validate(); err != nil {
		return nil, fmt.Errorf("rules of the lifecycle: %w", err)
	}
	if err := o.KeyWeight.Validate(); err != nil {
		return nil, fmt.Errorf("constants of the key weight: %w", err)
	}
	rules, err := contract.New()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Customers{
		store: kept, versions: versions, certainty: certainty, contract: rules,
		rules: o.Lifecycle, constants: o.KeyWeight, now: o.Now, log: o.Logger,
		nudges: make(chan struct{}, 1), turn: make(chan struct{}, 1),
	}, nil
}

// moment is now in the service's times: UTC, whole microseconds.
func (c *Customers) moment() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

func notFound(customerID string) error {
	return fault.Field(cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id", "there is no customer %q", customerID)
}
