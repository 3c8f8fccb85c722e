// Package store says what the service keeps: questionnaires with their versions and calibrations, responses with their
// scores, customers with what they did and where they stand, and the work that takes longer than a call.
// Drivers live in folders of their own and pass one suite, storetest. The tenant is an argument of every method: two
// tenants with the same ids never meet.
package store

import (
	"context"
	"errors"
)

// ErrNotFound says that there is no such thing in this tenant.
var ErrNotFound = errors.New("not found")

// ErrUnavailable says that the store cannot answer now: it is closed, locked, full or gone. The call may be tried again.
// Drivers wrap it around their own error.
var ErrUnavailable = errors.New("store unavailable")

// Store is what the service keeps. Every method is safe for concurrent use, honours ctx, and answers either ctx's error,
// ErrNotFound where it says so, or an error that wraps ErrUnavailable. A write that was answered is on disk. Messages
// given to a store are not changed by it; messages that it answers belong to the caller.
type Store interface {
	Questionnaires
	Calibrations
	Responses
	Interactions
	Outcomes
	Invitations
	Customers
	Standings
	Changes
	Slices
	Histories
	Operations
	Jobs

	// Ping answers nil when the store can read and write.
	Ping(ctx context.Context) error
	// Close finishes what was taken and frees what is held. Calls after it answer ErrUnavailable.
	Close() error
}
