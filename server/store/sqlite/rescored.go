package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// A list is walked move by move, in the order of the table. That of one customer is found from the customer's responses,
// which are few.
const (
	findOperationOf = "SELECT 1 FROM operations WHERE seq = ? AND tenant = ? AND id IS NOT NULL"
	walkRescored    = "SELECT anew, move, " + storedColumns + ` FROM (SELECT move, response AS place, score AS anew FROM rescored
		WHERE operation = @operation AND move = @move AND response > @place) CROSS JOIN responses ON seq = place
		WHERE tenant_class > 0 ORDER BY place LIMIT @limit + 0`
	walkRescoredOfCustomer = "SELECT anew, 0, " + storedColumns + ` FROM responses INDEXED BY responses_by_customer
		CROSS JOIN (SELECT operation, move, response AS place, score AS anew FROM rescored INDEXED BY rescored_by_response)
		ON place = seq AND operation = @operation
		WHERE customer = @customer AND seq > @place AND @moves >> move & 1 ORDER BY place LIMIT @limit + 0`
)

// moveOf is a move as one number, in the order of lists.
func moveOf(m store.Move) int64 { return int64(m.Before)<<4 | int64(m.After) }

// movesAsked are the moves that a filter lets through, in their order. Without any in it, all are.
func movesAsked(f store.RescoredFilter) []int64 {
	var moves []int64
	buckets := form.CustomerClasses(store.CustomerFilter{})
	for _, before := range buckets {
		for _, after := range buckets {
			move := before<<4 | after
			asked := func(m store.Move) bool { return moveOf(m) == move }
			if len(f.Moves) == 0 || slices.ContainsFunc(f.Moves, asked) {
				moves = append(moves, move)
			}
		}
	}
	return moves
}

// ListRescored walks what one operation scored again, and reads what was recorded beside it.
func (s *Store) ListRescored(ctx context.Context, tenant string, filter store.RescoredFilter, limit int) (page []store.ListedRescored, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListRescored")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "list what was scored again", func(v *view) error {
		var one int
		if err := v.row(ctx, v.reader.findOperationOf, filter.Operation, tenant).Scan(&one); err != nil {
			return err
		}
		if limit <= 0 {
			return nil
		}
		if filter.Customer != "" {
			page, err = v.rescoredOfCustomer(ctx, s.secret.Hash(form.OfCustomer, tenant, filter.Customer), filter, limit)
		} else {
			page, err = v.rescored(ctx, filter, limit)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

func (v *view) rescored(ctx context.Context, filter store.RescoredFilter, limit int) (page []store.ListedRescored, err error) {
	for _, move := range movesAsked(filter) {
		place := int64(0)
		if after := filter.After; after != nil && move == after.Move {
			place = after.Place
		} else if after != nil && move < after.Move {
			continue
		}
		args := []any{
			sql.Named("operation", filter.Operation), sql.Named("move", move), sql.Named("place", place),
			sql.Named("limit", limit-len(page)),
		}
		if page, err = v.addRescored(ctx, page, v.reader.walkRescored, args); err != nil || len(page) == limit {
			return page, err
		}
	}
	return page, nil
}

func (v *view) rescoredOfCustomer(ctx context.Context, customer form.Hash, filter store.RescoredFilter, limit int) ([]store.ListedRescored, error) {
	place, moves := int64(0), int64(0)
	if filter.After != nil {
		place = filter.After.Place
	}
	for _, move := range movesAsked(filter) {
		moves |= 1 << move
	}
	return v.addRescored(ctx, nil, v.reader.walkRescoredOfCustomer, []any{
		sql.Named("operation", filter.Operation), sql.Named("customer", customer[:]), sql.Named("place", place),
		sql.Named("moves", moves), sql.Named("limit", limit),
	})
}

func (v *view) addRescored(ctx context.Context, page []store.ListedRescored, walk *sql.Stmt, args []any) ([]store.ListedRescored, error) {
	err := v.each(ctx, walk, args, func(rows *sql.Rows) (bool, error) {
		var listed store.ListedRescored
		var row stored
		if err := rows.Scan(append([]any{&listed.Score, &listed.Cursor.Move}, row.fields()...)...); err != nil {
			return false, fmt.Errorf("read what was scored again: %w", err)
		}
		listed.Cursor.Place = row.seq
		var err error
		listed.Recorded, err = row.decodeScore()
		page = append(page, listed)
		return true, err
	})
	return page, err
}
