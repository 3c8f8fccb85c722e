package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
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
	ctx, span := start(ctx, "store.ChangeQuestionnaire")
	defer func() { end(span, err) }()

	for tries := 1; ; tries++ {
		count(span, "cmi.tries", tries)
		versions, revision, err := s.versions(ctx, tenant, id)
		if err != nil {
			return err
		}
		save, err := change(versions)
		if err != nil || len(save) == 0 {
			return err
		}
		drafts, err := encode(id, save)
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
		q, err := decodeQuestionnaire(body)
		versions, revision = append(versions, q), max(revision, at)
		return err
	})
	return versions, revision, unavailable(ctx, "read the versions of a questionnaire", err)
}

// draft is a version as it is written.
type draft struct {
	version, state, audience, channels int64
	published                          bool
	body                               []byte
}

func encode(id string, save []*cmiv1.Questionnaire) ([]draft, error) {
	drafts := make([]draft, len(save))
	for i, q := range save {
		if q.GetQuestionnaireId() != id {
			return nil, errors.New("a change of one questionnaire saves another")
		}
		if q.GetVersion() < 1 {
			return nil, fmt.Errorf("a change saves version %d; versions start at 1", q.GetVersion())
		}
		body, err := proto.Marshal(q)
		if err != nil {
			return nil, fmt.Errorf("encode a questionnaire: %w", err)
		}
		drafts[i] = draft{
			version: int64(q.GetVersion()), state: int64(q.GetState()), published: q.GetPublishedAt() != nil,
			audience: int64(q.GetAudience()), channels: channelsOf(q), body: body,
		}
	}
	return drafts, nil
}

// save writes drafts if the questionnaire still stands at revision, and says whether it did.
func (s *Store) save(ctx context.Context, tenant, id string, revision int64, drafts []draft) (stands bool, err error) {
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
			if _, err := w.save.ExecContext(ctx, tenant, id, d.version, d.state, d.published, d.audience, d.channels, revision+1, d.body); err != nil {
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
