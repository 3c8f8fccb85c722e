package postgres

import (
	"context"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// HistoriesIn reads a slice by a few statements, each for all of its customers, as of one moment.
func (s *Store) HistoriesIn(ctx context.Context, tenant string, slice store.CustomerSlice, ask store.HistoryAsk) (all []*store.History, err error) {
	ctx, span := form.Start(ctx, driver, "store.HistoriesIn")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "read a slice of histories", func(ctx context.Context, c conn) error {
		all = nil
		scope, err := s.scope(ctx, c, tenant, "")
		if err != nil || scope == 0 {
			return err
		}
		whose, err := someIn(scope, slice)
		if err != nil {
			return err
		}
		only, err := s.scopesOf(ctx, c, tenant, ask.QuestionnaireIDs)
		if err != nil {
			return err
		}
		if _, err := c.Exec(ctx, walkIndexes); err != nil {
			return err
		}
		h := form.NewHistories(slice, ask, only)
		if err := readScores(ctx, c, whose, h); err != nil {
			return err
		}
		if err := h.NameQuestionnaires(func(scope int64) (string, error) { return s.questionnaire(ctx, c, scope) }); err != nil {
			return err
		}
		if !slice.Anonymous {
			if err := readPeople(ctx, c, whose, ask, h); err != nil {
				return err
			}
		}
		all, err = h.All()
		return err
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.customers", len(all))
	return all, nil
}

// scopesOf answers the scopes of those questionnaires of which something was recorded.
func (s *Store) scopesOf(ctx context.Context, c conn, tenant string, ids []string) (scopes []int64, err error) {
	for _, id := range ids {
		if id == "" {
			continue // it is the scope of the tenant
		}
		scope, err := s.scope(ctx, c, tenant, id)
		if err != nil {
			return nil, err
		}
		if scope != 0 {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// readPeople reads what is known of customers beside what they answered.
func readPeople(ctx context.Context, c conn, whose some, ask store.HistoryAsk, h *form.Histories) error {
	err := eachRaw(ctx, c, whose.text(findSlicesProfiles), whose.args, func(row [][]byte) error {
		return h.Profile(integer(row[0]), row[1])
	})
	upTo := whose.and(ask.UpTo)
	if err == nil && ask.Contacts {
		err = eachRaw(ctx, c, whose.text(findSlicesContacts), upTo, func(row [][]byte) error {
			h.Interaction(integer(row[0]), integer(row[1]))
			return nil
		})
	}
	if err == nil && ask.Outcomes {
		err = eachRaw(ctx, c, whose.text(findSlicesOutcomes), upTo, func(row [][]byte) error {
			return h.Outcome(integer(row[0]), row[1])
		})
	}
	return err
}
