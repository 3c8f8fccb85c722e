package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	addPieces = `INSERT INTO operation_pieces (operation, piece, units, task) SELECT $1, place - 1, units, task
		FROM unnest($2::bigint[], $3::bytea[]) WITH ORDINALITY AS p (units, task, place)`
	planOperation = `UPDATE operations SET state = 2, total = $2, pieces_left = $3, changed_at = $4 WHERE seq = $1 RETURNING ` + operationColumns
	inSight       = "EXISTS (SELECT 1 FROM operations WHERE seq = $1 AND id IS NOT NULL)"
	findPiece     = "SELECT units, task, part IS NOT NULL FROM operation_pieces WHERE operation = $1 AND piece = $2 AND " + inSight
	missingPieces = "SELECT piece FROM operation_pieces WHERE operation = $1 AND part IS NULL AND " + inSight + " ORDER BY piece LIMIT $2"
	findParts     = `SELECT piece, part FROM operation_pieces WHERE operation = $1 AND piece > $2 AND part IS NOT NULL AND ` + inSight + `
		ORDER BY piece LIMIT $3`
	endPiece     = "UPDATE operation_pieces SET part = $3 WHERE operation = $1 AND piece = $2"
	countPiece   = `UPDATE operations SET done = done + $2, pieces_left = pieces_left - 1, changed_at = $3 WHERE seq = $1 RETURNING ` + operationColumns
	tenantLock   = "(hashtextextended('cmi erasures ' || current_schema() || ' ' || $1, 0))"
	holdErasures = "SELECT pg_advisory_xact_lock" + tenantLock
	// keepRescored leaves out what is not there any more, or belongs to another tenant.
	keepRescored = `INSERT INTO rescored (operation, move, response, score) SELECT $1, g.move, g.response, g.score
		FROM unnest($2::integer[], $3::bigint[], $4::bytea[]) AS g (move, response, score)
		CROSS JOIN LATERAL (SELECT 1 FROM responses WHERE seq = g.response AND tenant_class >= $5 AND tenant_class < $6 OFFSET 0) AS r
		ORDER BY g.move, g.response ON CONFLICT DO NOTHING`
)

// PlanOperation keeps the pieces together with the word that there are any.
func (s *Store) PlanOperation(ctx context.Context, key int64, pieces []store.Piece, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.PlanOperation")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.pieces", len(pieces))

	total := 0
	for _, p := range pieces {
		total += p.Units
	}
	err = s.change(ctx, "plan an operation", func(ctx context.Context, c conn) (err error) {
		op, err = operation(c.QueryRow(ctx, lockOperation, key))
		if err != nil || op.State != cmiv1.OperationState_OPERATION_STATE_PENDING {
			return err
		}
		_, err = c.Exec(ctx, addPieces, key, column(pieces, func(p store.Piece) int64 { return int64(p.Units) }),
			column(pieces, func(p store.Piece) []byte { return filled(p.Task) }))
		if err != nil {
			return err
		}
		op, err = operation(c.QueryRow(ctx, planOperation, key, total, len(pieces), at))
		return err
	})
	if err != nil {
		return store.Operation{}, err
	}
	return op, nil
}

// PieceTask reads a piece.
func (s *Store) PieceTask(ctx context.Context, key int64, piece int) (task []byte, done bool, err error) {
	ctx, span := form.Start(ctx, driver, "store.PieceTask")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "read a piece of an operation", func(ctx context.Context, c conn) (err error) {
		_, task, done, err = readPiece(ctx, c, key, piece)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return task, done, nil
}

func readPiece(ctx context.Context, c conn, key int64, piece int) (units int64, task []byte, done bool, err error) {
	err = c.QueryRow(ctx, findPiece, key, piece).Scan(&units, &task, &done)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	return units, task, done, err
}

// MissingPieces walks an index of those that are not done.
func (s *Store) MissingPieces(ctx context.Context, key int64, limit int) (missing []int, err error) {
	ctx, span := form.Start(ctx, driver, "store.MissingPieces")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "find the pieces that are not done", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, missingPieces, key, max(limit, 0))
		if err != nil {
			return err
		}
		missing, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(missing))
	return missing, nil
}

// Parts walks the pieces that are done.
func (s *Store) Parts(ctx context.Context, key int64, after, limit int) (parts []store.Part, err error) {
	ctx, span := form.Start(ctx, driver, "store.Parts")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "read the parts of an operation", func(ctx context.Context, c conn) error {
		rows, err := c.Query(ctx, findParts, key, after, max(limit, 0))
		if err != nil {
			return err
		}
		parts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[store.Part])
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(parts))
	return parts, nil
}

// SavePiece keeps all of a piece in one transaction, under the lock of its operation. No erasure of the tenant runs from when
// it looks which responses are still there until what was scored again of them is committed: an erasure that comes after it
// finds that, and one that came before it has taken the responses away.
func (s *Store) SavePiece(ctx context.Context, key int64, piece int, part []byte, rescored []store.Rescored, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.SavePiece")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.rescored", len(rescored))

	err = s.change(ctx, "save a piece of an operation", func(ctx context.Context, c conn) (err error) {
		if op, err = operation(c.QueryRow(ctx, lockOperation, key)); err != nil {
			return err
		}
		units, _, done, err := readPiece(ctx, c, key, piece)
		if err != nil || done || op.State != cmiv1.OperationState_OPERATION_STATE_RUNNING {
			return err
		}
		scope, err := s.scope(ctx, c, op.Tenant, "")
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		if len(rescored) > 0 {
			batch.Queue(holdErasures, op.Tenant)
			batch.Queue(keepRescored, key,
				column(rescored, func(r store.Rescored) int32 { return int32(moveOf(r.Before, r.After)) }),
				column(rescored, func(r store.Rescored) int64 { return form.SeqOf(r.Place) }),
				column(rescored, func(r store.Rescored) []byte { return filled(r.Score) }),
				max(scope*form.PerScope, 1), (scope+1)*form.PerScope)
		}
		batch.Queue(endPiece, key, piece, filled(part))
		batch.Queue(countPiece, key, units, at).QueryRow(func(row pgx.Row) (err error) {
			op, err = operation(row)
			return err
		})
		return send(ctx, c, batch)
	})
	if err != nil {
		return store.Operation{}, err
	}
	return op, nil
}
