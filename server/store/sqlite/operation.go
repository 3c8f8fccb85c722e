package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const operationColumns = `seq, tenant, id, kind, request, state, total, done, pieces_left, outcome, created_at, changed_at,
	coalesce(ended_at, 0)`

// One that was removed is not found.
const (
	findOperation     = "SELECT " + operationColumns + " FROM operations WHERE seq = ? AND id IS NOT NULL"
	findOperationByID = "SELECT " + operationColumns + " FROM operations INDEXED BY operations_by_id WHERE tenant = ? AND id = ?"
)

// scanOperation reads a row of operationColumns.
func scanOperation(row interface{ Scan(into ...any) error }) (op store.Operation, err error) {
	err = row.Scan(&op.Key, &op.Tenant, &op.ID, &op.Kind, &op.Request, &op.State, &op.Total, &op.Done, &op.Left, &op.Outcome,
		&op.CreatedAt, &op.ChangedAt, &op.EndedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Operation{}, store.ErrNotFound
	}
	if err != nil {
		return store.Operation{}, fmt.Errorf("read an operation: %w", err)
	}
	return op, nil
}

// Operation finds one by its id.
func (s *Store) Operation(ctx context.Context, tenant, id string) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.Operation")
	defer func() { form.End(span, err) }()

	return s.findOperation(ctx, s.reader.findOperationByID, tenant, id)
}

// OperationByKey finds one by its number.
func (s *Store) OperationByKey(ctx context.Context, key int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.OperationByKey")
	defer func() { form.End(span, err) }()

	return s.findOperation(ctx, s.reader.findOperation, key)
}

func (s *Store) findOperation(ctx context.Context, find *sql.Stmt, args ...any) (store.Operation, error) {
	done, err := s.use(ctx)
	if err != nil {
		return store.Operation{}, err
	}
	defer done()
	op, err := scanOperation(find.QueryRowContext(ctx, args...))
	if errors.Is(err, store.ErrNotFound) {
		return store.Operation{}, err
	}
	return op, unavailable(ctx, "find an operation", err)
}

// changeOperation has the writer change an operation, and answers it as it stands then. change answers ErrNotFound before it
// changes anything, or not at all.
func (s *Store) changeOperation(ctx context.Context, key int64,
	change func(context.Context, *writer, store.Operation) (store.Operation, error)) (after store.Operation, err error) {
	var found bool
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		op, err := scanOperation(w.conn.QueryRowContext(ctx, findOperation, key))
		if err == nil {
			after, err = change(ctx, w, op)
		}
		found = !errors.Is(err, store.ErrNotFound)
		if !found {
			return nil
		}
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return store.Operation{}, err
	}
	if !found {
		return store.Operation{}, store.ErrNotFound
	}
	return after, nil
}

// orEmpty stands for a text that is there, although there is nothing in it.
func orEmpty(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}
