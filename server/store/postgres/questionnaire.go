package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	findVersion = "SELECT body FROM questionnaires WHERE tenant = $1 AND id = $2 AND version = $3"
	findLatest  = "SELECT body FROM questionnaires WHERE tenant = $1 AND id = $2 AND published ORDER BY version DESC LIMIT 1"
	// The lists walk all versions in their order. A version is the latest where none is later: one more step in the same index.
	listVersions = `SELECT body FROM questionnaires AS q WHERE tenant = $1 AND id >= $2 AND (id > $2 OR version < $3)
		AND ($4 = 0 OR state = $4) AND ($5 = 0 OR audience = $5) AND ($6::bigint = 0 OR channels = 0 OR channels & $6 <> 0)
		AND ($7 = '' OR id = $7)
		AND ($8 OR NOT EXISTS (SELECT 1 FROM questionnaires AS later WHERE later.tenant = q.tenant AND later.id = q.id AND later.version > q.version))
		ORDER BY id, version DESC LIMIT $9`
)

// Questionnaire answers one version, or the latest that was ever published.
func (s *Store) Questionnaire(ctx context.Context, tenant, id string, version int32) (q *cmiv1.Questionnaire, err error) {
	ctx, span := form.Start(ctx, driver, "store.Questionnaire")
	defer func() { form.End(span, err) }()

	text, args := findVersion, []any{tenant, id, version}
	if version == 0 {
		text, args = findLatest, args[:2]
	}
	err = s.ask(ctx, "read a questionnaire", func(ctx context.Context, c conn) error {
		var body []byte
		err := c.QueryRow(ctx, text, args...).Scan(&body)
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		if err == nil {
			q, err = form.DecodeQuestionnaire(body)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return q, nil
}

// ListQuestionnaires answers a page of versions.
func (s *Store) ListQuestionnaires(ctx context.Context, tenant string, filter store.QuestionnaireFilter, limit int) (page []*cmiv1.Questionnaire, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListQuestionnaires")
	defer func() { form.End(span, err) }()

	err = s.ask(ctx, "list questionnaires", func(ctx context.Context, c conn) error {
		page = nil
		rows, err := c.Query(ctx, listVersions, tenant, filter.AfterID, filter.AfterVersion, int32(filter.State), int32(filter.Audience),
			form.ChannelAsked(filter.Channel), filter.ID, filter.AllVersions, max(limit, 0))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				return err
			}
			q, err := form.DecodeQuestionnaire(body)
			if err != nil {
				return err
			}
			page = append(page, q)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

const (
	findVersions      = "SELECT revision, body FROM questionnaires WHERE tenant = $1 AND id = $2 ORDER BY version"
	lockQuestionnaire = "SELECT pg_advisory_xact_lock(hashtextextended($1, 434))"
	findRevision      = "SELECT coalesce(max(revision), 0) FROM questionnaires WHERE tenant = $1 AND id = $2"
	saveVersion       = `INSERT INTO questionnaires (tenant, id, version, state, published, audience, channels, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (tenant, id, version) DO UPDATE SET state = excluded.state, published = excluded.published, audience = excluded.audience,
			channels = excluded.channels, revision = excluded.revision, body = excluded.body`
)

// ChangeQuestionnaire runs change on what it reads, outside any transaction, and then saves only if nobody changed the
// questionnaire in between; otherwise all is done again. So a slow change, or one that panics, holds up nobody else, and
// of those that meet, one always gets through.
func (s *Store) ChangeQuestionnaire(ctx context.Context, tenant, id string,
	change func(versions []*cmiv1.Questionnaire) (save []*cmiv1.Questionnaire, err error)) (err error) {
	ctx, span := form.Start(ctx, driver, "store.ChangeQuestionnaire")
	defer func() { form.End(span, err) }()

	for tries := 1; ; tries++ {
		form.Count(span, "cmi.tries", tries)
		versions, revision, err := s.versions(ctx, tenant, id)
		if err != nil {
			return err
		}
		save, err := change(versions)
		if err != nil || len(save) == 0 {
			return err
		}
		drafts, err := form.NewVersions(id, save)
		if err != nil {
			return err
		}
		stands, err := s.saveVersions(ctx, tenant, id, revision, drafts)
		if err != nil || stands {
			return err
		}
	}
}

// versions answers all versions in rising order, and the revision that they stand at.
func (s *Store) versions(ctx context.Context, tenant, id string) (versions []*cmiv1.Questionnaire, revision int64, err error) {
	err = s.ask(ctx, "read the versions of a questionnaire", func(ctx context.Context, c conn) error {
		versions, revision = nil, 0
		rows, err := c.Query(ctx, findVersions, tenant, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at int64
			var body []byte
			if err := rows.Scan(&at, &body); err != nil {
				return err
			}
			q, err := form.DecodeQuestionnaire(body)
			if err != nil {
				return err
			}
			versions, revision = append(versions, q), max(revision, at)
		}
		return rows.Err()
	})
	return versions, revision, err
}

// saveVersions writes drafts if the questionnaire still stands at revision, and says whether it did. A new id has no row to
// lock, so changes of one id hold a lock on its name.
func (s *Store) saveVersions(ctx context.Context, tenant, id string, revision int64, drafts []form.Version) (stands bool, err error) {
	err = s.change(ctx, "save a questionnaire", func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, lockQuestionnaire, fmt.Sprintf("%d %s %s", len(tenant), tenant, id)); err != nil {
			return err
		}
		var now int64
		if err := c.QueryRow(ctx, findRevision, tenant, id).Scan(&now); err != nil {
			return err
		}
		if stands = now == revision; !stands {
			return nil
		}
		for _, d := range drafts {
			if _, err := c.Exec(ctx, saveVersion, tenant, id, d.Version, d.State, d.Published, d.Audience, d.Channels, revision+1, d.Body); err != nil {
				return err
			}
		}
		return tell(ctx, c, store.Change{Tenant: tenant, QuestionnaireID: id})
	})
	return stands, err
}
