package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// sendResponses streams what the customers answer, and reads the scores while it does. Only so many chunks are under way at a
// time: who sends without reading may find that both sides wait for each other.
func (r *receiver) sendResponses(ctx context.Context, came *arrival) error {
	group, ctx := errgroup.WithContext(ctx)
	stream, err := cmiv1.NewScoringServiceClient(r.conn).StreamScores(ctx)
	if err != nil {
		return err
	}
	window := make(chan struct{}, chunksInFlight)
	sent := 0
	group.Go(func() (err error) {
		sent, err = r.writeChunks(ctx, stream, came.questionnaire, window)
		return err
	})
	group.Go(func() error { return readChunks(stream, came, window) })
	if err := group.Wait(); err != nil {
		return err
	}
	if answered := int(came.responses.GetResponses()); answered != sent {
		return fmt.Errorf("%s sent, and %d answered", plural(sent, "response"), answered)
	}
	return nil
}

// writeChunks sends the config, then every chunk once there is room in the window, and answers how many responses it sent.
func (r *receiver) writeChunks(ctx context.Context, stream cmiv1.ScoringService_StreamScoresClient, q *cmiv1.Questionnaire,
	window chan<- struct{}) (sent int, err error) {
	err = stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{
		Config: &cmiv1.StreamScoresConfig{QuestionnaireId: q.GetQuestionnaireId(), Version: q.GetVersion()},
	}})
	if err == nil {
		sequence := int32(0)
		err = inParcels(r.plan.Customers, responsesSent, r.plan.Responses, func(parcel []*cmiv1.Response, done int) error {
			select {
			case window <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			r.shown.reach(done)
			sent += len(parcel)
			sequence++
			return stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{
				Chunk: &cmiv1.ResponseChunk{Sequence: sequence, Responses: parcel},
			}})
		})
	}
	switch {
	case errors.Is(err, io.EOF):
		return sent, nil // the stream is over, and the reading side learns why
	case err != nil:
		return sent, err
	}
	return sent, stream.CloseSend()
}

// readChunks reads the answers up to the summary, and makes room in the window with each.
func readChunks(stream cmiv1.ScoringService_StreamScoresClient, came *arrival, window <-chan struct{}) error {
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if summary := message.GetSummary(); summary != nil {
			came.responses = summary
			continue
		}
		select {
		case <-window:
		default:
			return fmt.Errorf("chunk %d was answered and not sent", message.GetChunk().GetSequence())
		}
		for _, result := range message.GetChunk().GetResults() {
			if refused := result.GetError(); refused != nil {
				came.refuse("responses", reason(refused), 1, refused.GetMessage())
			}
		}
	}
}
