package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	findUnits     = "SELECT units, part IS NOT NULL FROM operation_pieces WHERE operation = ? AND piece = ?"
	endPiece      = "UPDATE operation_pieces SET part = ? WHERE operation = ? AND piece = ?"
	countPiece    = "UPDATE operations SET done = done + ?, pieces_left = pieces_left - 1, changed_at = ? WHERE seq = ? RETURNING " + operationColumns
	rescoredTuple = "(?, ?, ?, ?, ?)"
	// Those that were erased have no class any more.
	insertRescored = `INSERT INTO rescored (operation, move, response, score) SELECT column1, column2, column3, column4
		FROM (VALUES %s) CROSS JOIN responses ON seq = column3 WHERE tenant_class > 0 AND tenant_class / 256 = column5`
)

// rescoredRow is what was scored again as it is written.
type rescoredRow struct {
	move, response int64
	score          []byte
}

// SavePiece writes what a piece came to in one transaction of the writer, which erasures go through too.
func (s *Store) SavePiece(ctx context.Context, key int64, piece int, part []byte, rescored []store.Rescored, at int64) (op store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.SavePiece")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.rescored", len(rescored))

	rows := rescoredRows(rescored)
	return s.changeOperation(ctx, key, func(ctx context.Context, w *writer, op store.Operation) (store.Operation, error) {
		return w.savePiece(ctx, op, piece, part, rows, at)
	})
}

// rescoredRows are in the order of the table, so that neighbours are written one after the other.
func rescoredRows(all []store.Rescored) []rescoredRow {
	rows := make([]rescoredRow, len(all))
	for i, r := range all {
		rows[i] = rescoredRow{move: moveOf(store.Move{Before: r.Before, After: r.After}), response: form.SeqOf(r.Place), score: orEmpty(r.Score)}
	}
	slices.SortFunc(rows, func(a, b rescoredRow) int {
		return cmp.Or(cmp.Compare(a.move, b.move), cmp.Compare(a.response, b.response))
	})
	return rows
}

func (w *writer) savePiece(ctx context.Context, op store.Operation, piece int, part []byte, rows []rescoredRow, at int64) (store.Operation, error) {
	var units int
	var done bool
	err := w.conn.QueryRowContext(ctx, findUnits, op.Key, piece).Scan(&units, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Operation{}, store.ErrNotFound
	}
	if err != nil {
		return store.Operation{}, fmt.Errorf("find a piece of an operation: %w", err)
	}
	if done || op.State != cmiv1.OperationState_OPERATION_STATE_RUNNING {
		return op, nil
	}
	if err := w.insertRescored(ctx, op, rows); err != nil {
		return store.Operation{}, err
	}
	if _, err := w.conn.ExecContext(ctx, endPiece, orEmpty(part), op.Key, piece); err != nil {
		return store.Operation{}, fmt.Errorf("keep what a piece came to: %w", err)
	}
	return scanOperation(w.conn.QueryRowContext(ctx, countPiece, units, at, op.Key))
}

// insertRescored leaves out what was erased meanwhile.
func (w *writer) insertRescored(ctx context.Context, op store.Operation, rows []rescoredRow) error {
	if len(rows) == 0 {
		return nil
	}
	scope, err := w.scopes.of(ctx, op.Tenant, "")
	if err != nil {
		return err
	}
	return each(w.rescored, rows, func(s wide, some []rescoredRow) error {
		args := s.args[:0]
		for _, r := range some {
			args = append(args, op.Key, r.move, r.response, r.score, scope)
		}
		if _, err := s.exec(ctx, args); err != nil {
			return fmt.Errorf("keep %d scores: %w", len(some), err)
		}
		return nil
	})
}
