package postgres

import (
	"context"
	"math"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	keepInvitations = `WITH given AS (
	SELECT * FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::integer[]) AS t (questionnaire, channel, starts_at, ends_at, invited)
), dropped AS (
	DELETE FROM invitations AS i USING given AS g WHERE g.invited = 0 AND i.tenant = $1 AND i.questionnaire = g.questionnaire
	AND i.channel = g.channel AND i.starts_at = g.starts_at AND i.ends_at = g.ends_at RETURNING 1
), kept AS (
	INSERT INTO invitations (tenant, questionnaire, channel, starts_at, ends_at, invited)
	SELECT $1, questionnaire, channel, starts_at, ends_at, invited FROM given WHERE invited > 0
	ORDER BY questionnaire, channel, starts_at, ends_at
	ON CONFLICT (tenant, questionnaire, channel, starts_at, ends_at) DO UPDATE SET invited = excluded.invited
	WHERE invitations.invited <> excluded.invited RETURNING 1
) SELECT (SELECT count(*) FROM dropped) + (SELECT count(*) FROM kept)`
	listInvitations = `SELECT questionnaire, channel, starts_at, ends_at, invited FROM invitations
	WHERE tenant = $1 AND starts_at >= $2 AND ends_at <= $3 ORDER BY questionnaire, channel, starts_at, ends_at LIMIT $4`
)

// RecordInvitations keeps all of them in one statement.
func (s *Store) RecordInvitations(ctx context.Context, tenant string, invitations []*cmiv1.Invitations) (changed int, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordInvitations")
	defer func() { form.End(span, err) }()

	all, err := form.NewInvitations(invitations)
	if err != nil {
		return 0, err
	}
	scope, err := s.numberScope(ctx, tenant, "")
	if err != nil {
		return 0, err
	}
	err = s.ask(ctx, "record invitations", func(ctx context.Context, c conn) error {
		return c.QueryRow(ctx, keepInvitations, scope,
			column(all, func(i form.Invitations) string { return i.Questionnaire }),
			column(all, func(i form.Invitations) int64 { return i.Channel }),
			column(all, func(i form.Invitations) int64 { return i.From }),
			column(all, func(i form.Invitations) int64 { return i.To }),
			column(all, func(i form.Invitations) int64 { return i.Count })).Scan(&changed)
	})
	if err != nil {
		return 0, err
	}
	form.Count(span, "cmi.invitations", len(all))
	return changed, nil
}

// InvitationsWithin walks those of the tenant in the order of their key, and passes over other periods.
func (s *Store) InvitationsWithin(ctx context.Context, tenant string, from, to time.Time, limit int) (all []*cmiv1.Invitations, err error) {
	ctx, span := form.Start(ctx, driver, "store.InvitationsWithin")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list invitations", func(ctx context.Context, c conn) error {
		all = nil
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil {
			return err
		}
		rows, err := c.Query(ctx, listInvitations, scope, form.Ceiling(from, math.MinInt64), form.Floor(to, math.MaxInt64), max(limit, 0))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i form.Invitations
			if err := rows.Scan(&i.Questionnaire, &i.Channel, &i.From, &i.To, &i.Count); err != nil {
				return err
			}
			all = append(all, i.Message())
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(all))
	return all, nil
}
