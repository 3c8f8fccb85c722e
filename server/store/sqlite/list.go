package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// ListResponses walks one index, or merges the walks of a few classes, and stops at limit: its cost grows with what it
// answers, not with what is kept. Only voided rows, and other questionnaires of one customer, are passed over.
func (s *Store) ListResponses(ctx context.Context, tenant string, filter store.ResponseFilter, limit int) (page []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListResponses")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	query, args, err := s.listQuery(ctx, tenant, filter, limit)
	if errors.Is(err, errNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(ctx, "list responses", err)
	}
	err = s.reader.each(ctx, query, args, func(rows *sql.Rows) error {
		row := stored{whole: !filter.ScoresOnly}
		if err := rows.Scan(row.fields()...); err != nil {
			return fmt.Errorf("read a response: %w", err)
		}
		kept, err := row.decode()
		page = append(page, kept)
		return err
	})
	if err != nil {
		return nil, unavailable(ctx, "list responses", err)
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// errNothing says that no response can match.
var errNothing = errors.New("nothing matches")

// listQuery chooses the walk and gives it its bounds.
func (s *Store) listQuery(ctx context.Context, tenant string, filter store.ResponseFilter, limit int) (string, []any, error) {
	w := walk{
		questionnaire: filter.QuestionnaireID != "",
		customer:      filter.CustomerID != "",
		classes:       form.ResponseClasses(filter),
		everyClass:    filter.Status == 0 && filter.Bucket == 0,
		continued:     filter.After != nil,
		void:          filter.IncludeVoid,
		whole:         !filter.ScoresOnly,
	}
	if len(w.classes) == 0 || limit <= 0 {
		return "", nil, errNothing
	}
	scope, err := s.scope(ctx, tenant, filter.QuestionnaireID)
	if err != nil {
		return "", nil, err
	}
	from, before := form.Ceiling(filter.From, math.MinInt64), form.Ceiling(filter.Before, math.MaxInt64)
	args := []any{sql.Named("scope", scope*form.PerScope), sql.Named("limit", limit)}
	if w.customer {
		customer := s.secret.Hash(form.OfCustomer, tenant, filter.CustomerID)
		args = append(args, sql.Named("customer", customer[:]))
	}
	if at := filter.After; at != nil {
		seq := form.SeqOf(*at)
		if at.SubmittedAt < from || at.SubmittedAt >= before {
			seq = 0 // the rows of the cursor's own microsecond are not asked for
		}
		before = min(before, at.SubmittedAt)
		args = append(args, sql.Named("at", at.SubmittedAt), sql.Named("seq", seq))
	}
	args = append(args, sql.Named("from", from), sql.Named("before", before))
	return w.text(), args, nil
}

// scope answers the number of a scope; errNothing where nothing was recorded in it.
func (s *Store) scope(ctx context.Context, tenant, questionnaire string) (id int64, err error) {
	err = s.reader.findScope.QueryRowContext(ctx, tenant, questionnaire).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNothing
	}
	return id, err
}
