package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/settings"
)

// The neighbours that the others have to live with, and what they may cost: memory for both ends of everything, since clients
// and service share this process with other tests.
const (
	idleStreams = 1000
	idleLines   = 60
	heapBound   = 1 << 30
	answerBound = 30 * time.Second
)

// While a thousand streams do nothing, some clients do not read, and some send the largest messages there are, everybody else
// is served.
func TestBadNeighboursHarmNobody(t *testing.T) {
	t.Parallel()
	r := start(t)
	survey := r.publishAirline(t)
	r.publish(t, whyQuestionnaire("acme"))
	ctx, goHome := context.WithCancel(t.Context())
	defer goHome()

	idle := r.sitIdle(ctx, t)
	for _, client := range clients(t) {
		for range idleLines / 2 {
			if err := r.openLines(t, client).Send(config(true)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 4 {
		holdUnreadStreamOf(t, r, survey, n)
	}
	holdUnreadLines(t, r, survey)
	stop := make(chan struct{})
	var large atomic.Int64
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() { r.sendLarge(t, stop, &large) })
	}

	var slowest atomic.Int64
	var served atomic.Int64
	var callers sync.WaitGroup
	web := clients(t)
	for n := range 8 {
		callers.Go(func() {
			for i := range 50 {
				response := survey[(n*50+i)%len(survey)]
				mine := &cmiv1.Response{ResponseId: fmt.Sprintf("n-%d-%d", n, i), Answers: response.GetAnswers()}
				begin := time.Now()
				if n%2 == 0 {
					if _, err := r.scoring().ScoreCustomer(t.Context(), one(false, mine)); err != nil {
						t.Error(err)
						return
					}
				} else if _, err := postQuietly(t.Context(), r, web["HTTP/2"], mine); err != nil {
					t.Error(err)
					return
				}
				served.Add(1)
				for took := int64(time.Since(begin)); ; {
					if was := slowest.Load(); took <= was || slowest.CompareAndSwap(was, took) {
						break
					}
				}
			}
		})
	}
	callers.Wait()
	close(stop)
	senders.Wait()
	// The idle ones have lost nothing by their patience.
	for i := 0; i < len(idle); i += 100 {
		if err := idle[i].Send(chunk(1, survey[i])); err != nil {
			t.Fatal(err)
		}
		if answer, err := idle[i].Recv(); err != nil || answer.GetChunk().GetResults()[0].GetScore() == nil {
			t.Errorf("an idle stream that wakes up is answered %v %v", answer, err)
		}
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	t.Logf("%d calls served, the slowest in %v, beside %d idle streams and %d messages of nearly 16 MiB; %d MiB of heap",
		served.Load(), time.Duration(slowest.Load()), idleStreams+idleLines, large.Load(), memory.HeapAlloc>>20)
	if slowest.Load() > int64(answerBound) {
		t.Errorf("a call took %v", time.Duration(slowest.Load()))
	}
	if large.Load() == 0 {
		t.Error("no large message was answered: the test tried nothing")
	}
	if memory.HeapAlloc > heapBound {
		t.Errorf("%d bytes of heap", memory.HeapAlloc)
	}
}

// sitIdle opens streams that do nothing, over a few connections, each let in.
func (r *running) sitIdle(ctx context.Context, t *testing.T) (all []scoreStream) {
	t.Helper()
	var headers []func() (metadata.MD, error)
	for range 4 {
		conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		for range idleStreams / 4 {
			stream, err := cmiv1.NewScoringServiceClient(conn).StreamScores(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.Send(config(true)); err != nil {
				t.Fatal(err)
			}
			all, headers = append(all, stream), append(headers, stream.Header)
		}
	}
	for _, header := range headers {
		if _, err := header(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// holdUnreadStreamOf is holdUnreadStream with ids of its own.
func holdUnreadStreamOf(t *testing.T, r *running, survey []*cmiv1.Response, n int) {
	t.Helper()
	part := make([]*cmiv1.Response, 1000)
	for i := range part {
		part[i] = &cmiv1.Response{ResponseId: fmt.Sprintf("s-%d-%d", n, i), Answers: survey[i].GetAnswers()}
	}
	holdUnreadStream(t, r, part)
}

// sendLarge sends messages of nearly 16 MiB, and one above, until it is told to stop.
func (r *running) sendLarge(t *testing.T, stop <-chan struct{}, answered *atomic.Int64) {
	longest := strings.Repeat("\U0001F600", 10_000) // the longest text there may be, in the widest characters
	batch := &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "why", DryRun: true}
	for i := range 410 {
		batch.Responses = append(batch.Responses, why(fmt.Sprintf("large-%d", i), "", 5, longest))
	}
	for {
		got, err := r.scoring().BatchScoreCustomers(t.Context(), batch)
		if err != nil || len(got.GetResults()) != 410 || got.GetResults()[409].GetScore() == nil {
			t.Errorf("a large message was answered %v", err)
			return
		}
		answered.Add(1)
		select {
		case <-stop:
		default:
			continue
		}
		for range 20 {
			batch.Responses = append(batch.Responses, why("too-large", "", 5, longest))
		}
		if _, err := r.scoring().BatchScoreCustomers(t.Context(), batch); status.Code(err) != codes.ResourceExhausted {
			t.Errorf("a message that is too large was answered %v", err)
		}
		return
	}
}

// A stream on which nothing moves ends, and says why; one on which something moves, however little, lives on far beyond the
// limit.
func TestIdleStreamsEndAndBusyOnesLive(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second
	r := start(t, func(s *settings.Settings, _ *server.Options) { s.StreamIdleTimeout = limit })
	survey := r.publishAirline(t)
	var watched sync.WaitGroup
	for name, stream := range r.opened(t) {
		watched.Go(func() {
			begin := time.Now()
			_, err := stream.Recv()
			st := status.Convert(err)
			if st.Code() != codes.DeadlineExceeded || errs.Reason(st) != cmiv1.ErrorReason_STREAM_IDLE {
				t.Errorf("%s: an idle stream ended with %v", name, err)
			}
			if took := time.Since(begin); took < limit/2 {
				t.Errorf("%s: an idle stream ended after %v", name, took)
			}
		})
	}
	for name, stream := range r.opened(t) {
		watched.Go(func() {
			sequence := int32(0)
			for begin := time.Now(); time.Since(begin) < 3*limit; sequence++ {
				if err := stream.Send(chunk(sequence, survey[sequence%1000])); err != nil {
					t.Errorf("%s: %v", name, err)
					break
				}
				if answer, err := stream.Recv(); err != nil || answer.GetChunk().GetSequence() != sequence {
					t.Errorf("%s: after %v: %v %v", name, time.Since(begin), answer, err)
					return
				}
				time.Sleep(20 * time.Millisecond) // something moves now and then; that is what this is about
			}
			if err := stream.CloseSend(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if answer, err := stream.Recv(); err != nil || answer.GetSummary().GetChunks() != sequence {
				t.Errorf("%s: %v %v", name, answer, err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	watched.Wait()
}
