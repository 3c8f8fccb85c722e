package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/store/queue"
)

// withQueue is the first version whose databases have the tables of the queue beside those of the store.
const withQueue = 2

// raise brings a database forward to a version. The tables of the queue have migrations of their own, which go first: a process
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
		if err := queue.Up(ctx, riverpgxv5.New(nil), transactions(db)); err != nil {
			return err
		}
	}
	return schema.Up(ctx, to)
}

// lower takes a database back to a version. The tables of the queue go last, so that they are never missing.
func lower(ctx context.Context, db *sql.DB, schema *migration.Schema, to int64) error {
	if err := schema.Down(ctx, to); err != nil || to >= withQueue {
		return err
	}
	return queue.Down(ctx, riverpgxv5.New(nil), transactions(db))
}

// transactions has the queue's migrations run on the one connection that the others run on, and that holds the lock.
func transactions(db *sql.DB) func(context.Context, func(context.Context, pgx.Tx) error) error {
	return func(ctx context.Context, do func(context.Context, pgx.Tx) error) (err error) {
		one, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, one.Close()) }()
		return one.Raw(func(c any) error {
			pg, ok := c.(*stdlib.Conn)
			if !ok {
				return fmt.Errorf("a connection is a %T", c)
			}
			return pgx.BeginFunc(ctx, pg.Conn(), func(tx pgx.Tx) error { return do(ctx, tx) })
		})
	}
}
