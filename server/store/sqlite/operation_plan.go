package sqlite

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	insertPieces  = "INSERT INTO operation_pieces (operation, piece, units, task) VALUES %s"
	pieceTuple    = "(?, ?, ?, ?)"
	planOperation = "UPDATE operations SET state = ?, total = ?, pieces_left = ?, changed_at = ? WHERE seq = ? RETURNING " + operationColumns
)

// PlanOperation keeps the pieces of an operation that is pending.
func (s *Store) PlanOperation(ctx context.Context, key int64, pieces []store.Piece, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.PlanOperation")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.pieces", len(pieces))

	return s.changeOperation(ctx, key, func(ctx context.Context, w *writer, op store.Operation) (store.Operation, error) {
		if op.State != cmiv1.OperationState_OPERATION_STATE_PENDING {
			return op, nil
		}
		return w.plan(ctx, op, pieces, at)
	})
}

func (w *writer) plan(ctx context.Context, op store.Operation, pieces []store.Piece, at int64) (store.Operation, error) {
	total, next := 0, 0
	err := each(w.pieces, pieces, func(s wide, some []store.Piece) error {
		args := s.args[:0]
		for _, p := range some {
			args = append(args, op.Key, next, p.Units, orEmpty(p.Task))
			total += p.Units
			next++
		}
		_, err := s.exec(ctx, args)
		return err
	})
	if err != nil {
		return store.Operation{}, fmt.Errorf("keep the pieces of an operation: %w", err)
	}
	return scanOperation(w.conn.QueryRowContext(ctx, planOperation,
		cmiv1.OperationState_OPERATION_STATE_RUNNING, total, len(pieces), at, op.Key))
}
