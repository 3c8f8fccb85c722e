package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store/form"
)

// markedTogether bounds the customers that one transaction looks at, so that others get to write in between.
const markedTogether = 10_000

// A mark raises the revision too, of those also that are due already: who is computing a standing at this moment, by what
// held before, must not take the mark away. So where some are marked only, the revision of all others rises as well: they
// may have become due since.
const (
	raiseRevisions = `UPDATE customers NOT INDEXED SET revision = revision + 1
		WHERE seq >= @from AND seq < @to AND profile IS NOT NULL AND (@tenant = 0 OR tenant = @tenant)
		AND (due = -9223372036854775808 OR (@calibrated AND NOT calibrated))`
	markCustomers = `UPDATE customers NOT INDEXED SET revision = revision + 1, due = -9223372036854775808
		WHERE seq >= @from AND seq < @to AND profile IS NOT NULL AND (@tenant = 0 OR tenant = @tenant)
		AND due <> -9223372036854775808 AND (NOT @calibrated OR calibrated)`

	addMarking    = "INSERT INTO markings (tenant, calibrated, next) VALUES (?, ?, ?) RETURNING id"
	moveMarking   = "UPDATE markings SET next = ? WHERE id = ?"
	endMarking    = "DELETE FROM markings WHERE id = ?"
	listMarkings  = "SELECT id, tenant, calibrated, next FROM markings ORDER BY id"
	saveRules     = "INSERT INTO self (name, value) VALUES ('rules', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	everybodysDue = 0 // the tenant of a marking of all tenants
)

// marking marks the customers of a tenant as due in the order of seq. It is noted on disk while it goes on.
type marking struct {
	id         int64 // 0: not noted yet
	tenant     int64
	calibrated bool
	together   int64 // how many one transaction looks at
	next       int64 // the first that is not marked yet
	ended      bool
}

// MarkDue marks some customers at a time. Where it is broken off, it goes on when the store is opened again.
func (s *Store) MarkDue(ctx context.Context, tenant string, calibrated bool) (err error) {
	ctx, span := form.Start(ctx, driver, "store.MarkDue")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	scope, err := s.scope(ctx, tenant, "")
	done()
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		return unavailable(ctx, "find the tenant", err)
	}
	return s.mark(ctx, &marking{tenant: scope, calibrated: calibrated, together: markedTogether})
}

// mark writes one part after another until the marking has ended.
func (s *Store) mark(ctx context.Context, m *marking) error {
	for !m.ended {
		request := newRequest()
		var after marking
		request.apply = func(ctx context.Context, w *writer) (err error) {
			after, err = w.markPart(ctx, *m)
			return err
		}
		if err := s.writer.submit(ctx, request); err != nil {
			return err
		}
		*m = after
	}
	return nil
}

// UseRules saves the rules together with the note that all customers are to be marked.
func (s *Store) UseRules(ctx context.Context, rules string) (err error) {
	ctx, span := form.Start(ctx, driver, "store.UseRules")
	defer func() { form.End(span, err) }()

	m := &marking{tenant: everybodysDue, together: markedTogether}
	request := newRequest()
	var after marking
	request.apply = func(ctx context.Context, w *writer) (err error) {
		after, err = w.useRules(ctx, rules, *m)
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return err
	}
	return s.mark(ctx, &after)
}

func (w *writer) useRules(ctx context.Context, rules string, m marking) (marking, error) {
	var have []byte
	err := w.conn.QueryRowContext(ctx, findSelf, "rules").Scan(&have)
	switch {
	case err == nil && string(have) == rules:
		m.ended = true
		return m, nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return m, fmt.Errorf("read the rules: %w", err)
	}
	if _, err := w.conn.ExecContext(ctx, saveRules, []byte(rules)); err != nil {
		return m, fmt.Errorf("save the rules: %w", err)
	}
	return w.markPart(ctx, m)
}

// markPart marks the next customers, and notes how far it came.
func (w *writer) markPart(ctx context.Context, m marking) (marking, error) {
	args := []any{
		sql.Named("from", m.next), sql.Named("to", m.next+m.together), sql.Named("tenant", m.tenant),
		sql.Named("calibrated", m.calibrated),
	}
	for _, text := range []string{raiseRevisions, markCustomers} {
		if _, err := w.conn.ExecContext(ctx, text, args...); err != nil {
			return m, fmt.Errorf("mark customers as due: %w", err)
		}
	}
	m.next += m.together
	m.ended = m.next >= w.nextCustomer
	if err := w.note(ctx, &m); err != nil {
		return m, fmt.Errorf("note who is marked as due: %w", err)
	}
	return m, nil
}

// note keeps on disk how far a marking came.
func (w *writer) note(ctx context.Context, m *marking) (err error) {
	switch {
	case m.ended && m.id == 0:
		return nil
	case m.ended:
		_, err = w.conn.ExecContext(ctx, endMarking, m.id)
	case m.id == 0:
		err = w.conn.QueryRowContext(ctx, addMarking, m.tenant, m.calibrated, m.next).Scan(&m.id)
	default:
		_, err = w.conn.ExecContext(ctx, moveMarking, m.next, m.id)
	}
	return err
}

// resumeMarkings ends the markings that were broken off. The writer does not run yet.
func (w *writer) resumeMarkings(ctx context.Context) error {
	all, err := w.brokenOff(ctx)
	if err != nil {
		return fmt.Errorf("find who was to be marked as due: %w", err)
	}
	for _, m := range all {
		for !m.ended {
			if err := ctx.Err(); err != nil {
				return err
			}
			part := newRequest()
			part.apply = func(ctx context.Context, w *writer) (err error) {
				m, err = w.markPart(ctx, m)
				return err
			}
			if err := w.transaction([]*request{part}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) brokenOff(ctx context.Context) (all []marking, err error) {
	rows, err := w.conn.QueryContext(ctx, listMarkings)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := marking{together: markedTogether}
		if err := rows.Scan(&m.id, &m.tenant, &m.calibrated, &m.next); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
