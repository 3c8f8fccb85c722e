package postgres

import (
	"context"
	"errors"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	endOperation = `UPDATE operations SET state = $2, outcome = $3, changed_at = $4, ended_at = $4 WHERE seq = $1 AND id IS NOT NULL
		AND ended_at IS NULL RETURNING ` + operationColumns
	removeOperation  = "UPDATE operations SET id = NULL WHERE tenant = $1 AND id = $2 AND ended_at IS NOT NULL"
	expireOperations = `UPDATE operations SET id = NULL WHERE seq IN (SELECT seq FROM operations
		WHERE ended_at < $1 AND id IS NOT NULL ORDER BY ended_at, seq LIMIT $2 FOR UPDATE)`
)

// EndOperation ends an operation once.
func (s *Store) EndOperation(ctx context.Context, key int64, state cmiv1.OperationState, outcome []byte, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.EndOperation")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "end an operation", func(ctx context.Context, c conn) (err error) {
		op, err = operation(c.QueryRow(ctx, endOperation, key, int32(state), outcome, at))
		if errors.Is(err, store.ErrNotFound) {
			op, err = operation(c.QueryRow(ctx, findByKey, key))
		}
		return err
	})
	if err != nil {
		return store.Operation{}, err
	}
	return op, nil
}

// RemoveOperation takes the id away.
func (s *Store) RemoveOperation(ctx context.Context, tenant, id string) (removed bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.RemoveOperation")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "remove an operation", func(ctx context.Context, c conn) error {
		tag, err := c.Exec(ctx, removeOperation, tenant, id)
		if removed = err == nil && tag.RowsAffected() > 0; removed || err != nil {
			return err
		}
		_, err = operation(c.QueryRow(ctx, findOperation, tenant, id))
		return err
	})
	if err != nil {
		return false, err
	}
	return removed, nil
}

// ExpireOperations takes the ids of those away that ended first.
func (s *Store) ExpireOperations(ctx context.Context, endedBefore int64, limit int) (n int, err error) {
	ctx, span := form.Start(ctx, driver, "store.ExpireOperations")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "remove old operations", func(ctx context.Context, c conn) error {
		tag, err := c.Exec(ctx, expireOperations, endedBefore, max(limit, 0))
		n = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, err
	}
	form.Count(span, "cmi.operations", n)
	return n, nil
}
