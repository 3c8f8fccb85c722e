package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// shared skips a test of several processes on one store where there is no PostgreSQL to share.
func shared(t *testing.T) {
	t.Helper()
	if database == nil {
		t.Skip("several processes share no SQLite store: set " + whichStore + "=postgres")
	}
}

// crowd is how many clients send the same things at once.
const crowd = 64

// calls are all that a history has to say, each of which may be made again.
func (h history) calls() (all []func(ctx context.Context, r *running) error) {
	for _, customer := range h.customers {
		all = append(all, func(ctx context.Context, r *running) error {
			_, err := r.customers().PutCustomer(ctx, &cmiv1.PutCustomerRequest{Customer: customer})
			return err
		})
	}
	for _, interaction := range h.interactions {
		all = append(all, func(ctx context.Context, r *running) error {
			_, err := r.customers().RecordInteractions(ctx, &cmiv1.RecordInteractionsRequest{Interactions: []*cmiv1.Interaction{interaction}})
			return err
		})
	}
	for _, response := range h.responses {
		all = append(all, func(ctx context.Context, r *running) error {
			return r.one(ctx, h.questionnaire.GetQuestionnaireId(), response)
		})
	}
	return all
}

// first makes the calls of a history on an embedded store, one after the other, and answers what is said of it.
func (h history) first(t *testing.T) []byte {
	t.Helper()
	r := start(t, on("sqlite:"+filepath.Join(t.TempDir(), "cmi.db")))
	r.publish(t, h.questionnaire)
	for _, call := range h.calls() {
		if err := call(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return h.said(t, r, nil)
}

// prepared has all profiles and interactions there before responses are scored: a score has the behaviour of its moment.
func (h history) prepared() (history, history) {
	before, after := h, h
	before.responses, after.interactions = nil, nil
	return before, after
}

// sendTwice has a crowd of clients make every call twice, at about the same time and in orders of their own. where chooses the service for
// a try; a try that fails for a reason that passes is made again.
func sendTwice(t *testing.T, calls []func(context.Context, *running) error, where func(client, try int) *running, answered func()) {
	t.Helper()
	var callers sync.WaitGroup
	for client := range crowd {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 5))
			for _, i := range random.Perm(len(calls)) {
				if i%(crowd/2) != client%(crowd/2) {
					continue
				}
				if err := insist(t.Context(), calls[i], func(try int) *running { return where(client, try) }); err != nil {
					t.Errorf("call %d of client %d: %v", i, client, err)
					return
				}
				answered()
			}
		})
	}
	callers.Wait()
}

// insist makes a call until it is answered.
func insist(ctx context.Context, call func(context.Context, *running) error, where func(try int) *running) error {
	for try := 0; ; try++ {
		within, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := call(within, where(try))
		cancel()
		switch status.Code(err) {
		case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted:
			if try < 1000 && ctx.Err() == nil {
				continue
			}
		}
		return err
	}
}

// kept counts the scores on record.
func (r *running) kept(t *testing.T) (n int) {
	t.Helper()
	for request := (&cmiv1.ListScoresRequest{PageSize: 500}); ; {
		page, err := r.scoring().ListScores(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.GetScores())
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return n
		}
	}
}

// TestReplicasAnswerAsOne sends everything through three replicas, each thing through two of them at once: nothing is lost,
// nothing is there twice, and what is said of everybody is what one process says who got it in order.
func TestReplicasAnswerAsOne(t *testing.T) {
	t.Parallel()
	shared(t)
	h := newHistory()
	want := h.first(t)
	where := newStore(t)
	replicas := []*running{start(t, on(where)), start(t, on(where)), start(t, on(where))}
	replicas[0].publish(t, h.questionnaire)
	before, after := h.prepared()
	for _, part := range []history{before, after} {
		sendTwice(t, part.calls(), func(client, try int) *running { return replicas[(client+client/32+try)%3] }, func() {})
	}
	for i, r := range replicas {
		if n := r.kept(t); n != len(h.responses) {
			t.Errorf("replica %d: %d scores are on record, want %d", i, n, len(h.responses))
		}
		if string(h.said(t, r, nil)) != string(want) {
			t.Errorf("replica %d says something else than one process alone", i)
		}
	}
}

// killFor names the variable that says for how long replicas are killed; without it, it is done once.
const killFor = "CMI_KILL_FOR"

// TestReplicasKilledAtRandom does the same while replicas are killed and started again.
func TestReplicasKilledAtRandom(t *testing.T) {
	t.Parallel()
	shared(t)
	var end time.Time
	if text := os.Getenv(killFor); text != "" {
		long, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		end = time.Now().Add(long)
	}
	h := newHistory()
	want := h.first(t)
	kills := 0
	for round := uint64(0); round == 0 || time.Now().Before(end); round++ {
		kills += killReplicas(t, h, want, rand.New(rand.NewPCG(round, 77)))
		if t.Failed() {
			break
		}
	}
	t.Logf("%d kills", kills)
}

