package sqlite

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/server/store"
)

// row is an entry as it is written. It is made by the caller's goroutine, so that the writer only writes, and so that a
// caller may change its messages once it was answered, whatever the writer is at.
type row struct {
	tenant        string
	questionnaire string
	key           idHash
	customer      *visit // nil for an anonymous response
	class         class
	version       int32
	submittedAt   int64
	cmi           any // nil where there is none
	content       []byte
	score         []byte
	response      []byte

	seq    int64
	result store.Result
	stands *stored // what was there before, where it was replayed
}

func newRow(keys *secret, tenant string, e store.Entry) (*row, error) {
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
	r := &row{
		tenant:        tenant,
		questionnaire: score.GetQuestionnaireId(),
		key:           keys.hash(ofResponse, tenant, score.GetResponseId()),
		class:         classOf(score.GetStatus(), score.GetBucket()),
		version:       score.GetQuestionnaireVersion(),
		submittedAt:   microsOf(score.GetSubmittedAt()),
		content:       e.Content[:],
	}
	if id := score.GetCustomerId(); id != "" {
		r.customer = keys.visit(tenant, id, score.GetScoredAt())
	}
	if score.Cmi != nil {
		r.cmi = score.GetCmi()
	}
	var err error
	if r.score, err = proto.Marshal(score); err != nil {
		return nil, fmt.Errorf("encode the score: %w", err)
	}
	if r.response, err = proto.Marshal(e.Response); err != nil {
		return nil, fmt.Errorf("encode the response: %w", err)
	}
	return r, nil
}

// microsOf cuts a time to whole microseconds. The nanos of a Timestamp count forward also before 1970.
func microsOf(t *timestamppb.Timestamp) int64 { return t.GetSeconds()*1e6 + int64(t.GetNanos())/1e3 }
