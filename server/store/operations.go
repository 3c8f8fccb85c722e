package store

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Operations keeps work that takes longer than a call. An operation is pending until it is planned: cut into pieces that can be
// done in any order, by any process, more than once. What counts is the first time that a piece is saved; so an operation
// comes to the same end whoever died over it.
//
// The methods that take a key serve those who do the work, for all tenants.
type Operations interface {
	// StartOperation keeps a new operation as pending and answers it. Where the tenant has one of this id, it answers that
	// one, and started is false.
	StartOperation(ctx context.Context, tenant string, start OperationStart) (op Operation, started bool, err error)

	// Operation answers one of a tenant. ErrNotFound when there is none.
	Operation(ctx context.Context, tenant, id string) (Operation, error)

	// ListOperations answers up to limit operations that match, the latest started first.
	ListOperations(ctx context.Context, tenant string, filter OperationFilter, limit int) ([]Operation, error)

	// OperationByKey answers one of any tenant. ErrNotFound when there is none, or it was removed.
	OperationByKey(ctx context.Context, key int64) (Operation, error)

	// OpenOperations answers up to limit operations of any tenant that have not ended, the first started first.
	OpenOperations(ctx context.Context, limit int) ([]Operation, error)

	// PlanOperation keeps the pieces of a pending operation, numbered from 0, and makes it running. It has no effect on one
	// that is not pending. It answers the operation as it stands then.
	PlanOperation(ctx context.Context, key int64, pieces []Piece, at int64) (Operation, error)

	// PieceTask answers what a piece is about, and whether it is done. ErrNotFound when there is none.
	PieceTask(ctx context.Context, key int64, piece int) (task []byte, done bool, err error)

	// MissingPieces answers up to limit pieces that are not done, by rising number.
	MissingPieces(ctx context.Context, key int64, limit int) ([]int, error)

	// SavePiece keeps what a piece came to and marks it as done, all at once. It has no effect when the piece is done already
	// or the operation is not running. Rescored responses that were erased meanwhile are left out. It answers the operation
	// as it stands then. ErrNotFound when there is no such piece.
	SavePiece(ctx context.Context, key int64, piece int, part []byte, rescored []Rescored, at int64) (Operation, error)

	// Parts answers up to limit parts of pieces that are done, by rising number of the piece, those after one; -1 is before
	// the first.
	Parts(ctx context.Context, key int64, after, limit int) ([]Part, error)

	// EndOperation ends an operation that has not ended, and answers it as it stands then. ErrNotFound when there is none.
	EndOperation(ctx context.Context, key int64, state cmiv1.OperationState, outcome []byte, at int64) (Operation, error)

	// RemoveOperation takes an operation that has ended out of sight, and its id is free again; ClearOperations deletes what
	// it made. It answers false where it has not ended. ErrNotFound when there is none.
	RemoveOperation(ctx context.Context, tenant, id string) (bool, error)

	// ExpireOperations removes up to limit operations that ended before a time, and answers how many.
	ExpireOperations(ctx context.Context, endedBefore int64, limit int) (int, error)

	// ClearOperations deletes about limit rows of what removed operations made, and answers how many; 0: nothing is left of
	// any.
	ClearOperations(ctx context.Context, limit int) (int, error)

	// ListRescored answers up to limit responses that an operation scored again and that were not erased since. Those of one
	// customer come in the order in which they were recorded; else they come by bucket before, then after, then in that order.
	ListRescored(ctx context.Context, tenant string, filter RescoredFilter, limit int) ([]ListedRescored, error)
}

// OperationStart is what an operation starts with.
type OperationStart struct {
	ID      string
	Kind    string
	Request []byte // what was asked for, in a form of its kind
	At      int64  // microseconds since 1970
}

// Operation is work that takes longer than a call. Times are in microseconds since 1970.
type Operation struct {
	Key        int64 // the store's own number, which rises from start to start and is never used again
	Tenant, ID string
	Kind       string
	Request    []byte
	State      cmiv1.OperationState
	Total      int    // units of all pieces together
	Done       int    // units of those that are done
	Left       int    // pieces that are not done
	Outcome    []byte // of one that has ended: what it came to, in the form of who ended it
	CreatedAt  int64
	ChangedAt  int64 // when it was started, planned, ended, or a piece was saved last
	EndedAt    int64 // 0 until it ended
}

// OperationFilter picks operations. The zero value picks all of a tenant.
type OperationFilter struct {
	Ended *bool // only those that have ended, or have not
	After int64 // the key of the last one of the page before; 0 at the start
}

// Piece is a part of an operation that is done at once.
type Piece struct {
	Task  []byte // what to do, in a form of its kind
	Units int    // how much of the whole it is
}

// Part is what a piece came to, in a form of its kind.
type Part struct {
	Piece int
	Body  []byte
}

// Rescored is a recorded response that was scored again.
type Rescored struct {
	Place         Cursor // of the response, as Kept.Cursor
	Before, After cmiv1.Bucket
	Score         []byte // in a form of who made it
}

// RescoredFilter picks responses that one operation scored again.
type RescoredFilter struct {
	Operation int64  // its key
	Customer  string // only of this customer, where not empty
	Moves     []Move // only these
	After     *RescoredCursor
}

// Move is where a response stood and where it stands.
type Move struct {
	Before, After cmiv1.Bucket
}

// RescoredCursor is a place in the order of ListRescored.
type RescoredCursor struct {
	Move  int64 // 0 in a list of one customer
	Place int64
}

// ListedRescored is a response that was scored again, beside what was recorded of it.
type ListedRescored struct {
	Recorded *cmiv1.Score // its void mark included
	Score    []byte       // as it was given
	Cursor   RescoredCursor
}
