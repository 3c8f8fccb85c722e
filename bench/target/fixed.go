package target

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/bench/sample"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/scores"
)

// fixed answers every request with the same score, which is the one that the engine gives the sample: nobody who scores can
// do less. gRPC decodes the same requests for it and encodes answers of the same size.
type fixed struct {
	cmiv1.UnimplementedScoringServiceServer
	answer  *cmiv1.ScoreCustomerResponse
	results []*cmiv1.ScoreResult
}

func newFixed() (*fixed, error) {
	score, err := score()
	if err != nil {
		return nil, err
	}
	f := &fixed{answer: &cmiv1.ScoreCustomerResponse{Score: score}, results: make([]*cmiv1.ScoreResult, scores.MaxResponses)}
	for i := range f.results {
		f.results[i] = &cmiv1.ScoreResult{Result: &cmiv1.ScoreResult_Score{Score: score}}
	}
	return f, nil
}

// score scores the sample.
func score() (*cmiv1.Score, error) {
	for _, q := range questionnaire.Builtin() {
		if q.GetQuestionnaireId() != sample.Questionnaire {
			continue
		}
		scorer, err := scoring.Compile(q)
		if err != nil {
			return nil, err
		}
		score, err := scorer.Score(sample.Response())
		if err != nil {
			return nil, err
		}
		score.ScoredAt = timestamppb.New(time.Now().Truncate(time.Microsecond))
		score.SubmittedAt = score.ScoredAt
		return score, nil
	}
	return nil, errors.New("there is no questionnaire " + sample.Questionnaire)
}

// ScoreCustomer answers the score.
func (f *fixed) ScoreCustomer(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	return f.answer, nil
}

// StreamScores answers each chunk with as many scores as it has responses.
func (f *fixed) StreamScores(stream grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	var total int32
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Summary{
				Summary: &cmiv1.StreamScoresSummary{Responses: total},
			}})
		}
		if err != nil {
			return err
		}
		chunk := message.GetChunk()
		if chunk == nil {
			continue
		}
		total += int32(len(chunk.GetResponses()))
		if err := stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{
			Chunk: &cmiv1.ResultChunk{Sequence: chunk.GetSequence(), Results: f.results[:len(chunk.GetResponses())]},
		}}); err != nil {
			return err
		}
	}
}
