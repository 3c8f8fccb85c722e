package sqlite

import (
	"context"
	"errors"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const startOperation = `INSERT INTO operations (tenant, id, kind, request, state, total, done, pieces_left, created_at, changed_at)
	VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, ?) RETURNING ` + operationColumns

// StartOperation keeps an operation unless there is one of its id.
func (s *Store) StartOperation(ctx context.Context, tenant string, start store.OperationStart) (op store.Operation, started bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.StartOperation")
	defer func() { form.End(span, err) }()

	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) (err error) {
		op, err = scanOperation(w.conn.QueryRowContext(ctx, findOperationByID, tenant, start.ID))
		if started = errors.Is(err, store.ErrNotFound); started {
			op, err = scanOperation(w.conn.QueryRowContext(ctx, startOperation, tenant, start.ID, start.Kind, orEmpty(start.Request),
				cmiv1.OperationState_OPERATION_STATE_PENDING, start.At, start.At))
		}
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return store.Operation{}, false, err
	}
	return op, started, nil
}
