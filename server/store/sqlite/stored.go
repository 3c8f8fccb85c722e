package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// storedColumns is all of a response but the response itself, which not everyone asks for. The reason of a mark is looked
// up for those rows alone that have one.
const storedColumns = `seq, tenant_class, submitted_at, content, voided_at, CASE WHEN voided_at < ` + unmarked + ` THEN
	(SELECT body FROM void_reasons JOIN slots ON slots.seq = slot WHERE void_reasons.response = responses.seq) END, score`

// unmarked is the voided_at of a response that is not void: the largest integer, math.MaxInt64.
const unmarked = "9223372036854775807"

// stored is a row as it is read, still encoded.
type stored struct {
	seq         int64
	class       int64 // within the tenant; 0: it was erased
	submittedAt int64
	content     []byte
	voidedAt    int64
	voidReason  []byte // the slot
	score       []byte
	whole       bool // whether the response was asked for
	response    []byte
}

// fields are the places to scan storedColumns into, and the response behind them where it is asked for.
func (s *stored) fields() []any {
	fields := []any{&s.seq, &s.class, &s.submittedAt, &s.content, &s.voidedAt, &s.voidReason, &s.score}
	if s.whole {
		fields = append(fields, &s.response)
	}
	return fields
}

// findStored runs a statement that finds a row by its key, with the response where it answers the whole.
func findStored(ctx context.Context, find *sql.Stmt, key form.Hash, whole bool) (*stored, error) {
	s := stored{whole: whole}
	err := find.QueryRowContext(ctx, key[:]).Scan(s.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// erased says whether only the key is left.
func (s *stored) erased() bool { return s.class == 0 }

// decodeScore makes the score whole with its void mark, which has columns of its own so that marking writes little.
func (s *stored) decodeScore() (*cmiv1.Score, error) {
	if s.voidedAt == math.MaxInt64 {
		return form.DecodeScore(s.score, nil)
	}
	reason, err := slotText(s.voidReason)
	if err != nil {
		return nil, fmt.Errorf("%w: the reason of a void mark cannot be read: %w", store.ErrUnavailable, err)
	}
	return form.DecodeScore(s.score, &cmiv1.Void{VoidedAt: timestamppb.New(time.UnixMicro(s.voidedAt)), Reason: string(reason)})
}

func (s *stored) decode() (*store.Kept, error) {
	score, err := s.decodeScore()
	if err != nil {
		return nil, err
	}
	kept := &store.Kept{Score: score, Content: store.ContentHash(s.content), Cursor: form.CursorAt(s.submittedAt, s.seq)}
	if s.whole {
		kept.Response = &cmiv1.Response{}
		if err := form.Decode(s.response, kept.Response, "response"); err != nil {
			return nil, err
		}
	}
	return kept, nil
}
