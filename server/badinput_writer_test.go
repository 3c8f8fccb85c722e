package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

const (
	// writerChunks of 1,000 responses of 12 answers are a million answers and a little more.
	writerChunks = 84
	// writerTime is far more than any of this takes; a client that still waits then is one that would wait for ever.
	writerTime = 100 * time.Second
)

// survey is the body of a stream, made as it is read: a config, then chunks that differ in their sequence alone.
type survey struct {
	chunks int
	tail   string // of a chunk, after its sequence
	next   strings.Reader
	sent   int
	// written is closed when all was read, which is when the client has written everything. heap is the most that was in use
	// meanwhile.
	written chan struct{}
	heap    uint64
	once    sync.Once
}

func newSurvey(t *testing.T, chunks int, explain bool) *survey {
	t.Helper()
	one, err := protojson.Marshal(&cmiv1.Response{Answers: airlineAnswers()})
	if err != nil {
		t.Fatal(err)
	}
	s := &survey{chunks: chunks, tail: `,"responses":[` + strings.Repeat(string(one)+",", 999) + string(one) + "]}}\n", written: make(chan struct{})}
	s.next.Reset(fmt.Sprintf(`{"config":{"questionnaireId":"airline","dryRun":true,"explain":%t}}`+"\n", explain))
	return s
}

// airlineAnswers are answers to all 12 items.
func airlineAnswers() []*cmiv1.Answer {
	var all []*cmiv1.Answer
	for _, id := range strings.Fields("com1 com2 com3 reputation nflights loy1 loy2 loy3 loy4 loy5 nps") {
		all = append(all, &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: 5}})
	}
	return append(all, &cmiv1.Answer{ItemId: "status", Value: &cmiv1.Answer_Choice{Choice: "Silver"}})
}

func (s *survey) Read(p []byte) (int, error) {
	if s.next.Len() == 0 {
		if s.sent == s.chunks {
			s.Close()
			return 0, io.EOF
		}
		s.sent++
		s.heap = max(s.heap, heapInUse())
		s.next.Reset(fmt.Sprintf(`{"chunk":{"sequence":%d`, s.sent) + s.tail)
	}
	return s.next.Read(p)
}

// Close is what a transport does that stops writing.
func (s *survey) Close() error {
	s.once.Do(func() { close(s.written) })
	return nil
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// writeThenRead posts a survey, reads nothing until all of it is written and, where given, until what it waits for has
// happened, and then reads on to the end. It answers how many chunks were answered, in order, and the last line.
func writeThenRead(t *testing.T, r *running, client *http.Client, s *survey, until ...<-chan struct{}) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), writerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.HTTP+"/v1/scores:stream", s)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for _, happened := range append(until, s.written) {
		select {
		case <-happened:
		case <-ctx.Done():
			t.Fatal("it waits for ever")
		}
	}
	if s.sent != s.chunks {
		t.Errorf("only %d of %d chunks were taken", s.sent, s.chunks)
	}
	answers := 0
	lines := bufio.NewReaderSize(response.Body, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("after %d answers: %v", answers, err)
		}
		if !strings.HasPrefix(line, `{"chunk"`) {
			if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
				t.Errorf("after the last line: %q, %v", rest, err)
			}
			return answers, line
		}
		answers++
		if at := strings.Index(line[:40], fmt.Sprintf(`"sequence":%d,`, answers)); at < 0 {
			t.Fatalf("chunk %d is answered by %s", answers, line[:40])
		}
	}
}

// checkEnd checks that the stream ended well, or with the reason that tells a client to read.
func checkEnd(t *testing.T, chunks, answers int, last string) (well bool) {
	t.Helper()
	if strings.HasPrefix(last, `{"summary"`) {
		if answers != chunks {
			t.Errorf("a summary after %d of %d answers", answers, chunks)
		}
		return true
	}
	if !strings.Contains(last, `"ANSWERS_NOT_READ"`) || !strings.Contains(last, "Read them while you send") {
		t.Errorf("%s", last)
	}
	checkSafe(t, last)
	return false
}

// A client that writes a million answers before it reads a line is never left waiting: it gets all, or what fits and then
// the reason, and the service holds only a small part in memory. It is not parallel to others, for the sake of the figure.
func TestAMillionAnswersBeforeReading(t *testing.T) {
	chunks := writerChunks
	if raced {
		chunks /= 8
	}
	r := start(t)
	r.publishAirline(t)
	for version, client := range clients(t) {
		t.Run(version, func(t *testing.T) {
			s := newSurvey(t, chunks, false)
			before := heapInUse()
			began := time.Now()
			answers, last := writeThenRead(t, r, client, s)
			well := checkEnd(t, chunks, answers, last)
			t.Logf("%d of %d chunks answered, well: %t; the heap had at most %d MB, %d MB before; %s", answers, chunks, well, s.heap>>20, before>>20,
				time.Since(began).Round(time.Millisecond))
			// Garbage included; the answers alone are twice that.
			if s.heap > before+maxWriterHeap {
				t.Errorf("the heap grew to %d MB", s.heap>>20)
			}
		})
	}
}

// maxWriterHeap bounds by how much the heap may grow, garbage included, while a million answers are written and not read.
const maxWriterHeap = 64 << 20

// smallSpool is the least that the settings take.
func smallSpool(s *settings.Settings, _ *server.Options) { s.StreamSpoolBytes = 1 << 20 }

// smallSpoolChunks have answers enough to fill the buffers of the machine on the way, and then the spool.
const smallSpoolChunks = 20

