package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/bench/sample"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// streamer sends chunks by StreamScores, a number of them ahead of their answers.
type streamer struct {
	conns    []*grpc.ClientConn
	template sample.ChunkTemplate
}

func newStreamer(o Order) (*streamer, error) {
	template, err := sample.NewChunkTemplate()
	if err != nil {
		return nil, err
	}
	conns, err := dial(o)
	return &streamer{conns: conns, template: template}, err
}

func (s *streamer) close() error { return closeAll(s.conns) }

func (s *streamer) run(ctx context.Context, o Order, next *atomic.Uint64) (Report, error) {
	var answered atomic.Int64
	faults := make([]error, o.Callers)
	start := time.Now()
	more := o.more(start)
	var streams sync.WaitGroup
	for i := range o.Callers {
		streams.Go(func() {
			n, err := s.one(ctx, s.conns[i%len(s.conns)], o, next, more)
			answered.Add(int64(n))
			faults[i] = err
		})
	}
	streams.Wait()
	return Report{Responses: int(answered.Load()), Seconds: since(start)}, errors.Join(faults...)
}

// one runs one stream from its config to its summary, and answers how many responses were answered.
func (s *streamer) one(ctx context.Context, conn *grpc.ClientConn, o Order, next *atomic.Uint64, more func(int) bool) (int, error) {
	ctx, cancel := context.WithCancel(metadata.NewOutgoingContext(ctx, credentials(o.Key)))
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
		cmiv1.ScoringService_StreamScores_FullMethodName, grpc.ForceCodecV2(raw{}))
	if err != nil {
		return 0, err
	}
	config, err := proto.Marshal(sample.Config(o.DryRun))
	if err != nil {
		return 0, err
	}
	if err := stream.SendMsg(config); err != nil {
		return 0, err
	}
	room := make(chan struct{}, o.Window)
	var chunks atomic.Int64
	go s.send(ctx, stream, o, next, more, room, &chunks)
	for got := 0; ; got++ {
		answer := reply{keep: 1 << 10}
		if err := stream.RecvMsg(&answer); err != nil {
			return 0, fmt.Errorf("the stream ended without a summary: %w", err)
		}
		select {
		case <-room:
			continue
		default:
		}
		// An answer to no chunk is the summary.
		return got * o.Chunk, s.finish(stream, answer, got*o.Chunk)
	}
}

// send sends chunks while there is more to send and room for it. A buffer is used again when its chunk was answered.
func (s *streamer) send(ctx context.Context, stream grpc.ClientStream, o Order, next *atomic.Uint64, more func(int) bool,
	room chan struct{}, chunks *atomic.Int64) {
	buffers := make([][]byte, o.Window+1)
	for more(o.Chunk) {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		sequence := chunks.Add(1)
		buffer := &buffers[sequence%int64(len(buffers))]
		first := next.Add(uint64(o.Chunk)) - uint64(o.Chunk)
		*buffer = s.template.Append((*buffer)[:0], int32(sequence), first, o.Chunk)
		if stream.SendMsg(*buffer) != nil {
			return // the receiver learns why
		}
	}
	_ = stream.CloseSend() // it never fails
}

// finish looks whether the summary counts what was sent, and every response as answered well.
func (s *streamer) finish(stream grpc.ClientStream, last reply, want int) error {
	var answer cmiv1.StreamScoresResponse
	if err := proto.Unmarshal(last.body, &answer); err != nil {
		return err
	}
	summary := answer.GetSummary()
	if int(summary.GetResponses()) != want || len(summary.GetErrors()) > 0 || summary.GetReplayed() > 0 {
		return fmt.Errorf("%d responses were sent, and the summary says %v", want, summary)
	}
	if err := stream.RecvMsg(&reply{}); !errors.Is(err, io.EOF) {
		return fmt.Errorf("after the summary: %w", err)
	}
	return nil
}
