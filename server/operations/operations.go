// Package operations is the use case of work that takes longer than a call: it starts operations, tells how far they are, ends
// and deletes them, and does their pieces wherever there is time. What kinds of work there are is said by others. It knows
// neither wire nor SQL.
//
// An operation is cut into pieces of a second or two. The queue brings each to some process; what it came to is saved once, in
// one step with the mark that it is done. So it does not matter how often a piece is tried, by whom, or who dies over it.
package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Kind is one kind of work. Its methods may be called more than once for the same thing, at the same time, in different
// processes. A fault, or any error that is not that the store is not available, ends the operation as failed.
type Kind interface {
	// Name is what operations of this kind are called in the store. It never changes.
	Name() string
	// Plan cuts an operation into pieces.
	Plan(ctx context.Context, op store.Operation) ([]store.Piece, error)
	// Do does a piece.
	Do(ctx context.Context, op store.Operation, task []byte) (Done, error)
	// Finish makes the result of an operation from the parts of all its pieces, which each answers by the number of the piece.
	Finish(ctx context.Context, op store.Operation, each func(func(part []byte) error) error) (proto.Message, error)
	// Describe says in the metadata what was asked for.
	Describe(op store.Operation, into *cmiv1.OperationMetadata) error
}

// Done is what a piece came to.
type Done struct {
	Part     []byte
	Rescored []store.Rescored
}

// Store is what operations are kept in and brought about by.
type Store interface {
	store.Operations
	store.Jobs
}

// Config is what the use case rests on.
type Config struct {
	Store Store
	Kinds []Kind
	// Workers is how many pieces this process does at once; 0: none.
	Workers int
	// Retention is how long operations are kept after they ended.
	Retention time.Duration
	// Patience is how long nothing may move in an operation before what is missing of it is sent again; 0: six seconds.
	Patience time.Duration
	Now      func() time.Time
	Logger   *slog.Logger
}

// Operations starts, follows and does operations. It is safe for concurrent use.
type Operations struct {
	store     Store
	kinds     map[string]Kind
	workers   int
	retention time.Duration
	patience  time.Duration
	now       func() time.Time
	log       *slog.Logger
}

// New makes the use case.
func New(c Config) *Operations {
	kinds := make(map[string]Kind, len(c.Kinds))
	for _, kind := range c.Kinds {
		kinds[kind.Name()] = kind
	}
	return &Operations{
		store: c.Store, kinds: kinds, workers: c.Workers, retention: c.Retention, patience: cmp.Or(c.Patience, usualPatience),
		now: c.Now, log: c.Logger,
	}
}

// Operation is one as its tenant sees it.
type Operation struct {
	ID       string
	Metadata *cmiv1.OperationMetadata
	// Ended tells that there is a response or a failure.
	Ended    bool
	Response *anypb.Any
	Failure  *fault.Error
}

// Start starts an operation of a kind, or answers the one of this id that there is, whatever was asked for in it: whoever calls
// compares that.
func (o *Operations) Start(ctx context.Context, tenant string, start store.OperationStart) (op store.Operation, started bool, err error) {
	start.At = o.moment()
	op, started, err = o.store.StartOperation(ctx, tenant, start)
	if err != nil {
		return store.Operation{}, false, fmt.Errorf("start an operation: %w", err)
	}
	if started {
		// It is kept, so it is done in any case: whoever tends operations sends this job again.
		if err := o.store.SendJobs(ctx, []store.Job{{Operation: op.Key, Piece: store.Whole}}); err != nil {
			o.log.WarnContext(ctx, "an operation starts a little later", "operation", op.ID, "error", err)
		}
	}
	return op, started, nil
}

// Find answers an operation as it is kept. OPERATION_NOT_FOUND when there is none.
func (o *Operations) Find(ctx context.Context, tenant, id string) (store.Operation, error) {
	op, err := o.store.Operation(ctx, tenant, id)
	if errors.Is(err, store.ErrNotFound) {
		return op, NotFound(id)
	}
	if err != nil {
		return op, fmt.Errorf("read an operation: %w", err)
	}
	return op, nil
}

// NotFound says that there is no operation of an id.
func NotFound(id string) error {
	return fault.Field(cmiv1.ErrorReason_OPERATION_NOT_FOUND, "name", "there is no operation %q; ended ones are deleted after a time", id)
}

// Get answers an operation.
func (o *Operations) Get(ctx context.Context, tenant, id string) (*Operation, error) {
	op, err := o.Find(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	return o.View(op)
}

// List answers up to limit operations, the latest started first, and the key after which the next page goes on; 0: there is
// none.
func (o *Operations) List(ctx context.Context, tenant string, filter store.OperationFilter, limit int) (page []*Operation, next int64, err error) {
	// One more than asked for tells whether there is a next page.
	found, err := o.store.ListOperations(ctx, tenant, filter, limit+1)
	if err != nil {
		return nil, 0, fmt.Errorf("list operations: %w", err)
	}
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].Key
	}
	for _, op := range found {
		view, err := o.View(op)
		if err != nil {
			return nil, 0, err
		}
		page = append(page, view)
	}
	return page, next, nil
}

// Cancel ends an operation that has not ended. What it made so far is kept as long as it is, and is not listed.
func (o *Operations) Cancel(ctx context.Context, tenant, id string) error {
	op, err := o.Find(ctx, tenant, id)
	if err != nil {
		return err
	}
	refusal := fault.New(cmiv1.ErrorReason_OPERATION_CANCELLED, "The operation was cancelled.")
	_, err = o.end(ctx, op, cmiv1.OperationState_OPERATION_STATE_CANCELLED, failure(refusal))
	return err
}

// Delete deletes an operation that has ended, with all that it made, and frees its id. OPERATION_NOT_DONE when it has not.
func (o *Operations) Delete(ctx context.Context, tenant, id string) error {
	removed, err := o.store.RemoveOperation(ctx, tenant, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return NotFound(id)
	case err != nil:
		return fmt.Errorf("delete an operation: %w", err)
	case !removed:
		return fault.Field(cmiv1.ErrorReason_OPERATION_NOT_DONE, "name", "operation %q has not ended; cancel it first", id)
	}
	return nil
}

// end ends an operation, unless it has ended.
func (o *Operations) end(ctx context.Context, op store.Operation, state cmiv1.OperationState, outcome []byte) (store.Operation, error) {
	ended, err := o.store.EndOperation(ctx, op.Key, state, outcome, o.moment())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return ended, fmt.Errorf("end an operation: %w", err)
	}
	return ended, nil
}

func (o *Operations) moment() int64 { return o.now().UnixMicro() }
