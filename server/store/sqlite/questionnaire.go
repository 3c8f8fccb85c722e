package sqlite

import (
	"context"
	"database/sql"
	"errors"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The latest published version is found by walking down the versions until one was published.
const (
	findVersion = "SELECT body FROM questionnaires WHERE tenant = ? AND id = ? AND version = ?"
	findLatest  = "SELECT body FROM questionnaires WHERE tenant = ? AND id = ? AND published ORDER BY version DESC LIMIT 1"
)

// Questionnaire answers one version, or the latest that was ever published.
func (s *Store) Questionnaire(ctx context.Context, tenant, id string, version int32) (q *cmiv1.Questionnaire, err error) {
	ctx, span := form.Start(ctx, driver, "store.Questionnaire")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	find, args := s.reader.findVersion, []any{tenant, id, version}
	if version == 0 {
		find, args = s.reader.findLatest, args[:2]
	}
	var body []byte
	err = find.QueryRowContext(ctx, args...).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, unavailable(ctx, "read a questionnaire", err)
	}
	return form.DecodeQuestionnaire(body)
}
