package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/customer-momentum/cmi/server/migration"
	jobqueue "github.com/customer-momentum/cmi/server/store/queue"
)

// withQueue is the first version whose files have the tables of the queue beside those of the store.
const withQueue = 4

// raise brings a file forward to a version. The tables of the queue have migrations of their own, which go first: a process
// that is killed in between leaves them without those of the store, and whoever comes next goes on from there.
func raise(ctx context.Context, db *sql.DB, schema *migration.Schema, to int64) error {
	status, err := schema.Status(ctx)
	if err != nil {
		return err
	}
	if to == migration.Newest {
		to = status.Want
	}
	if err := status.CheckUp(to); err != nil {
		return err
	}
	if to >= withQueue {
		if err := jobqueue.Up(ctx, riversqlite.New(nil), transactions(db)); err != nil {
			return err
		}
	}
	return schema.Up(ctx, to)
}

// lower takes a file back to a version. The tables of the queue go last, so that they are never missing.
func lower(ctx context.Context, db *sql.DB, schema *migration.Schema, to int64) error {
	if err := schema.Down(ctx, to); err != nil || to >= withQueue {
		return err
	}
	return jobqueue.Down(ctx, riversqlite.New(nil), transactions(db))
}

// transactions has the queue's migrations run on the connection that the others run on.
func transactions(db *sql.DB) func(context.Context, func(context.Context, *sql.Tx) error) error {
	return func(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := do(ctx, tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
}
