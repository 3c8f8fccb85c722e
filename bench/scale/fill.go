package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	chunk   = 1000
	streams = 4
	window  = 6 // chunks of a stream that are not answered yet
)

// fill sends the population: profiles, interactions, then wave after wave of responses, each in an order of customers of its
// own, as surveys come in.
func (s *service) fill(ctx context.Context, into *side) error {
	now, began := time.Now().UTC(), time.Now()
	if err := s.publish(ctx); err != nil {
		return err
	}
	if err := s.sendProfiles(ctx, into.customers, now); err != nil {
		return fmt.Errorf("profiles: %w", err)
	}
	if err := s.sendInteractions(ctx, into.customers, now); err != nil {
		return fmt.Errorf("interactions: %w", err)
	}
	var sent atomic.Int64
	report := progress(&sent, int64(into.customers)*waves)
	for wave := range waves {
		if err := s.sendWave(ctx, into.customers, wave, now, &sent); err != nil {
			report()
			return fmt.Errorf("wave %d: %w", wave, err)
		}
	}
	report()
	into.filled = time.Since(began)
	began = time.Now()
	if err := s.settle(ctx); err != nil {
		return err
	}
	into.settled = time.Since(began)
	began = time.Now()
	_, err := s.questionnaires.CalibrateQuestionnaire(ctx, &cmiv1.CalibrateQuestionnaireRequest{QuestionnaireId: questionnaireID})
	if err != nil {
		return fmt.Errorf("calibrate: %w", err)
	}
	into.calibrate = time.Since(began)
	return s.settle(ctx)
}

func (s *service) publish(ctx context.Context) error {
	_, err := s.questionnaires.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: questionnaire()})
	if err == nil {
		_, err = s.questionnaires.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: questionnaireID})
	}
	return err
}

func (s *service) sendProfiles(ctx context.Context, customers int, now time.Time) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(streams)
	for from := 0; from < customers; from += chunk {
		group.Go(func() error {
			request := &cmiv1.BatchPutCustomersRequest{}
			for i := from; i < min(from+chunk, customers); i++ {
				request.Customers = append(request.Customers, newCustomer(i, now).profile())
			}
			answer, err := s.customers.BatchPutCustomers(ctx, request)
			for _, result := range answer.GetResults() {
				if result.GetError() != nil {
					return status.ErrorProto(result.GetError())
				}
			}
			return err
		})
	}
	return group.Wait()
}

func (s *service) sendInteractions(ctx context.Context, customers int, now time.Time) error {
	group, ctx := errgroup.WithContext(ctx)
	for k := range streams {
		group.Go(func() error {
			stream, err := s.customers.StreamInteractions(ctx)
			if err != nil {
				return err
			}
			batch := &cmiv1.StreamInteractionsRequest{}
			for i := k; i < customers; i += streams {
				c := newCustomer(i, now)
				c.profile() // draws the same random numbers as before
				batch.Interactions = append(batch.Interactions, c.interactions()...)
				if len(batch.Interactions)+interactions > chunk || i+streams >= customers {
					if err := stream.Send(batch); err != nil {
						return errors.Join(err, stream.RecvMsg(&cmiv1.StreamInteractionsResponse{}))
					}
					batch = &cmiv1.StreamInteractionsRequest{}
				}
			}
			answer, err := stream.CloseAndRecv()
			if err == nil && len(answer.GetErrors()) > 0 {
				err = fmt.Errorf("refused: %v", answer.GetErrors())
			}
			return err
		})
	}
	return group.Wait()
}

// sendWave sends one response of each customer, over a few streams. Customers come in an order that is as good as random.
func (s *service) sendWave(ctx context.Context, customers, wave int, now time.Time, sent *atomic.Int64) error {
	group, ctx := errgroup.WithContext(ctx)
	for k := range streams {
		group.Go(func() error {
			stream, err := s.scoring.StreamScores(ctx)
			if err != nil {
				return err
			}
			config := &cmiv1.StreamScoresConfig{QuestionnaireId: questionnaireID}
			if err := stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{Config: config}}); err != nil {
				return err
			}
			ahead := make(chan struct{}, window)
			group.Go(func() error { return receive(stream, ahead, sent) })
			sequence := int32(0)
			responses := make([]*cmiv1.Response, 0, chunk)
			for j := k; j < customers; j += streams {
				responses = append(responses, newCustomer(shuffled(j, wave, customers), now).response(wave))
				if len(responses) < chunk && j+streams < customers {
					continue
				}
				select {
				case ahead <- struct{}{}:
				case <-ctx.Done():
					return ctx.Err()
				}
				if err := stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{
					Chunk: &cmiv1.ResponseChunk{Sequence: sequence, Responses: responses},
				}}); err != nil {
					return err
				}
				sequence, responses = sequence+1, responses[:0]
			}
			return stream.CloseSend()
		})
	}
	return group.Wait()
}

// shuffled is a customer's place in a wave: a step that shares no factor with the number of customers visits all of them.
func shuffled(j, wave, customers int) int {
	const step = 611_953 // prime, and no divisor of a round number
	return int((int64(j)*step + int64(wave)*7919) % int64(customers))
}

func receive(stream cmiv1.ScoringService_StreamScoresClient, ahead <-chan struct{}, sent *atomic.Int64) error {
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if chunk := message.GetChunk(); chunk != nil {
			for _, result := range chunk.GetResults() {
				if result.GetError() != nil {
					return status.ErrorProto(result.GetError())
				}
			}
			sent.Add(int64(len(chunk.GetResults())))
			<-ahead
		}
	}
}

// settle waits until every standing is computed.
func (s *service) settle(ctx context.Context) error {
	for {
		page, err := s.customers.ListCustomers(ctx, &cmiv1.ListCustomersRequest{PageSize: 1})
		if err != nil && status.Code(err) != codes.Unavailable {
			return err
		}
		if err == nil && page.GetPending() == 0 {
			return nil
		}
	}
}

// progress says every ten seconds how far the filling is, until what it answers is called.
func progress(sent *atomic.Int64, all int64) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for last := int64(0); ; {
			select {
			case <-ended:
				return
			case <-tick.C:
				n := sent.Load()
				fmt.Fprintf(os.Stderr, "%d of %d responses, %d/s\n", n, all, (n-last)/10)
				last = n
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}
