package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// The latest published version is found by walking down the versions until one was published.
const (
	findVersion = "SELECT body FROM questionnaires WHERE tenant = ? AND id = ? AND version = ?"
	findLatest  = "SELECT body FROM questionnaires WHERE tenant = ? AND id = ? AND published ORDER BY version DESC LIMIT 1"
)

// Questionnaire answers one version, or the latest that was ever published.
func (s *Store) Questionnaire(ctx context.Context, tenant, id string, version int32) (q *cmiv1.Questionnaire, err error) {
	ctx, span := start(ctx, "store.Questionnaire")
	defer func() { end(span, err) }()

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
	return decodeQuestionnaire(body)
}

func decodeQuestionnaire(body []byte) (*cmiv1.Questionnaire, error) {
	q := &cmiv1.Questionnaire{}
	if err := proto.Unmarshal(body, q); err != nil {
		return nil, fmt.Errorf("%w: a kept questionnaire cannot be read: %w", store.ErrUnavailable, err)
	}
	return q, nil
}

// channelsOf is the set of a questionnaire's channels, 0 for any.
func channelsOf(q *cmiv1.Questionnaire) int64 {
	var set int64
	for _, c := range q.GetChannels() {
		set |= channelBit(c)
	}
	return set
}

// channelBit has the channels of a later contract share the last bit.
func channelBit(c cmiv1.Channel) int64 { return 1 << min(uint32(c), 62) }
