package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// ListResponses walks one index, or merges the walks of a few classes, and stops at limit: its cost grows with what it
// answers, not with what is kept. Only voided rows, and other questionnaires of one customer, are passed over.
func (s *Store) ListResponses(ctx context.Context, tenant string, filter store.ResponseFilter, limit int) (page []*store.Kept, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListResponses")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list responses", func(ctx context.Context, c conn) error {
		page = nil
		scope, err := s.scope(ctx, c, tenant, filter.QuestionnaireID)
		if err != nil || scope == 0 || limit <= 0 {
			return err
		}
		w := s.walk(tenant, scope, filter, limit)
		if len(w.arms) == 0 {
			return nil
		}
		rows, err := c.Query(ctx, w.text(), w.args...)
		if err != nil {
			return err
		}
		return eachStored(rows, !filter.ScoresOnly, func(r *stored) error {
			kept, err := r.decode()
			page = append(page, kept)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

// walk is a list in the making: the merge of walks through one index, each of which is in the order of the list.
type walk struct {
	columns string
	arms    []string // what each walk asks for
	limit   string
	statement
}

func (w *walk) text() string {
	arms := make([]string, len(w.arms))
	for i, arm := range w.arms {
		arms[i] = fmt.Sprintf("(SELECT %s FROM responses WHERE %s ORDER BY submitted_at DESC, seq DESC LIMIT %s)", w.columns, arm, w.limit)
	}
	return "SELECT * FROM (" + strings.Join(arms, " UNION ALL ") + ") AS merged ORDER BY submitted_at DESC, seq DESC LIMIT " + w.limit
}

func (s *Store) walk(tenant string, scope int64, filter store.ResponseFilter, limit int) *walk {
	w := &walk{columns: storedColumns}
	if !filter.ScoresOnly {
		w.columns += ", response"
	}
	bounds := fmt.Sprintf("submitted_at >= %s AND submitted_at < %s",
		w.arg(form.Ceiling(filter.From, math.MinInt64)), w.arg(form.Ceiling(filter.Before, math.MaxInt64)))
	if at := filter.After; at != nil {
		bounds += fmt.Sprintf(" AND (submitted_at, seq) < (%s, %s)", w.arg(at.SubmittedAt), w.arg(form.SeqOf(*at)))
	}
	if !filter.IncludeVoid {
		bounds += " AND voided_at IS NULL"
	}
	w.limit = w.arg(limit)
	column := "tenant_class"
	if filter.QuestionnaireID != "" {
		column = "questionnaire_class"
	}
	var classes []int64
	for _, class := range form.ResponseClasses(filter) {
		classes = append(classes, scope*form.PerScope+int64(class))
	}
	switch {
	case len(classes) == 0:
	case filter.CustomerID != "":
		// A customer has few responses, so what else is asked of them is checked row by row.
		customer := w.arg(uuid(s.secret.Hash(form.OfCustomer, tenant, filter.CustomerID)))
		w.arms = []string{fmt.Sprintf("customer = %s AND %s = ANY(%s) AND %s", customer, column, w.arg(classes), bounds)}
	default:
		for _, class := range classes {
			w.arms = append(w.arms, fmt.Sprintf("%s = %s AND %s", column, w.arg(class), bounds))
		}
	}
	return w
}
