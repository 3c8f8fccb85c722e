package sqlite

import (
	"context"
	"errors"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// expiredTogether bounds how many operations one transaction removes.
const expiredTogether = 1000

const (
	endOperation = "UPDATE operations SET state = ?, outcome = ?, changed_at = ?, ended_at = ? WHERE seq = ? AND ended_at IS NULL RETURNING " +
		operationColumns
	removeOperation  = "UPDATE operations SET id = NULL WHERE seq = ? AND ended_at IS NOT NULL"
	expireOperations = `UPDATE operations SET id = NULL WHERE seq IN (SELECT seq FROM operations INDEXED BY operations_by_end
		WHERE id IS NOT NULL AND ended_at < ? ORDER BY ended_at, seq LIMIT ? + 0)`
)

// EndOperation ends an operation once.
func (s *Store) EndOperation(ctx context.Context, key int64, state cmiv1.OperationState, outcome []byte, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.EndOperation")
	defer func() { form.End(span, err) }()

	if state < cmiv1.OperationState_OPERATION_STATE_SUCCEEDED {
		return store.Operation{}, fmt.Errorf("an operation does not end as %s", state)
	}
	return s.changeOperation(ctx, key, func(ctx context.Context, w *writer, op store.Operation) (store.Operation, error) {
		after, err := scanOperation(w.conn.QueryRowContext(ctx, endOperation, state, outcome, at, at, key))
		if errors.Is(err, store.ErrNotFound) {
			return op, nil // it has ended before
		}
		return after, err
	})
}

// RemoveOperation takes the id from an operation.
func (s *Store) RemoveOperation(ctx context.Context, tenant, id string) (removed bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.RemoveOperation")
	defer func() { form.End(span, err) }()

	var found bool
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		op, err := scanOperation(w.conn.QueryRowContext(ctx, findOperationByID, tenant, id))
		if found = !errors.Is(err, store.ErrNotFound); !found {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := w.exec(ctx, removeOperation, op.Key)
		removed = n > 0
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return false, err
	}
	if !found {
		return false, store.ErrNotFound
	}
	return removed, nil
}

// ExpireOperations removes those that ended first, some at a time.
func (s *Store) ExpireOperations(ctx context.Context, endedBefore int64, limit int) (expired int, err error) {
	ctx, span := form.Start(ctx, driver, "store.ExpireOperations")
	defer func() { form.End(span, err) }()

	return s.littleByLittle(ctx, limit, expiredTogether, func(ctx context.Context, w *writer, some int) (int, error) {
		return w.exec(ctx, expireOperations, endedBefore, some)
	})
}

// littleByLittle has the writer do up to limit of something, some in each transaction, until there are no more.
func (s *Store) littleByLittle(ctx context.Context, limit, together int, do func(context.Context, *writer, int) (int, error)) (done int, err error) {
	for done < limit {
		var n int
		request := newRequest()
		request.apply = func(ctx context.Context, w *writer) (err error) {
			n, err = do(ctx, w, min(limit-done, together))
			return err
		}
		if err := s.writer.submit(ctx, request); err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		done += n
	}
	return done, nil
}

// exec runs a statement that is not prepared, and says how many rows it changed.
func (w *writer) exec(ctx context.Context, text string, args ...any) (int, error) {
	result, err := w.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
