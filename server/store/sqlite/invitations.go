package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	keepInvitations = `INSERT INTO invitations (tenant, questionnaire, channel, starts_at, ends_at, invited) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET invited = excluded.invited WHERE invited <> excluded.invited`
	dropInvitations = `DELETE FROM invitations WHERE tenant = ? AND questionnaire = ? AND channel = ? AND starts_at = ? AND ends_at = ?`
	listInvitations = `SELECT questionnaire, channel, starts_at, ends_at, invited FROM invitations
		WHERE tenant = ? AND starts_at >= ? AND ends_at <= ? ORDER BY questionnaire, channel, starts_at, ends_at LIMIT ?`
)

// RecordInvitations keeps all of them in one transaction.
func (s *Store) RecordInvitations(ctx context.Context, tenant string, invitations []*cmiv1.Invitations) (changed int, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordInvitations")
	defer func() { form.End(span, err) }()

	all, err := form.NewInvitations(invitations)
	if err != nil {
		return 0, err
	}
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) (err error) {
		changed, err = w.keepInvitations(ctx, tenant, all)
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return 0, err
	}
	form.Count(span, "cmi.invitations", len(all))
	return changed, nil
}

// keepInvitations keeps those of different periods, and answers how many of them changed anything.
func (w *writer) keepInvitations(ctx context.Context, tenant string, all []form.Invitations) (changed int, err error) {
	if len(all) == 0 {
		return 0, nil
	}
	scope, err := w.scopes.of(ctx, tenant, "")
	if err != nil {
		return 0, err
	}
	for _, i := range all {
		stmt, args := w.keepInvited, []any{scope, i.Questionnaire, i.Channel, i.From, i.To, i.Count}
		if i.Count == 0 {
			stmt, args = w.dropInvited, args[:len(args)-1]
		}
		result, err := stmt.ExecContext(ctx, args...)
		if err != nil {
			return 0, fmt.Errorf("keep invitations: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return 0, fmt.Errorf("keep invitations: %w", err)
		}
		changed += int(n)
	}
	return changed, nil
}

// InvitationsWithin walks those of the tenant in the order of their key, and passes over other periods.
func (s *Store) InvitationsWithin(ctx context.Context, tenant string, from, to time.Time, limit int) (all []*cmiv1.Invitations, err error) {
	ctx, span := form.Start(ctx, driver, "store.InvitationsWithin")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	scope, err := s.scope(ctx, tenant, "")
	if errors.Is(err, errNothing) {
		return nil, nil
	}
	if err == nil {
		args := []any{scope, form.Ceiling(from, math.MinInt64), form.Floor(to, math.MaxInt64), max(limit, 0)}
		err = s.reader.each(ctx, listInvitations, args, func(rows *sql.Rows) error {
			var i form.Invitations
			if err := rows.Scan(&i.Questionnaire, &i.Channel, &i.From, &i.To, &i.Count); err != nil {
				return fmt.Errorf("read invitations: %w", err)
			}
			all = append(all, i.Message())
			return nil
		})
	}
	if err != nil {
		return nil, unavailable(ctx, "list invitations", err)
	}
	form.Count(span, "cmi.results", len(all))
	return all, nil
}
