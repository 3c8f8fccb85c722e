package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// ListInteractions answers a page of what one customer did. It walks the index of that customer from the latest on and
// stops at limit; only other kinds are passed over.
func (s *Store) ListInteractions(ctx context.Context, tenant string, filter store.InteractionFilter, limit int) (page []store.KeptInteraction, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListInteractions")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "list interactions", func(v *view) error {
		stmt, args, err := v.deedsQuery(ctx, s.secret, tenant, filter, limit)
		if errors.Is(err, errNothing) {
			return nil
		}
		if err != nil {
			return err
		}
		return v.each(ctx, stmt, args, func(rows *sql.Rows) (bool, error) {
			kept, err := scanDeed(rows)
			page = append(page, kept)
			return true, err
		})
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// deedsQuery is the statement of a list and its bounds; errNothing where nothing can match.
func (v *view) deedsQuery(ctx context.Context, keys *form.Secret, tenant string, filter store.InteractionFilter, limit int) (*sql.Stmt, []any, error) {
	if limit <= 0 {
		return nil, nil, errNothing
	}
	customer := keys.Hash(form.OfCustomer, tenant, filter.CustomerID)
	args := []any{sql.Named("customer", customer[:]), sql.Named("limit", limit)}
	if filter.Kind != "" {
		kind, err := v.kind(ctx, keys.Hash(form.OfKind, tenant, filter.Kind))
		if err != nil {
			return nil, nil, err
		}
		if kind == 0 {
			return nil, nil, errNothing
		}
		args = append(args, sql.Named("kind", kind))
	}
	from, before := form.Ceiling(filter.From, math.MinInt64), form.Ceiling(filter.Before, math.MaxInt64)
	if at := filter.After; at != nil {
		kind, seq := deedOf(*at)
		if at.SubmittedAt < from || at.SubmittedAt >= before {
			kind, seq = 0, 0 // those of the cursor's own microsecond are not asked for
		}
		before = min(before, at.SubmittedAt)
		args = append(args, sql.Named("at", at.SubmittedAt), sql.Named("atKind", kind), sql.Named("atSeq", seq))
	}
	args = append(args, sql.Named("from", from), sql.Named("before", before))
	return v.reader.deedLists[deedShape{ofKind: filter.Kind != "", continued: filter.After != nil}], args, nil
}

// deedShape is the shape of a list of interactions. There are four, which are all prepared.
type deedShape struct {
	ofKind    bool // of one kind
	continued bool // from behind a cursor on
}

// text merges the walk of what lies before a time with those of what is left of the cursor's own microsecond: first of its
// kind, then of the lower ones.
func (s deedShape) text() string {
	ranges := []string{"occurred_at >= @from AND occurred_at < @before"}
	if s.continued {
		ranges = append(ranges, "occurred_at = @at AND kind = @atKind AND seq < @atSeq", "occurred_at = @at AND kind < @atKind")
	}
	var arms []string
	for _, bounds := range ranges {
		arm := "SELECT occurred_at, kind, seq, body FROM interactions INDEXED BY interactions_by_customer WHERE customer = @customer AND " + bounds
		if s.ofKind {
			arm += " AND +kind = @kind"
		}
		arms = append(arms, arm)
	}
	return strings.Join(arms, " UNION ALL ") + " ORDER BY occurred_at DESC, kind DESC, seq DESC LIMIT @limit + 0"
}

// scanDeed has kind and seq for the tie-break, since that is the order in which the index has those of one microsecond.
func scanDeed(rows *sql.Rows) (kept store.KeptInteraction, err error) {
	var kind, seq int64
	var body sql.RawBytes
	if err := rows.Scan(&kept.Cursor.SubmittedAt, &kind, &seq, &body); err != nil {
		return kept, fmt.Errorf("read an interaction: %w", err)
	}
	binary.BigEndian.PutUint64(kept.Cursor.Key[:8], uint64(kind))
	binary.BigEndian.PutUint64(kept.Cursor.Key[8:], uint64(seq))
	kept.Interaction, err = form.DecodeInteraction(body)
	return kept, err
}

// deedOf reads back what scanDeed wrote into a cursor. A key beyond all others stands behind them all.
func deedOf(c store.Cursor) (kind, seq int64) {
	return int64(min(binary.BigEndian.Uint64(c.Key[:8]), math.MaxInt64)), int64(min(binary.BigEndian.Uint64(c.Key[8:]), math.MaxInt64))
}
