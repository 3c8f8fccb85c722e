package server_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// ledger is what a client keeps that must not lose a response, however its server ends: what was answered, and what is to be
// sent (again).
type ledger struct {
	t      *testing.T
	random *rand.Rand
	survey []*cmiv1.Response
	// made counts the responses that were ever sent.
	made int
	// pending were sent and not answered.
	pending []*cmiv1.Response
	// answered are the bits of each answered score, order the ids in the order in which they came.
	answered map[string]string
	order    []int
	// repeated counts the responses that were sent again although they were answered, lateAnswers those that had been
	// recorded by a server which ended before its answer arrived.
	repeated, lateAnswers int
}

func newLedger(t *testing.T, random *rand.Rand) *ledger {
	t.Helper()
	survey, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	return &ledger{t: t, random: random, survey: survey, answered: map[string]string{}}
}

// response makes the response of a number: always the same one. Every third says nothing of when it was submitted, so that the
// time of its receipt is on record.
func (l *ledger) response(n int) *cmiv1.Response {
	r := proto.CloneOf(l.survey[n%len(l.survey)])
	r.ResponseId = fmt.Sprintf("r-%06d", n)
	r.CustomerId = fmt.Sprintf("c-%d", n%97)
	if n%3 == 0 {
		r.SubmittedAt = nil
	}
	return r
}

// take answers n responses to send: those that wait first, then new ones.
func (l *ledger) take(n int) []*cmiv1.Response {
	old := min(n, len(l.pending))
	out := append([]*cmiv1.Response(nil), l.pending[:old]...)
	l.pending = l.pending[old:]
	for len(out) < n {
		out = append(out, l.response(l.made))
		l.made++
	}
	return out
}

// again answers some responses that were answered before.
func (l *ledger) again(n int) []*cmiv1.Response {
	var out []*cmiv1.Response
	for range min(n, len(l.order)) {
		out = append(out, l.response(l.order[l.random.IntN(len(l.order))]))
	}
	return out
}

// answer enters a score into the ledger. One that was answered before must be the same to the last bit. The server began at
// the given time.
func (l *ledger) answer(id string, score *cmiv1.Score, began time.Time) {
	if score.GetResponseId() != id {
		l.t.Errorf("the score of %q came for %s", score.GetResponseId(), id)
	}
	bits := serialised(l.t, []*cmiv1.Score{score})[0]
	if before, twice := l.answered[id]; twice {
		l.repeated++
		if bits != before {
			l.t.Errorf("%s was answered differently the second time: %v", id, score)
		}
		return
	}
	if score.GetScoredAt().AsTime().Before(began) {
		l.lateAnswers++
	}
	var n int
	if _, err := fmt.Sscanf(id, "r-%d", &n); err != nil {
		l.t.Errorf("%s is nobody's id", id)
	}
	l.answered[id] = bits
	l.order = append(l.order, n)
}

// scoreStream is a stream from the client's side, by gRPC or over HTTP.
type scoreStream interface {
	Send(m *cmiv1.StreamScoresRequest) error
	CloseSend() error
	Recv() (*cmiv1.StreamScoresResponse, error)
}

// conversationPlan says what happens during a stream.
type conversationPlan struct {
	// configured says that the config was sent.
	configured bool
	// endless streams go on until they are cut off; others end when nothing is pending.
	endless bool
	// then is called when after chunks were answered.
	after int
	then  func()
	// began is when the server began.
	began time.Time
}

// window is how many chunks are on their way at once: more than the server works on.
const window = 12

// converse sends what is pending, some of what was answered, and new responses, and enters the answers. What was not answered
// in the end is pending again, in its order. It answers what the stream ended with, io.EOF when that was well.
func (l *ledger) converse(stream scoreStream, plan conversationPlan) error {
	l.t.Helper()
	var mu sync.Mutex // guards the ledger and what is on its way
	var way [][]*cmiv1.Response
	free, ended, sent := make(chan struct{}, window), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sent)
		if !plan.configured && stream.Send(config(false)) != nil {
			return
		}
		for sequence := int32(3); ; sequence++ {
			select {
			case free <- struct{}{}:
			case <-ended:
				return
			}
			mu.Lock()
			var part []*cmiv1.Response
			switch {
			case sequence%5 == 3:
				part = l.again(7)
			case plan.endless:
				part = l.take(1 + l.random.IntN(40))
			default:
				part = l.take(min(40, len(l.pending)))
			}
			done := len(part) == 0 && !plan.endless && len(l.pending) == 0
			if !done {
				way = append(way, part)
			}
			mu.Unlock()
			if done {
				_ = stream.CloseSend() // what the stream has to say is received
				return
			}
			if stream.Send(chunk(sequence, part...)) != nil {
				return
			}
		}
	}()
	err := l.receive(stream, plan, &mu, &way, free)
	close(ended)
	<-sent
	var left []*cmiv1.Response
	for _, part := range way {
		for _, r := range part {
			if _, known := l.answered[r.GetResponseId()]; !known {
				left = append(left, r)
			}
		}
	}
	l.pending = append(left, l.pending...)
	return err
}