// recomputesAtOnce is how many recomputes are started while responses are recorded.
const recomputesAtOnce = 4

// recomputes start as many recomputes, under the very version that responses are scored by.
func (h history) recomputes() (all []func(ctx context.Context, r *running) error) {
	for i := range recomputesAtOnce {
		all = append(all, func(ctx context.Context, r *running) error {
			_, err := r.scoring().RecomputeScores(ctx, &cmiv1.RecomputeScoresRequest{
				OperationId: fmt.Sprintf("again-%d", i), QuestionnaireId: h.questionnaire.GetQuestionnaireId(), Version: 1,
			})
			return err
		})
	}
	return all
}

// recomputed checks that each of them came to one end, with all that had been recorded when it was planned, each once, and that
// the scores are the recorded ones.
func (h history) recomputed(t *testing.T, r *running) {
	t.Helper()
	for i := range recomputesAtOnce {
		id := fmt.Sprintf("again-%d", i)
		op := &longrunningpb.Operation{}
		for !op.GetDone() {
			var err error
			if op, err = r.operations().WaitOperation(t.Context(), &longrunningpb.WaitOperationRequest{Name: "operations/" + id}); err != nil {
				t.Fatal(err)
			}
		}
		result := &cmiv1.RecomputeScoresResponse{}
		if err := op.GetResponse().UnmarshalTo(result); err != nil {
			t.Fatalf("%s: %v: %v", id, op, err)
		}
		page, err := r.scoring().ListRecomputedScores(t.Context(), &cmiv1.ListRecomputedScoresRequest{OperationId: id, PageSize: 1000})
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, pair := range page.GetScores() {
			again := proto.CloneOf(pair.GetRecomputed())
			again.ScoredAt = pair.GetRecorded().GetScoredAt()
			if !proto.Equal(again, pair.GetRecorded()) || seen[again.GetResponseId()] {
				t.Errorf("%s: %v was %v", id, again, pair.GetRecorded())
			}
			seen[again.GetResponseId()] = true
		}
		c := result.GetOverall()
		if int(c.GetResponses()) != len(seen) || responsesDone(t, op) != len(seen) || c.GetBucketChanges() != 0 || c.GetMeanAbsoluteChange() != 0 {
			t.Errorf("%s: %d scores, and %v", id, len(seen), op)
		}
	}
}

// theatre is three replicas in processes of their own, which come and go.
type theatre struct {
	mu   sync.RWMutex
	cast [3]*victim
}

func (s *theatre) on(i int) *running {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cast[i%3].running
}

// killReplicas sends a history through three replicas, kills one of them after a number of answers, again and again, and
// answers how often.
func killReplicas(t *testing.T, h history, want []byte, random *rand.Rand) (kills int) {
	t.Helper()
	where := newStore(t)
	stage := &theatre{}
	for i := range stage.cast {
		stage.cast[i] = startVictim(t, where, victimClock+"=1")
	}
	stage.on(0).publish(t, h.questionnaire)
	before, after := h.prepared()
	for _, calls := range [][]func(context.Context, *running) error{before.calls(), append(after.calls(), h.recomputes()...)} {
		var answers atomic.Int64
		enough := make(chan struct{}, 1)
		next := int64(50 + random.IntN(200))
		done := make(chan struct{})
		go func() {
			defer close(done)
			sendTwice(t, calls, func(client, try int) *running { return stage.on(client + client/32 + try) }, func() {
				if answers.Add(1)%next == 0 {
					select {
					case enough <- struct{}{}:
					default:
					}
				}
			})
		}()
		for going := true; going; {
			select {
			case <-done:
				going = false
			case <-enough:
				i := random.IntN(3)
				stage.cast[i].kill(t) // only this goroutine changes the cast
				kills++
				again := startVictim(t, where, victimClock+"=1")
				stage.mu.Lock()
				stage.cast[i] = again
				stage.mu.Unlock()
			}
		}
	}
	for _, v := range stage.cast {
		v.kill(t)
	}
	r := start(t, on(where))
	if n := r.kept(t); n != len(h.responses) {
		t.Errorf("%d scores are on record, want %d", n, len(h.responses))
	}
	if string(h.said(t, r, nil)) != string(want) {
		t.Error("after kills something else is said than by one process alone")
	}
	h.recomputed(t, r)
	if kills == 0 {
		t.Error("nobody was killed: the test tried nothing")
	}
	return kills
}
