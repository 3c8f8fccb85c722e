package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/customer-momentum/cmi/internal/rest"
	"github.com/customer-momentum/cmi/server/store"
)

// conn is a connection, or a transaction on one.
type conn interface {
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, text string, args ...any) pgx.Row
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error)
}

const (
	// mostTries is how often a statement is tried, at most.
	mostTries = 6
	// firstWait is about how long to wait after the first failure; each further wait is about twice the one before.
	firstWait = 5 * time.Millisecond
	// longest is how long one call may take whose caller set no deadline.
	longest = time.Minute
	// margin is the part of a caller's time that is kept back, to say what happened before it is over.
	margin = 4
)

// ask runs work on a connection of its own, outside any transaction: each statement is one.
func (s *Store) ask(ctx context.Context, doing string, work func(context.Context, conn) error) error {
	return s.try(ctx, doing, func(ctx context.Context) error {
		c, err := s.pool.Acquire(ctx)
		if err != nil {
			return &notReached{err}
		}
		defer c.Release()
		return work(ctx, c)
	})
}

// look runs work in a transaction that only reads, all of it as of one moment.
func (s *Store) look(ctx context.Context, doing string, work func(context.Context, conn) error) error {
	return s.within(ctx, doing, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, work)
}

// change runs work in a transaction that writes. It may run more than once.
func (s *Store) change(ctx context.Context, doing string, work func(context.Context, conn) error) error {
	return s.within(ctx, doing, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, work)
}

func (s *Store) within(ctx context.Context, doing string, as pgx.TxOptions, work func(context.Context, conn) error) error {
	return s.try(ctx, doing, func(ctx context.Context) error {
		tx, err := s.pool.BeginTx(ctx, as)
		if err != nil {
			return &notReached{err}
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // of no effect after a commit
		if err := work(ctx, tx); err != nil {
			return err
		}
		return tx.Commit(ctx)
	})
}

// try runs work until it succeeds or fails for good. A hung database is given up on a little before the caller's time is
// over, so that the caller learns what was the matter.
func (s *Store) try(ctx context.Context, doing string, work func(context.Context) error) error {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	bounded, cancel := bound(ctx)
	defer cancel()
	for tries := 1; ; tries++ {
		err := work(bounded)
		if err == nil || tries == mostTries || !again(err) || !pause(bounded, tries) {
			return unavailable(ctx, doing, err)
		}
	}
}

func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithTimeout(ctx, longest)
	}
	left := time.Until(deadline)
	return context.WithTimeout(ctx, left-min(left/margin, time.Second))
}

// pause waits before the next try, by chance longer or shorter, so that those who met do not meet again.
func pause(ctx context.Context, tries int) bool {
	while := firstWait << (tries - 1)
	rest.For(ctx, while/2+rand.N(while))
	return ctx.Err() == nil
}

// notReached is a failure before anything was asked of the database.
type notReached struct{ cause error }

func (e *notReached) Error() string { return e.cause.Error() }
func (e *notReached) Unwrap() error { return e.cause }

// The codes of PostgreSQL (its manual, appendix A) after which nothing was done, and trying again may help; after the first,
// in another way.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// errAgain asks for another try of a transaction that met another one.
var errAgain = errors.New("another transaction was in the way")

// again says whether a statement did nothing and may do better now.
func again(err error) bool {
	var unreached *notReached
	if errors.Is(err, errAgain) || errors.As(err, &unreached) || pgconn.SafeToRetry(err) {
		return true
	}
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

func errClosed() error {
	return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
}

// unavailable makes of a driver's error one that says what was tried and that trying again may help. The caller's own
// cancellation stays what it is.
func unavailable(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return store.ErrNotFound
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, store.ErrUnavailable):
		return err
	}
	return fmt.Errorf("%w: %s: %w", store.ErrUnavailable, doing, err)
}
