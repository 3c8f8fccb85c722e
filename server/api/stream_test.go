package api

import (
	"context"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/store"
)

// broken is a store whose methods panic: there is none behind it.
type broken struct{ store.Store }

// uncertain knows of no calibration.
type uncertain struct{}

func (uncertain) Calibration(context.Context, string, string, int32, time.Time) (*cmiv1.Calibration, error) {
	return nil, nil
}

// builtin scores everything by a questionnaire that comes with the service.
type builtin struct{ scores.Scorers }

func (builtin) Scorer(context.Context, string, string, int32, bool) (*scoring.Scorer, error) {
	return scoring.Compile(questionnaire.Builtin()[0])
}

// script is a stream whose client says what it has to say and then ends.
type script struct {
	grpc.ServerStream
	say  []*cmiv1.StreamScoresRequest
	sent int
}

func (*script) Context() context.Context                 { return context.Background() }
func (*script) SendHeader(metadata.MD) error             { return nil }
func (s *script) Send(*cmiv1.StreamScoresResponse) error { s.sent++; return nil }
func (s *script) Recv() (*cmiv1.StreamScoresRequest, error) {
	if len(s.say) == 0 {
		return nil, io.EOF
	}
	next := s.say[0]
	s.say = s.say[1:]
	return next, nil
}

// Chunks are scored in goroutines that no interceptor guards.
func TestAPanicEndsTheStreamAndNotTheProcess(t *testing.T) {
	t.Parallel()
	service := &scoringService{
		scores: scores.New(scores.Config{
			Scorers: builtin{}, Store: broken{}, Certainty: uncertain{}, Recorded: func() {}, Now: time.Now,
		}),
		options: Options{PipelineDepth: 2},
	}
	stream := &script{say: []*cmiv1.StreamScoresRequest{
		{Message: &cmiv1.StreamScoresRequest_Config{Config: &cmiv1.StreamScoresConfig{QuestionnaireId: "builtin"}}},
		{Message: &cmiv1.StreamScoresRequest_Chunk{Chunk: &cmiv1.ResponseChunk{Responses: []*cmiv1.Response{{ResponseId: "r"}}}}},
	}}
	err := service.StreamScores(stream)
	st := errs.Status(err)
	if st.Code() != codes.Internal || st.Message() != "Internal error." || stream.sent != 0 {
		t.Errorf("%v after %d answers", st, stream.sent)
	}
}
