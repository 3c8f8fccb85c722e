package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The lists of questionnaires walk all versions in their order, from the last page's end on. A version is the latest where
// none is later: one more step in the same index.
const (
	listVersions = `SELECT body FROM questionnaires AS q INDEXED BY questionnaires_by_version
		WHERE tenant = @tenant AND id >= @afterID AND (id > @afterID OR version < @afterVersion)
		AND (@state = 0 OR state = @state)
		AND (@audience = 0 OR audience = @audience)
		AND (@channel = 0 OR channels = 0 OR channels & @channel)`
	onlyID     = ` AND id = @id`
	onlyLatest = ` AND NOT EXISTS (SELECT 1 FROM questionnaires AS later INDEXED BY questionnaires_by_version
		WHERE later.tenant = q.tenant AND later.id = q.id AND later.version > q.version)`
	inOrder = ` ORDER BY id, version DESC LIMIT @limit + 0`
)

// ListQuestionnaires answers a page of versions.
func (s *Store) ListQuestionnaires(ctx context.Context, tenant string, filter store.QuestionnaireFilter, limit int) (page []*cmiv1.Questionnaire, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListQuestionnaires")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	text, args := listing(tenant, filter, max(limit, 0))
	err = s.reader.each(ctx, text, args, func(rows *sql.Rows) error {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return fmt.Errorf("read a questionnaire: %w", err)
		}
		q, err := form.DecodeQuestionnaire(body)
		page = append(page, q)
		return err
	})
	if err != nil {
		return nil, unavailable(ctx, "list questionnaires", err)
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

func listing(tenant string, filter store.QuestionnaireFilter, limit int) (text string, args []any) {
	args = []any{
		sql.Named("tenant", tenant),
		sql.Named("afterID", filter.AfterID),
		sql.Named("afterVersion", filter.AfterVersion),
		sql.Named("state", int64(filter.State)),
		sql.Named("audience", int64(filter.Audience)),
		sql.Named("channel", form.ChannelAsked(filter.Channel)),
		sql.Named("limit", limit),
	}
	text = listVersions
	if filter.ID != "" {
		text += onlyID
		args = append(args, sql.Named("id", filter.ID))
	}
	if !filter.AllVersions {
		text += onlyLatest
	}
	return text + inOrder, args
}
