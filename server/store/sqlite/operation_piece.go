package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Pieces of an operation that was removed are not found: they are about to go.
const (
	findPiece = `SELECT task, part IS NOT NULL FROM operations CROSS JOIN operation_pieces ON operation = seq
		WHERE seq = ? AND id IS NOT NULL AND piece = ?`
	listMissing = `SELECT piece FROM operations CROSS JOIN operation_pieces INDEXED BY operation_pieces_missing ON operation = seq
		WHERE seq = ? AND id IS NOT NULL AND part IS NULL ORDER BY piece LIMIT ? + 0`
	listParts = `SELECT piece, part FROM operations CROSS JOIN operation_pieces ON operation = seq
		WHERE seq = ? AND id IS NOT NULL AND piece > ? AND part IS NOT NULL ORDER BY piece LIMIT ? + 0`
)

// PieceTask finds a piece.
func (s *Store) PieceTask(ctx context.Context, key int64, piece int) (task []byte, done bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.PieceTask")
	defer func() { form.End(span, err) }()

	leave, err := s.use(ctx)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	err = s.reader.findPiece.QueryRowContext(ctx, key, piece).Scan(&task, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, store.ErrNotFound
	}
	if err != nil {
		return nil, false, unavailable(ctx, "find a piece of an operation", err)
	}
	return task, done, nil
}

// MissingPieces walks the index of those that are not done.
func (s *Store) MissingPieces(ctx context.Context, key int64, limit int) (missing []int, err error) {
	ctx, span := form.Start(ctx, driver, "store.MissingPieces")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	err = s.reader.each(ctx, listMissing, []any{key, max(limit, 0)}, func(rows *sql.Rows) error {
		var piece int
		if err := rows.Scan(&piece); err != nil {
			return fmt.Errorf("read a piece: %w", err)
		}
		missing = append(missing, piece)
		return nil
	})
	if err != nil {
		return nil, unavailable(ctx, "list what is missing of an operation", err)
	}
	form.Count(span, "cmi.results", len(missing))
	return missing, nil
}

// Parts walks the pieces of an operation, and passes over those that are not done.
func (s *Store) Parts(ctx context.Context, key int64, after, limit int) (parts []store.Part, err error) {
	ctx, span := form.Start(ctx, driver, "store.Parts")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	err = s.reader.each(ctx, listParts, []any{key, after, max(limit, 0)}, func(rows *sql.Rows) error {
		var part store.Part
		if err := rows.Scan(&part.Piece, &part.Body); err != nil {
			return fmt.Errorf("read a part: %w", err)
		}
		parts = append(parts, part)
		return nil
	})
	if err != nil {
		return nil, unavailable(ctx, "list what an operation came to", err)
	}
	form.Count(span, "cmi.results", len(parts))
	return parts, nil
}
