package store

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Interactions keeps what customers did.
type Interactions interface {
	// RecordInteractions keeps every interaction whose id is not yet used in the tenant, and answers what became of each, in
	// order. They are complete: interaction_id, customer_id, kind and occurred_at in whole microseconds are given. An id
	// that comes twice is treated as if the second came later. It is atomic for each one, not for all of them; when it
	// answers, every result is on disk. A customer who is not known is created at the time at; interactions of one who was
	// erased, and not started anew since, are refused as Erased.
	RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) ([]Result, error)

	// ListInteractions answers up to limit interactions of one customer that match, the latest first, those of the same
	// microsecond by falling key.
	ListInteractions(ctx context.Context, tenant string, filter InteractionFilter, limit int) ([]KeptInteraction, error)

	// Doings answers for each ask, in order, what a customer did in a window of time.
	Doings(ctx context.Context, tenant string, asks []Ask) ([]Doings, error)
}

// InteractionFilter picks interactions of one customer.
type InteractionFilter struct {
	CustomerID string
	Kind       string    // only of this kind, where not empty
	From       time.Time // only at this time or later, where not zero
	Before     time.Time // only before this time, where not zero
	After      *Cursor   // the last one of the page before; nil at the start
}

// KeptInteraction is an interaction and its place in the order of ListInteractions. The cursor's time is occurred_at.
type KeptInteraction struct {
	Interaction *cmiv1.Interaction
	Cursor      Cursor
}

// Ask names a customer, kinds of interaction, and the window of time (After, UpTo], in microseconds since 1970.
type Ask struct {
	CustomerID  string
	Kinds       []string // at least 1, none twice
	After, UpTo int64
}

// Doings is what a customer did.
type Doings struct {
	// FirstSeen is the profile's first_seen_at; nil where it has none or the customer is not known.
	FirstSeen *int64
	// FirstInteraction is when the first interaction was, of any kind, up to UpTo; nil where there was none.
	FirstInteraction *int64
	// Events are the interactions of the kinds in the window, in time order, those of the same microsecond in any.
	Events []Doing
	// Recorded says whether the tenant has any interaction of the kinds in the window, of any customer.
	Recorded bool
}

// Doing is one interaction.
type Doing struct {
	At   int64 // microseconds since 1970
	Kind int   // which of the ask's kinds
}
