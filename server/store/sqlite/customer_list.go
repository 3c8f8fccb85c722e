package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// ListCustomers walks an index of the standings, or merges the walks of the few classes that match. What else is asked for
// is looked up in the index itself, at a bounded number of customers. Where few are in an account or segment that is asked
// for, they are read and sorted in place of that.
func (s *Store) ListCustomers(ctx context.Context, tenant string, filter store.CustomerFilter, limit int) (page store.CustomerPage, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListCustomers")
	defer func() { form.End(span, err) }()

	var texts []string
	err = s.look(ctx, "list customers", func(v *view) error {
		scope, err := v.tenant(ctx, tenant)
		if errors.Is(err, sql.ErrNoRows) || err == nil && limit <= 0 {
			return nil
		}
		if err != nil {
			return err
		}
		l := newCustomerList(v, s.patience, tenant, scope, filter, limit)
		if l.shape.classes == 0 {
			return nil // it asks for what this version does not know
		}
		few, err := l.ask(ctx, s.secret.LabelsAsked(tenant, filter))
		if err != nil {
			return err
		}
		if few {
			err = l.sorted(ctx)
		} else {
			err = l.walk(ctx)
		}
		page, texts = l.page, l.texts
		return err
	})
	if err != nil {
		return store.CustomerPage{}, err
	}
	s.keepPrepared(ctx, texts)
	form.Count(span, "cmi.results", len(page.Customers))
	return page, nil
}

// tenant answers the number of a tenant's scope.
func (v *view) tenant(ctx context.Context, name string) (scope int64, err error) {
	err = v.row(ctx, v.reader.findScope, name, "").Scan(&scope)
	return scope, err
}

// keepPrepared prepares statements for the next time. A view does not do it: it holds a connection, and whoever prepares
// waits for another one.
func (s *Store) keepPrepared(ctx context.Context, texts []string) {
	done, err := s.use(ctx)
	if err != nil {
		return
	}
	defer done()
	for _, text := range texts {
		_, _ = s.reader.prepared(ctx, text) // the page is there either way
	}
}

// each runs a statement, prepared or not, and gives its rows, one by one, to take.
func (l *customerList) each(ctx context.Context, text string, args []any, take func(*sql.Rows) error) error {
	rows, err := l.query(ctx, text, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *customerList) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if stmt := l.view.reader.known(text); stmt != nil {
		return l.view.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	}
	l.texts = append(l.texts, text)
	return l.view.tx.QueryContext(ctx, text, args...)
}

// known answers the statement of a shape if it is prepared.
func (r *reader) known(text string) *sql.Stmt {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.lists[text]
}