// Where the operator lets little be kept, a client that does not read learns that it is to.
func TestAnswersNotReadWithASmallSpool(t *testing.T) {
	t.Parallel()
	for version, client := range clients(t) {
		t.Run(version, func(t *testing.T) {
			givenUp := listen("CALL_CANCELLED")
			r := start(t, smallSpool, givenUp.into)
			r.publishAirline(t)
			answers, last := writeThenRead(t, r, client, newSurvey(t, smallSpoolChunks, true), givenUp.heard)
			if checkEnd(t, smallSpoolChunks, answers, last) {
				t.Error("all of it was kept")
			}
			if !strings.Contains(last, "More than 1048576 bytes of answers wait to be read.") {
				t.Error(last)
			}
			t.Logf("%d chunks were answered", answers)
		})
	}
}

// sendAll sends chunks by gRPC until the stream takes no more, and counts them.
func sendAll(stream cmiv1.ScoringService_StreamScoresClient, chunks int, sent *atomic.Int64) error {
	answers := airlineAnswers()
	responses := make([]*cmiv1.Response, 1000)
	for i := range responses {
		responses[i] = &cmiv1.Response{Answers: answers}
	}
	if err := stream.Send(config(true)); err != nil {
		return err
	}
	for i := range chunks {
		if err := stream.Send(chunk(int32(i), responses...)); err != nil {
			return err
		}
		sent.Add(1)
	}
	return stream.CloseSend()
}

// heldChunks are several times what the buffers on the way hold.
const heldChunks = 40

// By gRPC the same client is held up by flow control after a few chunks, and gets everything once it reads.
func TestFlowControlHoldsTheWriterUp(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	ctx, cancel := context.WithTimeout(t.Context(), writerTime)
	defer cancel()
	stream, err := r.scoring().StreamScores(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() { done <- sendAll(stream, heldChunks, &sent) }()
	// It is held up once its count stands still. Were it only slow, it would have sent less, and the test still holds.
	for still, last := 0, int64(-1); still < 5; {
		if now := sent.Load(); now == last && now > 0 {
			still++
		} else {
			still, last = 0, now
		}
		select {
		case err := <-done:
			t.Fatalf("all was taken and nothing read: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Logf("it was held up after %d of %d chunks", sent.Load(), heldChunks)
	for i := range heldChunks {
		answer, err := stream.Recv()
		if err != nil || answer.GetChunk().GetSequence() != int32(i) || len(answer.GetChunk().GetResults()) != 1000 {
			t.Fatalf("chunk %d: %v", i, err)
		}
	}
	answer, err := stream.Recv()
	if err != nil || answer.GetSummary().GetResponses() != 1000*heldChunks {
		t.Errorf("%v %v", answer, err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// ear is a log that hears of the first call that ended for a reason.
type ear struct {
	slog.Handler
	reason string
	heard  chan struct{}
	once   *sync.Once
}

func listen(reason string) ear {
	return ear{Handler: slog.DiscardHandler, reason: reason, heard: make(chan struct{}), once: new(sync.Once)}
}

// into makes it the log of a service.
func (e ear) into(_ *settings.Settings, o *server.Options) { o.Logger = slog.New(e) }

func (e ear) Enabled(context.Context, slog.Level) bool { return true }

func (e ear) WithAttrs([]slog.Attr) slog.Handler { return e }

func (e ear) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.String() == e.reason {
			e.once.Do(func() { close(e.heard) })
		}
		return true
	})
	return nil
}

// A client by gRPC that does not read is given up after the idle limit. It finds out when it reads: what was answered comes
// first, as always.
func TestAWriterThatDoesNotReadIsIdle(t *testing.T) {
	t.Parallel()
	idle := listen("STREAM_IDLE")
	r := start(t, idle.into, func(s *settings.Settings, _ *server.Options) { s.StreamIdleTimeout = 200 * time.Millisecond })
	r.publishAirline(t)
	ctx, cancel := context.WithTimeout(t.Context(), writerTime)
	defer cancel()
	stream, err := r.scoring().StreamScores(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() { done <- sendAll(stream, 10*writerChunks, &sent) }()
	select {
	case <-idle.heard:
	case <-ctx.Done():
		t.Fatalf("it waits for ever, after %d chunks", sent.Load())
	}
	answered := int32(0)
	for {
		answer, failed := stream.Recv()
		if failed != nil {
			err = failed
			break
		}
		if answer.GetChunk().GetSequence() != answered {
			t.Errorf("chunk %d is answered by %d", answered, answer.GetChunk().GetSequence())
		}
		answered++
	}
	header, failed := stream.Header()
	if failed != nil {
		t.Fatal(failed)
	}
	got := ofGRPC(t, err, header)
	checkStatus(t, got.failed, streamIdle, "", "for 200ms; send again what was not answered", got.requestID)
	if err := <-done; !errors.Is(err, io.EOF) {
		t.Errorf("sending ended with %v", err)
	}
}

// A client that reads all the time is never refused, however little is kept for those that do not: one answer line may be
// larger than the spool (1,000 explained scores are 3 MB), and the next follows it.
func TestAClientThatReadsIsNotRefused(t *testing.T) {
	t.Parallel()
	r := start(t, smallSpool)
	r.publishAirline(t)
	for version, client := range clients(t) {
		for _, chunks := range []int{1, 3} {
			_, body := r.exchange(t, client, http.MethodPost, "/v1/scores:stream",
				http.Header{"Content-Type": {"application/x-ndjson"}}, newSurvey(t, chunks, true))
			if !strings.Contains(string(body), `{"summary"`) {
				t.Errorf("%s, %d chunks: %s", version, chunks, body[max(0, len(body)-400):])
			}
		}
	}
}
