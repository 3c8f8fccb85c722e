package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	// clearAlone has those who clear do so one after the other: each sees what the one before it left.
	clearAlone    = "SELECT pg_advisory_xact_lock(hashtext('cmi clear'), hashtext(current_schema()))"
	findRemoved   = "SELECT seq FROM operations WHERE id IS NULL ORDER BY seq LIMIT 1"
	clearRescored = `DELETE FROM rescored WHERE ctid = ANY (ARRAY(SELECT ctid FROM rescored WHERE operation = $1
		ORDER BY operation, move, response LIMIT $2))`
	clearPieces    = "DELETE FROM operation_pieces WHERE ctid = ANY (ARRAY(SELECT ctid FROM operation_pieces WHERE operation = $1 LIMIT $2))"
	clearOperation = "DELETE FROM operations WHERE seq = $1"
)

// ClearOperations deletes what operations made before the operations themselves, so that it is found again where it was
// broken off.
func (s *Store) ClearOperations(ctx context.Context, limit int) (n int, err error) {
	ctx, span := form.Start(ctx, driver, "store.ClearOperations")
	defer func() { form.End(span, err) }()

	err = s.change(ctx, "clear removed operations", func(ctx context.Context, c conn) error {
		n = 0
		if _, err := c.Exec(ctx, clearAlone); err != nil {
			return err
		}
		for n < limit {
			var key int64
			err := c.QueryRow(ctx, findRemoved).Scan(&key)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			cleared, err := clearSome(ctx, c, key, limit-n)
			if err != nil {
				return err
			}
			n += cleared
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	form.Count(span, "cmi.rows", n)
	return n, nil
}

// clearSome deletes up to limit rows of an operation, which is the last of them.
func clearSome(ctx context.Context, c conn, key int64, limit int) (n int, err error) {
	for _, text := range []string{clearRescored, clearPieces} {
		tag, err := c.Exec(ctx, text, key, limit-n)
		if err != nil {
			return 0, err
		}
		if n += int(tag.RowsAffected()); n >= limit {
			return n, nil
		}
	}
	tag, err := c.Exec(ctx, clearOperation, key)
	return n + int(tag.RowsAffected()), err
}
