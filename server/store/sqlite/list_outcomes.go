package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// ListOutcomes answers a page of what came of one customer, or of all of a tenant. It walks an index from the latest on and
// stops at limit; only other kinds are passed over, in the index alone.
func (s *Store) ListOutcomes(ctx context.Context, tenant string, filter store.OutcomeFilter, limit int) (page []store.KeptOutcome, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListOutcomes")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	text, args, err := s.outcomesQuery(ctx, tenant, filter, limit)
	if errors.Is(err, errNothing) {
		return nil, nil
	}
	if err == nil {
		err = s.reader.each(ctx, text, args, func(rows *sql.Rows) error {
			kept, err := scanOutcome(rows)
			page = append(page, kept)
			return err
		})
	}
	if err != nil {
		return nil, unavailable(ctx, "list outcomes", err)
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// outcomesQuery is the statement of a list and its bounds; errNothing where nothing can match.
func (s *Store) outcomesQuery(ctx context.Context, tenant string, filter store.OutcomeFilter, limit int) (string, []any, error) {
	if limit <= 0 {
		return "", nil, errNothing
	}
	args := []any{sql.Named("limit", limit)}
	if filter.CustomerID != "" {
		customer := s.secret.Hash(form.OfCustomer, tenant, filter.CustomerID)
		args = append(args, sql.Named("customer", customer[:]))
	} else {
		scope, err := s.scope(ctx, tenant, "")
		if err != nil {
			return "", nil, err
		}
		args = append(args, sql.Named("tenant", scope))
	}
	if filter.Kind != 0 {
		args = append(args, sql.Named("kind", int64(filter.Kind)))
	}
	from, before := form.Ceiling(filter.From, math.MinInt64), form.Ceiling(filter.Before, math.MaxInt64)
	if at := filter.After; at != nil {
		seq := form.SeqOf(*at)
		if at.SubmittedAt < from || at.SubmittedAt >= before {
			seq = 0 // those of the cursor's own microsecond are not asked for
		}
		before = min(before, at.SubmittedAt)
		args = append(args, sql.Named("at", at.SubmittedAt), sql.Named("seq", seq))
	}
	args = append(args, sql.Named("from", from), sql.Named("before", before))
	return outcomeShape{customer: filter.CustomerID != "", ofKind: filter.Kind != 0, continued: filter.After != nil}.text(), args, nil
}

// outcomeShape is the shape of a list of outcomes.
type outcomeShape struct {
	customer  bool // of one customer
	ofKind    bool // of one kind
	continued bool // from behind a cursor on
}

// text merges the walk of what lies before a time with that of what is left of the cursor's own microsecond.
func (s outcomeShape) text() string {
	walk := "outcomes_by_tenant WHERE tenant = @tenant"
	if s.customer {
		walk = "outcomes_by_customer WHERE customer = @customer"
	}
	if s.ofKind {
		walk += " AND +kind = @kind"
	}
	ranges := []string{"occurred_at >= @from AND occurred_at < @before"}
	if s.continued {
		ranges = append(ranges, "occurred_at = @at AND seq < @seq")
	}
	for i, bounds := range ranges {
		ranges[i] = "SELECT occurred_at, seq, body FROM outcomes INDEXED BY " + walk + " AND " + bounds
	}
	return strings.Join(ranges, " UNION ALL ") + " ORDER BY occurred_at DESC, seq DESC LIMIT @limit + 0"
}

func scanOutcome(rows *sql.Rows) (kept store.KeptOutcome, err error) {
	var at, seq int64
	var body sql.RawBytes
	if err := rows.Scan(&at, &seq, &body); err != nil {
		return kept, fmt.Errorf("read an outcome: %w", err)
	}
	kept.Cursor = form.CursorAt(at, seq)
	kept.Outcome, err = form.DecodeOutcome(body)
	return kept, err
}
