package operations

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/rest"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// pauseWork is how long a process waits that could not begin to work.
const pauseWork = 2 * time.Second

// Work does what the queue brings until ctx ends. It survives whatever the store does.
func (o *Operations) Work(ctx context.Context) {
	if o.workers <= 0 {
		return
	}
	for ctx.Err() == nil {
		err := o.store.WorkJobs(ctx, store.Work{Workers: o.workers, Do: o.do, Log: o.log})
		if ctx.Err() != nil {
			return
		}
		o.log.WarnContext(ctx, "operations are not worked on; trying again", "error", err, "pause", pauseWork)
		rest.For(ctx, pauseWork)
	}
}

// do does a job. Its error has it tried again: the store is not available, or this process is asked to end. Whatever else goes
// wrong would go wrong again, and ends the operation.
func (o *Operations) do(ctx context.Context, job store.Job) error {
	op, err := o.store.OperationByKey(ctx, job.Operation)
	if errors.Is(err, store.ErrNotFound) || err == nil && op.EndedAt != 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read an operation: %w", err)
	}
	err = o.guarded(ctx, op, job)
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return o.fail(ctx, op, err)
}

// guarded is advance for a goroutine whose panics nobody else would tell of.
func (o *Operations) guarded(ctx context.Context, op store.Operation, job store.Job) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	kind := o.kinds[op.Kind]
	if kind == nil {
		// Another version of the program started it, and does it.
		return fmt.Errorf("%w: this version does not know operations of kind %q", store.ErrUnavailable, op.Kind)
	}
	return o.advance(ctx, kind, op, job)
}

// advance takes an operation one step on.
func (o *Operations) advance(ctx context.Context, kind Kind, op store.Operation, job store.Job) (err error) {
	if op.State == cmiv1.OperationState_OPERATION_STATE_PENDING {
		if op, err = o.plan(ctx, kind, op); err != nil {
			return err
		}
	}
	switch {
	case op.State != cmiv1.OperationState_OPERATION_STATE_RUNNING:
		return nil
	case op.Left > 0 && job.Piece == store.Whole:
		op, err = o.missing(ctx, kind, op)
	case op.Left > 0:
		op, err = o.piece(ctx, kind, op, job.Piece)
	}
	if err == nil && op.State == cmiv1.OperationState_OPERATION_STATE_RUNNING && op.Left == 0 {
		err = o.finish(ctx, kind, op)
	}
	return err
}

// plan cuts an operation into pieces.
func (o *Operations) plan(ctx context.Context, kind Kind, op store.Operation) (store.Operation, error) {
	pieces, err := kind.Plan(ctx, op)
	if err != nil {
		return op, err
	}
	if op, err = o.store.PlanOperation(ctx, op.Key, pieces, o.moment()); err != nil {
		return op, fmt.Errorf("keep the pieces of an operation: %w", err)
	}
	return op, nil
}

// fewPieces are done at once by who finds them missing: sending them would take longer.
const fewPieces = 4

// missing sends the pieces that are not done, or does them.
func (o *Operations) missing(ctx context.Context, kind Kind, op store.Operation) (store.Operation, error) {
	pieces, err := o.store.MissingPieces(ctx, op.Key, missingTogether)
	if err != nil {
		return op, fmt.Errorf("read which pieces are missing: %w", err)
	}
	if len(pieces) > fewPieces {
		jobs := make([]store.Job, len(pieces))
		for i, piece := range pieces {
			jobs[i] = store.Job{Operation: op.Key, Piece: piece}
		}
		return op, o.store.SendJobs(ctx, jobs)
	}
	for _, piece := range pieces {
		if op, err = o.piece(ctx, kind, op, piece); err != nil || op.State != cmiv1.OperationState_OPERATION_STATE_RUNNING {
			return op, err
		}
	}
	return op, nil
}

// piece does a piece that is not done yet.
func (o *Operations) piece(ctx context.Context, kind Kind, op store.Operation, n int) (store.Operation, error) {
	task, done, err := o.store.PieceTask(ctx, op.Key, n)
	if err != nil || done {
		return op, err
	}
	came, err := kind.Do(ctx, op, task)
	if err != nil {
		return op, err
	}
	after, err := o.store.SavePiece(ctx, op.Key, n, came.Part, came.Rescored, o.moment())
	if errors.Is(err, store.ErrNotFound) { // removed meanwhile
		return op, nil
	}
	if err != nil {
		return op, fmt.Errorf("save a piece: %w", err)
	}
	return after, nil
}

// partsTogether is how many parts are read at once.
const partsTogether = 256

// finish makes the result of an operation whose pieces are all done.
func (o *Operations) finish(ctx context.Context, kind Kind, op store.Operation) error {
	result, err := kind.Finish(ctx, op, func(visit func([]byte) error) error {
		for after := -1; ; {
			parts, err := o.store.Parts(ctx, op.Key, after, partsTogether)
			if err != nil {
				return fmt.Errorf("read the parts of an operation: %w", err)
			}
			for _, part := range parts {
				if err := visit(part.Body); err != nil {
					return err
				}
				after = part.Piece
			}
			if len(parts) < partsTogether {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	outcome, err := success(result)
	if err != nil {
		return err
	}
	ended, err := o.end(ctx, op, cmiv1.OperationState_OPERATION_STATE_SUCCEEDED, outcome)
	if err == nil {
		o.log.InfoContext(ctx, "an operation has ended", "tenant", op.Tenant, "operation", op.ID, "kind", op.Kind, "state", ended.State,
			"responses", ended.Total, "after", time.Duration(ended.EndedAt-ended.CreatedAt)*time.Microsecond)
	}
	return err
}

// fail ends an operation that cannot be done. Its tenant sees a fault; of anything else only that there was one.
func (o *Operations) fail(ctx context.Context, op store.Operation, why error) error {
	refusal, ok := errors.AsType[*fault.Error](why)
	if !ok {
		refusal = fault.New(cmiv1.ErrorReason_INTERNAL_ERROR, "Internal error.")
	}
	o.log.ErrorContext(ctx, "an operation failed", "tenant", op.Tenant, "operation", op.ID, "kind", op.Kind, "error", why)
	_, err := o.end(ctx, op, cmiv1.OperationState_OPERATION_STATE_FAILED, failure(refusal))
	return err
}
