package operations

import (
	"context"
	"errors"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/rest"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// usualPatience is above what a piece takes, and far below what the queue needs to notice that a process has died.
	usualPatience = 6 * time.Second
	// planPatience is how many times longer a plan may take than a piece.
	planPatience = 3
	// looks is how often operations are looked after in that time.
	looks = 3
	// openOperations is how many are looked after at a time.
	openOperations = 1000
	// sentAgain is how many pieces of an operation are sent again that may be with a process that died. It is bounded because
	// this goes on for as long as nothing moves.
	sentAgain = 32
	// missingTogether is how many missing pieces are looked for.
	missingTogether = 10_000
	// clearedTogether is how many rows are deleted in one step.
	clearedTogether = 2000
)

// Tend looks after operations until ctx ends: those that nothing moves in are sent again, and those that ended long ago are
// deleted. Every process does so, and it does no harm that several do.
func (o *Operations) Tend(ctx context.Context) {
	watch := make(map[int64]stillness)
	for ctx.Err() == nil {
		if err := errors.Join(o.push(ctx, watch), o.clear(ctx)); err != nil && ctx.Err() == nil {
			o.log.WarnContext(ctx, "operations are not looked after; trying again", "error", err)
		}
		rest.For(ctx, o.patience/looks)
	}
}

// stillness is since when an operation was seen as it is. It goes by the time that passes here: clocks of several processes do
// not agree to the second.
type stillness struct {
	changedAt int64
	since     time.Time
	rounds    int64
}

// push sends the jobs of operations again in which nothing moves: who had them may be dead, or they were never sent.
func (o *Operations) push(ctx context.Context, watch map[int64]stillness) error {
	open, err := o.store.OpenOperations(ctx, openOperations)
	if err != nil {
		return fmt.Errorf("read which operations are open: %w", err)
	}
	there := make(map[int64]bool, len(open))
	for _, op := range open {
		there[op.Key] = true
		seen, known := watch[op.Key]
		if !known || seen.changedAt != op.ChangedAt {
			seen = stillness{changedAt: op.ChangedAt, since: time.Now()}
		}
		patience := o.patience
		if op.State == cmiv1.OperationState_OPERATION_STATE_PENDING {
			patience *= planPatience
		}
		if rounds := int64(time.Since(seen.since) / patience); rounds > seen.rounds {
			// Other processes that see the same come to the same rounds, so that they send the same jobs.
			if err := o.again(ctx, op, op.ChangedAt+rounds); err != nil {
				return err
			}
			seen.rounds = rounds
		}
		watch[op.Key] = seen
	}
	for key := range watch {
		if !there[key] {
			delete(watch, key)
		}
	}
	return nil
}

// again sends what is missing of an operation: all of it as it was sent first, which changes nothing about jobs that still wait,
// and some of it in a new round, for those that a process took with it.
func (o *Operations) again(ctx context.Context, op store.Operation, round int64) error {
	missing, err := o.store.MissingPieces(ctx, op.Key, missingTogether)
	if err != nil {
		return fmt.Errorf("read which pieces are missing: %w", err)
	}
	if len(missing) == 0 {
		return o.store.SendJobs(ctx, []store.Job{{Operation: op.Key, Piece: store.Whole, Round: round}})
	}
	jobs := make([]store.Job, 0, len(missing)+sentAgain)
	for _, piece := range missing {
		jobs = append(jobs, store.Job{Operation: op.Key, Piece: piece})
	}
	for _, piece := range missing[:min(len(missing), sentAgain)] {
		jobs = append(jobs, store.Job{Operation: op.Key, Piece: piece, Round: round})
	}
	return o.store.SendJobs(ctx, jobs)
}

// clear removes what ended long ago, and deletes what removed operations made.
func (o *Operations) clear(ctx context.Context) error {
	if _, err := o.store.ExpireOperations(ctx, o.now().Add(-o.retention).UnixMicro(), openOperations); err != nil {
		return fmt.Errorf("remove old operations: %w", err)
	}
	for ctx.Err() == nil {
		n, err := o.store.ClearOperations(ctx, clearedTogether)
		if err != nil {
			return fmt.Errorf("delete what operations made: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
	return nil
}
