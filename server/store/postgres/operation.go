package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const operationColumns = "seq, tenant, id, kind, request, state, total, done, pieces_left, outcome, created_at, changed_at, coalesce(ended_at, 0)"

const (
	addOperation = `INSERT INTO operations (tenant, id, kind, request, state, total, done, pieces_left, created_at, changed_at)
		VALUES ($1, $2, $3, $4, 1, 0, 0, 0, $5, $5) ON CONFLICT (tenant, id) DO NOTHING RETURNING ` + operationColumns
	findOperation  = "SELECT " + operationColumns + " FROM operations WHERE tenant = $1 AND id = $2"
	findByKey      = "SELECT " + operationColumns + " FROM operations WHERE seq = $1 AND id IS NOT NULL"
	lockOperation  = findByKey + " FOR UPDATE"
	openOperations = "SELECT " + operationColumns + " FROM operations WHERE ended_at IS NULL ORDER BY seq LIMIT $1"
	listOperations = "SELECT " + operationColumns + ` FROM operations WHERE tenant = $1 AND id IS NOT NULL AND ($2 = 0 OR seq < $2)
		AND ($3::boolean IS NULL OR $3 = (ended_at IS NOT NULL)) ORDER BY seq DESC LIMIT $4`
)

// StartOperation keeps a new operation, or finds the one that has the id.
func (s *Store) StartOperation(ctx context.Context, tenant string, start store.OperationStart) (op store.Operation, started bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.StartOperation")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "start an operation", func(ctx context.Context, c conn) (err error) {
		op, err = operation(c.QueryRow(ctx, addOperation, tenant, start.ID, start.Kind, filled(start.Request), start.At))
		if started = err == nil; !errors.Is(err, store.ErrNotFound) {
			return err
		}
		op, err = operation(c.QueryRow(ctx, findOperation, tenant, start.ID))
		if errors.Is(err, store.ErrNotFound) {
			return errAgain // it was removed just now
		}
		return err
	})
	if err != nil {
		return store.Operation{}, false, err
	}
	return op, started, nil
}

// Operation reads one of a tenant.
func (s *Store) Operation(ctx context.Context, tenant, id string) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.Operation")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "read an operation", func(ctx context.Context, c conn) (err error) {
		op, err = operation(c.QueryRow(ctx, findOperation, tenant, id))
		return err
	})
	return op, err
}

// OperationByKey reads one of any tenant.
func (s *Store) OperationByKey(ctx context.Context, key int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.OperationByKey")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "read an operation", func(ctx context.Context, c conn) (err error) {
		op, err = operation(c.QueryRow(ctx, findByKey, key))
		return err
	})
	return op, err
}

// ListOperations walks the operations of a tenant back from the latest.
func (s *Store) ListOperations(ctx context.Context, tenant string, filter store.OperationFilter, limit int) (page []store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListOperations")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list operations", func(ctx context.Context, c conn) (err error) {
		page, err = operations(c.Query(ctx, listOperations, tenant, filter.After, filter.Ended, max(limit, 0)))
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// OpenOperations walks those of all tenants that have not ended.
func (s *Store) OpenOperations(ctx context.Context, limit int) (open []store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.OpenOperations")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "find the operations that have not ended", func(ctx context.Context, c conn) (err error) {
		open, err = operations(c.Query(ctx, openOperations, max(limit, 0)))
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(open))
	return open, nil
}

// operation reads a row; ErrNotFound where there is none.
func operation(row pgx.Row) (store.Operation, error) {
	var op store.Operation
	var state int32
	err := row.Scan(&op.Key, &op.Tenant, &op.ID, &op.Kind, &op.Request, &state, &op.Total, &op.Done, &op.Left, &op.Outcome,
		&op.CreatedAt, &op.ChangedAt, &op.EndedAt)
	op.State = cmiv1.OperationState(state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return store.Operation{}, store.ErrNotFound
	case err != nil:
		return store.Operation{}, fmt.Errorf("read an operation: %w", err)
	}
	return op, nil
}

func operations(rows pgx.Rows, err error) ([]store.Operation, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (store.Operation, error) { return operation(row) })
}

// filled is bytes of a column that is not NULL.
func filled(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}
