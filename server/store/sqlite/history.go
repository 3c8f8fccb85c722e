package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// HistoriesIn reads a slice by a few statements, each for all of its customers, from one snapshot.
func (s *Store) HistoriesIn(ctx context.Context, tenant string, slice store.CustomerSlice, ask store.HistoryAsk) (all []*store.History, err error) {
	ctx, span := form.Start(ctx, driver, "store.HistoriesIn")
	defer func() { form.End(span, err) }()

	err = s.glance(ctx, "read a slice of histories", func(g *glance) error {
		var scope int64
		if err := g.row(ctx, g.reader.findScope, tenant, "").Scan(&scope); err != nil {
			return err
		}
		whose, err := someIn(scope, slice)
		if err != nil {
			return err
		}
		only, err := g.scopesOf(ctx, tenant, ask.QuestionnaireIDs)
		if err != nil {
			return err
		}
		h := form.NewHistories(slice, ask, only)
		if err := g.scores(ctx, whose, h); err != nil {
			return err
		}
		if !slice.Anonymous {
			if err := g.people(ctx, whose, ask, h); err != nil {
				return err
			}
		}
		all, err = h.All()
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // the tenant has nothing
	}
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.customers", len(all))
	return all, nil
}

// scopesOf answers the scopes of those questionnaires of which something was recorded.
func (g *glance) scopesOf(ctx context.Context, tenant string, ids []string) (scopes []int64, err error) {
	for _, id := range ids {
		if id == "" {
			continue // it is the scope of the tenant
		}
		var scope int64
		err := g.row(ctx, g.reader.findScope, tenant, id).Scan(&scope)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find a questionnaire: %w", err)
		}
		scopes = append(scopes, scope)
	}
	return scopes, nil
}

// people reads what is known of customers beside what they answered.
func (g *glance) people(ctx context.Context, whose some, ask store.HistoryAsk, h *form.Histories) error {
	err := g.each(ctx, whose.text(readProfiles, ""), whose.args, func(row []column) error {
		body, err := slotText(bytesIn(row[1]))
		if err != nil {
			return fmt.Errorf("%w: a profile cannot be read: %w", store.ErrUnavailable, err)
		}
		return h.Profile(integer(row[0]), body)
	})
	if err == nil && ask.Contacts {
		err = g.each(ctx, whose.text(readContacts, " AND occurred_at <= @upTo"), whose.and(sql.Named("upTo", ask.UpTo)), func(row []column) error {
			h.Interaction(integer(row[0]), integer(row[1]))
			return nil
		})
	}
	if err == nil && ask.Outcomes {
		err = g.each(ctx, whose.text(readOutcomes, " AND occurred_at <= @upTo"), whose.and(sql.Named("upTo", ask.UpTo)), func(row []column) error {
			return h.Outcome(integer(row[0]), bytesIn(row[1]))
		})
	}
	return err
}
