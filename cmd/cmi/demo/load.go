package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// chunkSize is how many responses go into one chunk of the stream.
const chunkSize = 100

// publish saves the questionnaire as a draft and publishes it.
func publish(ctx context.Context, conn grpc.ClientConnInterface, q *cmiv1.Questionnaire) (*cmiv1.Questionnaire, error) {
	client := cmiv1.NewQuestionnaireServiceClient(conn)
	if _, err := client.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: q}); err != nil {
		return nil, failed("the questionnaire was not saved", err)
	}
	published, err := client.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: q.GetQuestionnaireId()})
	if err != nil {
		return nil, failed("the questionnaire was not published", err)
	}
	return published.GetQuestionnaire(), nil
}

// stream sends all responses in chunks while it reads the answers, and answers one score for each, in order. answered is
// told how many were answered with each chunk.
func stream(ctx context.Context, conn grpc.ClientConnInterface, questionnaireID string, responses []*cmiv1.Response,
	answered func(n int)) ([]*cmiv1.Score, error) {
	group, ctx := errgroup.WithContext(ctx)
	call, err := cmiv1.NewScoringServiceClient(conn).StreamScores(ctx)
	if err != nil {
		return nil, failed("the stream did not start", err)
	}
	group.Go(func() error { return send(call, questionnaireID, responses) })
	var scores []*cmiv1.Score
	group.Go(func() (err error) {
		scores, err = receive(call, answered)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if len(scores) != len(responses) {
		return nil, fmt.Errorf("%d responses were sent, and %d answered", len(responses), len(scores))
	}
	return scores, nil
}

// send writes the config, then the chunks.
func send(call cmiv1.ScoringService_StreamScoresClient, questionnaireID string, responses []*cmiv1.Response) error {
	err := call.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{
		Config: &cmiv1.StreamScoresConfig{QuestionnaireId: questionnaireID},
	}})
	sequence := int32(0)
	for chunk := range slices.Chunk(responses, chunkSize) {
		if err != nil {
			break
		}
		sequence++
		err = call.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{
			Chunk: &cmiv1.ResponseChunk{Sequence: sequence, Responses: chunk},
		}})
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil // the stream is over, and the reading side learns why
	case err != nil:
		return failed("the stream broke while sending", err)
	}
	if err := call.CloseSend(); err != nil {
		return failed("the stream broke at its end", err)
	}
	return nil
}

// receive reads answers until the service ends the stream.
func receive(call cmiv1.ScoringService_StreamScoresClient, answered func(n int)) ([]*cmiv1.Score, error) {
	var scores []*cmiv1.Score
	for {
		message, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return scores, nil
		}
		if err != nil {
			return nil, failed(fmt.Sprintf("the stream broke after %d answers", len(scores)), err)
		}
		for _, result := range message.GetChunk().GetResults() {
			if refused := result.GetError(); refused != nil {
				return nil, fmt.Errorf("response %q was refused: %s", result.GetResponseId(), refused.GetMessage())
			}
			scores = append(scores, result.GetScore())
		}
		answered(len(message.GetChunk().GetResults()))
	}
}

// failed says what did not work, and why in the words of the service.
func failed(what string, err error) error {
	return fmt.Errorf("%s: %s", what, status.Convert(err).Message())
}
