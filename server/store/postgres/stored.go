package postgres

import (
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// storedColumns is all of a response but the response itself, which not everyone asks for.
const storedColumns = "key, seq, tenant_class, submitted_at, content, voided_at, void_reason, score"

// stored is a row as it is read, still encoded.
type stored struct {
	key         form.Hash
	seq         int64
	class       int64 // within the tenant; 0: it was erased
	submittedAt int64
	content     []byte
	voidedAt    *int64
	voidReason  []byte
	score       []byte
	whole       bool // whether the response was asked for
	response    []byte
}

func (s *stored) fields() []any {
	fields := []any{(*[16]byte)(&s.key), &s.seq, &s.class, &s.submittedAt, &s.content, &s.voidedAt, &s.voidReason, &s.score}
	if s.whole {
		fields = append(fields, &s.response)
	}
	return fields
}

// eachStored gives the rows of a query to take, one by one.
func eachStored(rows pgx.Rows, whole bool, take func(*stored) error) error {
	defer rows.Close()
	for rows.Next() {
		s := &stored{whole: whole}
		if err := rows.Scan(s.fields()...); err != nil {
			return fmt.Errorf("read a response: %w", err)
		}
		if err := take(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// erased says whether only the key is left.
func (s *stored) erased() bool { return s.class == 0 }

func (s *stored) decodeScore() (*cmiv1.Score, error) {
	if s.voidedAt == nil {
		return form.DecodeScore(s.score, nil)
	}
	return form.DecodeScore(s.score, &cmiv1.Void{VoidedAt: timestamppb.New(time.UnixMicro(*s.voidedAt)), Reason: string(s.voidReason)})
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
