package store

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Outcomes keeps what relationships came to.
type Outcomes interface {
	// RecordOutcomes keeps every outcome whose id is not yet used among the tenant's outcomes, and answers what became of each,
	// in order. They are complete: outcome_id, customer_id, kind and occurred_at in whole microseconds are given. It is as
	// RecordInteractions in all else, but that an outcome is no contact: it makes nobody's standing due, beyond that of a
	// customer whom it creates.
	RecordOutcomes(ctx context.Context, tenant string, outcomes []*cmiv1.Outcome, at time.Time) ([]Result, error)

	// ListOutcomes answers up to limit outcomes that match, the latest first, those of the same microsecond by falling key.
	ListOutcomes(ctx context.Context, tenant string, filter OutcomeFilter, limit int) ([]KeptOutcome, error)
}

// OutcomeFilter picks outcomes. The zero value picks all of a tenant.
type OutcomeFilter struct {
	CustomerID string            // only of this customer, where not empty
	Kind       cmiv1.OutcomeKind // only of this kind, where specified
	From       time.Time         // only at this time or later, where not zero
	Before     time.Time         // only before this time, where not zero
	After      *Cursor           // the last one of the page before; nil at the start
}

// KeptOutcome is an outcome and its place in the order of ListOutcomes. The cursor's time is occurred_at.
type KeptOutcome struct {
	Outcome *cmiv1.Outcome
	Cursor  Cursor
}

// Invitations keeps how many were asked to answer.
type Invitations interface {
	// RecordInvitations keeps all of them or none, each in place of what was kept for the same questionnaire, channel, from and
	// to, and answers how many of them changed anything. A count of 0 takes away what was kept. Where one comes twice the later
	// one counts. from and to are given, in whole microseconds.
	RecordInvitations(ctx context.Context, tenant string, invitations []*cmiv1.Invitations) (changed int, err error)

	// InvitationsWithin answers what is kept for periods that begin at from or later, where it is not zero, and end at to or
	// earlier, where it is not zero: by questionnaire (as bytes), channel, from, to. At most limit of them.
	InvitationsWithin(ctx context.Context, tenant string, from, to time.Time, limit int) ([]*cmiv1.Invitations, error)
}
