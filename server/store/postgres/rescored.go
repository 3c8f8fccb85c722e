package postgres

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// perBucket is how many buckets there can be.
const perBucket = 16

// The inner queries stand apart, so that the outer ones are walked in their order and stop at the limit.
const (
	findOperationOf = "SELECT 1 FROM operations WHERE seq = $1 AND tenant = $2 AND id IS NOT NULL"
	listRescored    = "SELECT x.score, " + storedColumnsOf + ` FROM rescored AS x
		CROSS JOIN LATERAL (SELECT * FROM responses WHERE seq = x.response AND tenant_class > 0 OFFSET 0) AS r
		WHERE x.operation = $1 AND x.move = $2 AND x.response > $3 ORDER BY x.response LIMIT $4`
	listRescoredOf = "SELECT x.score, " + storedColumnsOf + ` FROM responses AS r
		CROSS JOIN LATERAL (SELECT score, move FROM rescored WHERE response = r.seq AND operation = $1 OFFSET 0) AS x
		WHERE r.customer = $2 AND r.seq > $3 AND x.move = ANY($4) ORDER BY r.seq LIMIT $5`
)

// storedColumnsOf are storedColumns of r.
const storedColumnsOf = "r.key, r.seq, r.tenant_class, r.submitted_at, r.content, r.voided_at, r.void_reason, r.score"

// ListRescored walks one move after another, or what one customer answered.
func (s *Store) ListRescored(ctx context.Context, tenant string, filter store.RescoredFilter, limit int) (page []store.ListedRescored, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListRescored")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list what was scored again", func(ctx context.Context, c conn) (err error) {
		var there int
		switch err := c.QueryRow(ctx, findOperationOf, filter.Operation, tenant).Scan(&there); {
		case errors.Is(err, pgx.ErrNoRows):
			return store.ErrNotFound
		case err != nil:
			return err
		}
		if filter.Customer != "" {
			page, err = s.rescoredOf(ctx, c, tenant, filter, limit)
			return err
		}
		page, err = rescoredByMove(ctx, c, filter, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

func rescoredByMove(ctx context.Context, c conn, filter store.RescoredFilter, limit int) (page []store.ListedRescored, err error) {
	after := store.RescoredCursor{Move: -1, Place: math.MinInt64}
	if filter.After != nil {
		after = *filter.After
	}
	for _, move := range movesAsked(filter) {
		if move < after.Move || len(page) >= limit {
			continue
		}
		place := int64(math.MinInt64)
		if move == after.Move {
			place = after.Place
		}
		rows, err := c.Query(ctx, listRescored, filter.Operation, move, place, limit-len(page))
		if err != nil {
			return nil, err
		}
		if page, err = appendRescored(page, rows, move); err != nil {
			return nil, err
		}
	}
	return page, nil
}

func (s *Store) rescoredOf(ctx context.Context, c conn, tenant string, filter store.RescoredFilter, limit int) ([]store.ListedRescored, error) {
	place := int64(math.MinInt64)
	if filter.After != nil {
		place = filter.After.Place
	}
	rows, err := c.Query(ctx, listRescoredOf, filter.Operation, uuid(s.secret.Hash(form.OfCustomer, tenant, filter.Customer)), place,
		movesAsked(filter), max(limit, 0))
	if err != nil {
		return nil, err
	}
	return appendRescored(nil, rows, 0)
}

func appendRescored(page []store.ListedRescored, rows pgx.Rows, move int64) ([]store.ListedRescored, error) {
	var again []byte
	var r stored
	_, err := pgx.ForEachRow(rows, append([]any{&again}, r.fields()...), func() error {
		recorded, err := r.decodeScore()
		page = append(page, store.ListedRescored{
			Recorded: recorded, Score: bytes.Clone(again), Cursor: store.RescoredCursor{Move: move, Place: r.seq},
		})
		return err
	})
	return page, err
}

// moveOf is a move in one number.
func moveOf(before, after cmiv1.Bucket) int64 { return perBucket*int64(before) + int64(after) }

// movesAsked are the moves that a filter lets through, in their order.
func movesAsked(filter store.RescoredFilter) []int64 {
	var moves []int64
	if len(filter.Moves) == 0 {
		for before := range cmiv1.Bucket_name {
			for after := range cmiv1.Bucket_name {
				moves = append(moves, moveOf(cmiv1.Bucket(before), cmiv1.Bucket(after)))
			}
		}
	}
	for _, m := range filter.Moves {
		if m.Before >= 0 && m.After >= 0 && m.After < perBucket {
			moves = append(moves, moveOf(m.Before, m.After))
		}
	}
	slices.Sort(moves)
	return slices.Compact(moves)
}
