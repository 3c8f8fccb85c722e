package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store/form"
)

// clearedTogether bounds how many rows one transaction deletes, so that nobody waits for long behind it.
const clearedTogether = 1000

// The row of an operation goes last: what else there is of it is found by that.
const (
	findRemoved   = "SELECT seq FROM operations INDEXED BY operations_removed WHERE id IS NULL ORDER BY ended_at, seq LIMIT 1"
	clearRescored = `DELETE FROM rescored WHERE (operation, move, response) IN
		(SELECT operation, move, response FROM rescored WHERE operation = ? LIMIT ? + 0)`
	clearPieces    = "DELETE FROM operation_pieces WHERE rowid IN (SELECT rowid FROM operation_pieces WHERE operation = ? LIMIT ? + 0)"
	clearOperation = "DELETE FROM operations WHERE seq = ? AND ? > 0"
)

// ClearOperations deletes what removed operations made, one operation after the other.
func (s *Store) ClearOperations(ctx context.Context, limit int) (cleared int, err error) {
	ctx, span := form.Start(ctx, driver, "store.ClearOperations")
	defer func() { form.End(span, err) }()

	return s.littleByLittle(ctx, limit, clearedTogether, func(ctx context.Context, w *writer, some int) (int, error) {
		return w.clearOperations(ctx, some)
	})
}

// clearOperations deletes some rows of one operation.
func (w *writer) clearOperations(ctx context.Context, limit int) (int, error) {
	var key int64
	err := w.conn.QueryRowContext(ctx, findRemoved).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find an operation that was removed: %w", err)
	}
	for _, text := range []string{clearRescored, clearPieces, clearOperation} {
		n, err := w.exec(ctx, text, key, limit)
		if err != nil {
			return 0, fmt.Errorf("clear an operation: %w", err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, nil
}
