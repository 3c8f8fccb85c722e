package form

import (
	"database/sql"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Response is an entry as it is written. It is made by the caller's goroutine, so that who writes only writes.
type Response struct {
	Questionnaire string
	Key           Hash
	CustomerID    string // empty for an anonymous response
	ScoredAt      *timestamppb.Timestamp
	Class         Class
	Version       int32
	SubmittedAt   int64 // microseconds since 1970
	CMI           sql.NullFloat64
	Content       []byte
	Digest        []byte // of the score
	Score         []byte
	Response      []byte
}

// NewResponse checks and encodes an entry.
func NewResponse(keys *Secret, tenant string, e store.Entry) (*Response, error) {
	score := e.Score
	switch {
	case e.Response == nil || score == nil:
		return nil, errors.New("an entry needs a response and a score")
	case score.GetResponseId() == "":
		return nil, errors.New("a score needs the id of its response")
	case score.GetSubmittedAt() == nil:
		return nil, errors.New("a score needs the time of submission")
	}
	if err := known(score.GetStatus(), score.GetBucket()); err != nil {
		return nil, err
	}
	r := &Response{
		Questionnaire: score.GetQuestionnaireId(),
		Key:           keys.Hash(OfResponse, tenant, score.GetResponseId()),
		CustomerID:    score.GetCustomerId(),
		ScoredAt:      score.GetScoredAt(),
		Class:         classOf(score.GetStatus(), score.GetBucket()),
		Version:       score.GetQuestionnaireVersion(),
		SubmittedAt:   Micros(score.GetSubmittedAt()),
		Content:       e.Content[:],
		Digest:        EncodeDigest(score),
	}
	if score.Cmi != nil {
		r.CMI = sql.NullFloat64{Float64: score.GetCmi(), Valid: true}
	}
	var err error
	if r.Score, err = proto.Marshal(score); err != nil {
		return nil, fmt.Errorf("encode the score: %w", err)
	}
	if r.Response, err = proto.Marshal(e.Response); err != nil {
		return nil, fmt.Errorf("encode the response: %w", err)
	}
	return r, nil
}

// Decode reads a message back. What cannot be read is a fault of the store: what names it in its error.
func Decode(body []byte, into proto.Message, what string) error {
	if err := proto.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: a kept %s cannot be read: %w", store.ErrUnavailable, what, err)
	}
	return nil
}

// DecodeScore makes a score whole with its void mark, which drivers keep beside it.
func DecodeScore(body []byte, void *cmiv1.Void) (*cmiv1.Score, error) {
	score := &cmiv1.Score{}
	if err := Decode(body, score, "score"); err != nil {
		return nil, err
	}
	score.Void = void
	return score, nil
}
