package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	findVersions      = "SELECT revision, body FROM questionnaires WHERE tenant = ? AND id = ? ORDER BY version"
	findRevision      = "SELECT coalesce(max(revision), 0) FROM questionnaires WHERE tenant = ? AND id = ?"
	saveQuestionnaire = `INSERT INTO questionnaires (tenant, id, version, state, published, audience, channels, revision, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant, id, version) DO UPDATE SET state = excluded.state, published = excluded.published, audience = excluded.audience,
			channels = excluded.channels, revision = excluded.revision, body = excluded.body`
)

// ChangeQuestionnaire runs change on the caller's own goroutine, on what it reads beside the writer. The writer then saves
// only if nobody changed the questionnaire in between; otherwise all is done again. So a slow change, or one that panics,
// holds up nobody else, and of those that meet, one always gets through.
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
		stands, err := s.save(ctx, tenant, id, revision, drafts)
		if err != nil || stands {
			return err
		}
	}
}

// versions answers all versions in rising order, and the revision that they stand at.
func (s *Store) versions(ctx context.Context, tenant, id string) (versions []*cmiv1.Questionnaire, revision int64, err error) {
	done, err := s.use(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer done()
	err = s.reader.each(ctx, findVersions, []any{tenant, id}, func(rows *sql.Rows) error {
		var at int64
		var body sql.RawBytes
		if err := rows.Scan(&at, &body); err != nil {
			return fmt.Errorf("read a version: %w", err)
		}
		q, err := form.DecodeQuestionnaire(body)
		versions, revision = append(versions, q), max(revision, at)
		return err
	})
	return versions, revision, unavailable(ctx, "read the versions of a questionnaire", err)
}

// save writes drafts if the questionnaire still stands at revision, and says whether it did.
func (s *Store) save(ctx context.Context, tenant, id string, revision int64, drafts []form.Version) (stands bool, err error) {
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		var now int64
		if err := w.findRevision.QueryRowContext(ctx, tenant, id).Scan(&now); err != nil {
			return fmt.Errorf("read a revision: %w", err)
		}
		if stands = now == revision; !stands {
			return nil
		}
		for _, d := range drafts {
			if _, err := w.save.ExecContext(ctx, tenant, id, d.Version, d.State, d.Published, d.Audience, d.Channels, revision+1, d.Body); err != nil {
				return fmt.Errorf("save a version: %w", err)
			}
		}
		return nil
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return false, err
	}
	return stands, nil
}
