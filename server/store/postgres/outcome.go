package postgres

import (
	"context"
	"fmt"
	"math"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// RecordOutcomes keeps the outcomes whose ids are new, as RecordInteractions keeps interactions.
func (s *Store) RecordOutcomes(ctx context.Context, tenant string, outcomes []*cmiv1.Outcome, at time.Time) (results []store.Result, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordOutcomes")
	defer func() { form.End(span, err) }()

	deeds := make([]*deed, len(outcomes))
	for i, outcome := range outcomes {
		written, err := form.NewOutcome(s.secret, tenant, outcome)
		if err == nil {
			deeds[i], err = s.newDeed(tenant, written.Event, written.Kind, at)
		}
		if err != nil {
			return nil, fmt.Errorf("outcome %d: %w", i, err)
		}
	}
	if results, err = s.record(ctx, outcomeJournal(), tenant, deeds); err != nil {
		return nil, err
	}
	form.Tally(span, "cmi.outcomes", results)
	return results, nil
}

// listOutcomes is of a customer or of a tenant, by the name of the column, and of one kind where a clause says so.
const (
	listOutcomes = `SELECT occurred_at, seq, body FROM outcomes WHERE %s = $1 AND occurred_at >= $2 AND occurred_at < $3
	AND (occurred_at, seq) < ($4, $5)%s ORDER BY occurred_at DESC, seq DESC LIMIT $6`
	ofKind = " AND kind = $7"
)

// ListOutcomes walks the index of one customer, or that of the tenant, from the latest on and stops at limit; only other
// kinds are passed over, in the index alone.
func (s *Store) ListOutcomes(ctx context.Context, tenant string, filter store.OutcomeFilter, limit int) (page []store.KeptOutcome, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListOutcomes")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list outcomes", func(ctx context.Context, c conn) error {
		page = nil
		text, args, err := s.outcomesQuery(ctx, c, tenant, filter, limit)
		if err != nil || text == "" {
			return err
		}
		return eachEntry(ctx, c, text, args, func(at store.Cursor, body []byte) error {
			outcome, err := form.DecodeOutcome(body)
			page = append(page, store.KeptOutcome{Outcome: outcome, Cursor: at})
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// outcomesQuery is the statement of a list and its bounds; none where nothing was recorded of the tenant.
func (s *Store) outcomesQuery(ctx context.Context, c conn, tenant string, filter store.OutcomeFilter, limit int) (text string, args []any, err error) {
	at, seq := int64(math.MaxInt64), int64(math.MaxInt64)
	if filter.After != nil {
		at, seq = filter.After.SubmittedAt, form.SeqOf(*filter.After)
	}
	column, whose := "customer", any(uuid(s.secret.Hash(form.OfCustomer, tenant, filter.CustomerID)))
	if filter.CustomerID == "" {
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 {
			return "", nil, err
		}
		column, whose = "tenant", scope
	}
	args = []any{whose, form.Ceiling(filter.From, math.MinInt64), form.Ceiling(filter.Before, math.MaxInt64), at, seq, max(limit, 0)}
	if filter.Kind == 0 {
		return fmt.Sprintf(listOutcomes, column, ""), args, nil
	}
	return fmt.Sprintf(listOutcomes, column, ofKind), append(args, int32(filter.Kind)), nil
}
