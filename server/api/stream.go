package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"

	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/scores"
)

// StreamScores answers each chunk in order once it is on disk. One goroutine takes chunks, each is scored and recorded on
// its own, and the handler's goroutine sends the answers in the order of the chunks; the queue between them is what bounds
// the stream's memory and what makes flow control reach the client.
//
// Whatever ends the taking (the client's end, a fault of the protocol, idleness, the shutdown), the chunks that were taken
// are answered first.
func (s *scoringService) StreamScores(stream cmiv1.ScoringService_StreamScoresServer) error {
	run, err := s.configure(stream)
	if err != nil {
		return err
	}
	// Sent before the first chunk is taken: a client knows at once that it was let in, and the door of HTTP, which can say
	// so with its status code, that it was not.
	if err := stream.SendHeader(metadata.MD{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	p := &pipeline{run: run, queue: make(chan *taken, s.options.PipelineDepth-1)}
	go p.take(ctx, stream)
	return p.answer(ctx, stream)
}

// configure reads the first message.
func (s *scoringService) configure(stream cmiv1.ScoringService_StreamScoresServer) (*scores.Run, error) {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil, protocol("config", "the stream ended before its first message, which is the config")
	}
	if err != nil {
		return nil, err
	}
	config := first.GetConfig()
	if config == nil {
		return nil, protocol("config", "the first message of the stream is its config; this one is not")
	}
	return s.open(stream.Context(), config, "config")
}

// pipeline is one stream under way.
type pipeline struct {
	run   *scores.Run
	queue chan *taken
	// ended says why the taking ended, nil for the client's own end; read it once the queue is closed.
	ended error
}

// taken is a chunk that was taken, and its results once done is closed.
type taken struct {
	chunk   *cmiv1.ResponseChunk
	results []scores.Result
	wire    []*cmiv1.ScoreResult
	err     error
	done    chan struct{}
}

// take takes chunks until the stream ends, sets each to work and queues it for its answer.
func (p *pipeline) take(ctx context.Context, stream cmiv1.ScoringService_StreamScoresServer) {
	defer close(p.queue)
	next := int64(-1) // any start
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = checkChunk(message, next)
		}
		if err != nil {
			p.ended = err
			return
		}
		t := &taken{chunk: message.GetChunk(), done: make(chan struct{})}
		next = int64(t.chunk.GetSequence()) + 1
		// The place in the queue comes first: it is what bounds the work that is under way.
		select {
		case p.queue <- t:
		case <-ctx.Done():
			p.ended = ctx.Err()
			return
		}
		go p.score(ctx, t)
	}
}

// score scores a chunk in a goroutine of its own, which no interceptor guards: a panic in it would end the process.
func (p *pipeline) score(ctx context.Context, t *taken) {
	defer close(t.done)
	defer func() {
		if value := recover(); value != nil {
			t.err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	if t.results, t.err = p.run.ScoreAll(ctx, t.chunk.GetResponses(), "chunk.responses"); t.err == nil {
		t.wire = toWire(ctx, t.chunk.GetResponses(), t.results)
	}
}

// checkChunk refuses what is not the next chunk.
func checkChunk(message *cmiv1.StreamScoresRequest, next int64) error {
	chunk := message.GetChunk()
	switch sequence := int64(chunk.GetSequence()); {
	case message.GetConfig() != nil:
		return protocol("config", "the config comes first and once; this is a second one")
	case chunk == nil:
		return protocol("chunk", "the message is empty; after the config come chunks")
	case sequence < 0:
		return fault.Field(cmiv1.ErrorReason_SEQUENCE_GAP, "chunk.sequence", "%d is below 0", sequence)
	case next >= 0 && sequence != next:
		return fault.Field(cmiv1.ErrorReason_SEQUENCE_GAP, "chunk.sequence", "%d does not follow %d; %d does", sequence, next-1, next)
	case len(chunk.GetResponses()) > scores.MaxResponses:
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "chunk.responses",
			"%d responses in chunk %d; a chunk has at most %d", len(chunk.GetResponses()), sequence, scores.MaxResponses)
	}
	return nil
}

func protocol(field, text string) error {
	return fault.Field(cmiv1.ErrorReason_STREAM_PROTOCOL, field, "%s", text)
}

// answer sends the results of every chunk in order, then the summary, or ends with what ended the taking.
func (p *pipeline) answer(ctx context.Context, stream cmiv1.ScoringService_StreamScoresServer) error {
	summary := newSummary()
	for t := range p.queue {
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if t.err != nil {
			return t.err
		}
		summary.add(t.results)
		err := stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{
			Chunk: &cmiv1.ResultChunk{Sequence: t.chunk.GetSequence(), Results: t.wire},
		}})
		if err != nil {
			return err
		}
	}
	if p.ended != nil {
		return p.ended
	}
	return stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Summary{Summary: summary.message}})
}

// summary counts what a stream comes to.
type summary struct{ message *cmiv1.StreamScoresSummary }

func newSummary() summary {
	return summary{&cmiv1.StreamScoresSummary{
		Statuses: map[string]int32{}, Buckets: map[string]int32{}, Errors: map[string]int32{},
	}}
}

func (s summary) add(results []scores.Result) {
	s.message.Chunks = more(s.message.Chunks, 1)
	s.message.Responses = more(s.message.Responses, len(results))
	statuses, buckets := map[cmiv1.ScoreStatus]int{}, map[cmiv1.Bucket]int{}
	for _, result := range results {
		if result.Err != nil {
			reason := fault.ReasonOf(result.Err).String()
			s.message.Errors[reason] = more(s.message.Errors[reason], 1)
			continue
		}
		if result.Replayed {
			s.message.Replayed = more(s.message.Replayed, 1)
		}
		statuses[result.Score.GetStatus()]++
		if bucket := result.Score.GetBucket(); bucket != cmiv1.Bucket_BUCKET_UNSPECIFIED {
			buckets[bucket]++
		}
	}
	for status, n := range statuses {
		s.message.Statuses[status.String()] = more(s.message.Statuses[status.String()], n)
	}
	for bucket, n := range buckets {
		s.message.Buckets[bucket.String()] = more(s.message.Buckets[bucket.String()], n)
	}
}

// more adds to a count of the contract, which stays at its end instead of turning negative.
func more(count int32, n int) int32 {
	return int32(min(int64(count)+int64(n), math.MaxInt32))
}