// receive enters answers until the stream ends.
func (l *ledger) receive(stream scoreStream, plan conversationPlan, mu *sync.Mutex, way *[][]*cmiv1.Response, free chan struct{}) error {
	next := int32(3)
	for {
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		results := answer.GetChunk()
		if results == nil {
			if answer.GetSummary() == nil {
				l.t.Errorf("neither results nor summary: %v", answer)
			}
			continue
		}
		<-free
		mu.Lock()
		if len(*way) == 0 {
			mu.Unlock()
			return errors.New("more chunks are answered than were sent")
		}
		part := (*way)[0]
		*way = (*way)[1:]
		if results.GetSequence() != next || len(results.GetResults()) != len(part) {
			l.t.Errorf("chunk %d of %d came where %d of %d was due", results.GetSequence(), len(results.GetResults()), next, len(part))
		}
		for i, result := range results.GetResults() {
			if result.GetScore() == nil {
				l.t.Errorf("%s was refused: %v", part[i].GetResponseId(), result.GetError())
				continue
			}
			l.answer(part[i].GetResponseId(), result.GetScore(), plan.began)
		}
		mu.Unlock()
		next++
		if int(next-3) == plan.after {
			plan.then()
		}
	}
}

// String says how far the client has come.
func (l *ledger) String() string {
	return fmt.Sprintf("%d answered and %d pending", len(l.answered), len(l.pending))
}

// checkAgainst holds the ledger against what a server has on record: each response that was ever sent is answered, is there
// once, and as it was answered; and nothing else is there.
func (l *ledger) checkAgainst(r *running) {
	l.t.Helper()
	if len(l.answered) != l.made || len(l.pending) != 0 {
		l.t.Errorf("%d responses were made, but there are %s", l.made, l)
	}
	kept := recorded(l.t, r)
	for id, bits := range l.answered {
		if kept[id] != bits {
			l.t.Errorf("%s was answered, and is not on record as it was answered", id)
		}
	}
	if len(kept) != l.made {
		l.t.Errorf("%d responses are on record, %d were sent", len(kept), l.made)
	}
}

// recorded lists the bits of every recorded score, over all pages. An id that comes twice is an error.
func recorded(t *testing.T, r *running) map[string]string {
	t.Helper()
	kept := map[string]string{}
	for token := ""; ; {
		page, err := r.scoring().ListScores(t.Context(), &cmiv1.ListScoresRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for i, bits := range serialised(t, page.GetScores()) {
			id := page.GetScores()[i].GetResponseId()
			if _, twice := kept[id]; twice {
				t.Errorf("%s is on record twice", id)
			}
			kept[id] = bits
		}
		if token = page.GetNextPageToken(); token == "" {
			return kept
		}
	}
}

// lineStream is StreamScores over HTTP as a client has it that writes and reads at once.
type lineStream struct {
	body *io.PipeWriter
	// answer is what the call was answered with, or failed why it was not; both are for whoever has seen begun closed.
	answer *http.Response
	begun  chan struct{}
	lines  *bufio.Reader
	failed error
}

// openLines begins a stream over HTTP. It does not wait for the headers: they come once the config is taken.
func (r *running) openLines(t *testing.T, client *http.Client) *lineStream {
	t.Helper()
	out, in := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.HTTP+"/v1/scores:stream", out)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	s := &lineStream{body: in, begun: make(chan struct{})}
	go func() {
		defer close(s.begun)
		if s.answer, s.failed = client.Do(request); s.failed != nil {
			_ = out.CloseWithError(s.failed)
			return
		}
		s.lines = bufio.NewReader(s.answer.Body)
	}()
	t.Cleanup(func() {
		_ = in.CloseWithError(io.ErrClosedPipe)
		<-s.begun
		_ = s.end(nil)
	})
	return s
}

// Send writes a line.
func (s *lineStream) Send(m *cmiv1.StreamScoresRequest) error {
	line, err := protojson.Marshal(m)
	if err != nil {
		return err
	}
	_, err = s.body.Write(append(line, '\n'))
	return err
}

// CloseSend ends the body.
func (s *lineStream) CloseSend() error { return s.body.Close() }

// Recv reads a line. An error line is the end; its error is what the call would have ended with by gRPC.
func (s *lineStream) Recv() (*cmiv1.StreamScoresResponse, error) {
	<-s.begun
	if s.failed != nil {
		return nil, s.failed
	}
	line, err := s.lines.ReadBytes('\n')
	if err != nil {
		return nil, s.end(err)
	}
	answer := new(cmiv1.StreamScoresResponse)
	if err := protojson.Unmarshal(line, answer); err == nil {
		return answer, nil
	}
	failed := new(spb.Status)
	var last struct{ Error json.RawMessage }
	if json.Unmarshal(line, &last) != nil || protojson.Unmarshal(last.Error, failed) != nil {
		return nil, s.end(fmt.Errorf("a line that is neither an answer nor an error: %.200q", line))
	}
	// Nothing follows an error.
	if rest, err := io.ReadAll(s.lines); err != nil || len(rest) > 0 {
		return nil, s.end(fmt.Errorf("after the error line: %.200q, %w", rest, err))
	}
	return nil, s.end(status.FromProto(failed).Err())
}

// end closes both ways.
func (s *lineStream) end(because error) error {
	if s.failed == nil {
		s.failed = because
	}
	if s.answer != nil {
		because = errors.Join(because, s.answer.Body.Close())
	}
	return errors.Join(because, s.body.CloseWithError(io.ErrClosedPipe))
}
