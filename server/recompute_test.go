package server_test

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// poll is a survey of three questions whose scores can be told without the engine: response i answers them by a(i), b(i) and
// c(i), 0 to 10. By version 1 its CMI is ten times their mean; by version 2 the first one weighs double.
type poll struct{ n int }

func (poll) questionnaire() *cmiv1.Questionnaire {
	item := func(id string, pillar cmiv1.Pillar) *cmiv1.Item {
		return &cmiv1.Item{ItemId: id, Pillar: pillar, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 0, Max: 10}}}
	}
	return &cmiv1.Questionnaire{QuestionnaireId: "poll", Items: []*cmiv1.Item{
		item("a", cmiv1.Pillar_PILLAR_ECI), item("b", cmiv1.Pillar_PILLAR_BEI), item("c", cmiv1.Pillar_PILLAR_FII),
	}}
}

func (poll) answers(i int) (a, b, c int) { return i * 7 % 11, i * 3 % 11, i / 11 % 11 }

// channel of response i.
func (poll) channel(i int) cmiv1.Channel { return cmiv1.Channel(1 + i%3) }

func (p poll) response(i int) *cmiv1.Response {
	a, b, c := p.answers(i)
	number := func(id string, x int) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: float64(x)}}
	}
	return &cmiv1.Response{
		ResponseId: fmt.Sprintf("r%d", i), CustomerId: fmt.Sprintf("c%d", i%(p.n/5)), Channel: p.channel(i),
		SubmittedAt: timestamppb.New(now.Add(-time.Duration(i%900_000) * time.Second)),
		Answers:     []*cmiv1.Answer{number("a", a), number("b", b), number("c", c)},
	}
}

// record publishes version 1, records all responses, and leaves version 2 as a draft.
func (p poll) record(t *testing.T, r *running) {
	t.Helper()
	r.publish(t, p.questionnaire())
	var group errgroup.Group
	group.SetLimit(8)
	const chunk = 1000
	for start := 0; start < p.n; start += chunk {
		group.Go(func() error {
			request := &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "poll"}
			for i := start; i < min(start+chunk, p.n); i++ {
				request.Responses = append(request.Responses, p.response(i))
			}
			answer, err := r.scoring().BatchScoreCustomers(t.Context(), request)
			for _, result := range answer.GetResults() {
				if result.GetError() != nil {
					return status.ErrorProto(result.GetError())
				}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	draft := &cmiv1.Questionnaire{QuestionnaireId: "poll", PillarWeights: &cmiv1.PillarWeights{Eci: proto.Float64(2), Bei: proto.Float64(1), Fii: proto.Float64(1)}}
	if _, err := r.questionnaires().UpdateQuestionnaire(t.Context(), &cmiv1.UpdateQuestionnaireRequest{
		Questionnaire: draft, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"pillar_weights"}},
	}); err != nil {
		t.Fatal(err)
	}
}

// comparison is what a recompute under version 2 must come to, of those responses that belong.
func (p poll) comparison(belongs func(i int) bool) *cmiv1.ScoreComparison {
	bucket := func(units int64) cmiv1.Bucket {
		switch {
		case units >= 80e9:
			return cmiv1.Bucket_BUCKET_ADVOCATE
		case units >= 50e9:
			return cmiv1.Bucket_BUCKET_GROWTH
		}
		return cmiv1.Bucket_BUCKET_AT_RISK
	}
	want := &cmiv1.ScoreComparison{MinChange: proto.Float64(1000), MaxChange: proto.Float64(-1000)}
	var moves [4][4]int32
	var before, after, absolute int64
	for i := range p.n {
		if !belongs(i) {
			continue
		}
		a, b, c := p.answers(i)
		was := (int64(a+b+c)*20e9 + 3) / 6 // to the nearest billionth
		is := int64(2*a+b+c) * 25e8
		before, after, absolute = before+was, after+is, absolute+max(is-was, was-is)
		moves[bucket(was)][bucket(is)]++
		want.Responses++
		*want.MinChange = min(*want.MinChange, float64(is-was)/1e9)
		*want.MaxChange = max(*want.MaxChange, float64(is-was)/1e9)
	}
	want.Compared = want.Responses
	for x, row := range moves {
		for y, n := range row {
			if n == 0 {
				continue
			}
			want.Moves = append(want.Moves, &cmiv1.BucketMove{Before: cmiv1.Bucket(x), After: cmiv1.Bucket(y), Responses: n})
			if x != y {
				want.BucketChanges += n
			}
		}
	}
	mean := func(sum int64) *float64 {
		nearest, _ := big.NewRat(sum, int64(want.Responses)*1e9).Float64()
		return &nearest
	}
	want.MeanBefore, want.MeanAfter, want.MeanChange, want.MeanAbsoluteChange = mean(before), mean(after), mean(after-before), mean(absolute)
	return want
}

// check holds the result of a recompute by channel against what it must be.
func (p poll) check(t *testing.T, op *longrunningpb.Operation) {
	t.Helper()
	result := &cmiv1.RecomputeScoresResponse{}
	if err := op.GetResponse().UnmarshalTo(result); err != nil {
		t.Fatalf("%v: %v", op, err)
	}
	if want := p.comparison(func(int) bool { return true }); !proto.Equal(result.GetOverall(), want) {
		t.Errorf("overall\n%v, want\n%v", result.GetOverall(), want)
	}
	if len(result.GetGroups()) != 3 {
		t.Fatalf("%d groups", len(result.GetGroups()))
	}
	for _, group := range result.GetGroups() {
		want := p.comparison(func(i int) bool { return p.channel(i).String() == group.GetValue() })
		if !proto.Equal(group.GetComparison(), want) {
			t.Errorf("%s\n%v, want\n%v", group.GetValue(), group.GetComparison(), want)
		}
	}
}

func (poll) recompute() *cmiv1.RecomputeScoresRequest {
	return &cmiv1.RecomputeScoresRequest{OperationId: "under-2", QuestionnaireId: "poll", Version: 2, GroupBy: []string{"channel"}}
}

// listed counts the scores that a recompute made, and holds each against what it must be.
func (p poll) listed(t *testing.T, r *running) (n int) {
	t.Helper()
	seen := make(map[string]bool)
	for request := (&cmiv1.ListRecomputedScoresRequest{OperationId: "under-2", PageSize: 1000}); ; {
		page, err := r.scoring().ListRecomputedScores(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range page.GetScores() {
			id := pair.GetRecomputed().GetResponseId()
			i, err := strconv.Atoi(id[1:])
			if err != nil || seen[id] {
				t.Fatalf("%q is listed twice, or is none of ours", id)
			}
			seen[id] = true
			a, b, c := p.answers(i)
			if got, want := pair.GetRecomputed().GetCmi(), float64(2*a+b+c)*2.5; got != want || pair.GetRecorded().GetQuestionnaireVersion() != 1 {
				t.Fatalf("%s has %v, want %v: %v", id, got, want, pair)
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return len(seen)
		}
	}
}

func (r *running) operations() longrunningpb.OperationsClient {
	return longrunningpb.NewOperationsClient(r.conn)
}

// idle is a service that leaves operations to others.
func idle(s *settings.Settings, _ *server.Options) { s.OperationWorkers = -1 }

// TestOperationNobodyWorksOn waits, is cancelled and deleted; what there is of it is said at each step.
func TestOperationNobodyWorksOn(t *testing.T) {
	t.Parallel()
	r, p := start(t, idle), poll{n: 10}
	p.record(t, r)
	if _, err := r.scoring().RecomputeScores(t.Context(), p.recompute()); err != nil {
		t.Fatal(err)
	}
	name := "operations/under-2"
	op, err := r.operations().WaitOperation(t.Context(), &longrunningpb.WaitOperationRequest{Name: name, Timeout: durationpb.New(10 * time.Millisecond)})
	if err != nil || op.GetDone() {
		t.Fatalf("%v, %v", op, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	if op, err = r.operations().WaitOperation(short, &longrunningpb.WaitOperationRequest{Name: name}); err != nil || op.GetDone() {
		t.Errorf("a wait beyond the deadline of its call: %v, %v", op, err)
	}
	if _, err := r.scoring().ListRecomputedScores(t.Context(), &cmiv1.ListRecomputedScoresRequest{OperationId: "under-2"}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("its scores are listed: %v", err)
	}
	if _, err := r.operations().DeleteOperation(t.Context(), &longrunningpb.DeleteOperationRequest{Name: name}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("deleted while it has not ended: %v", err)
	}
	open, err := r.operations().ListOperations(t.Context(), &longrunningpb.ListOperationsRequest{Name: "operations", Filter: "done=false"})
	if err != nil || len(open.GetOperations()) != 1 {
		t.Errorf("%v, %v", open, err)
	}
	for range 2 { // again changes nothing
		if _, err := r.operations().CancelOperation(t.Context(), &longrunningpb.CancelOperationRequest{Name: name}); err != nil {
			t.Fatal(err)
		}
		op, err = r.operations().GetOperation(t.Context(), &longrunningpb.GetOperationRequest{Name: name})
		if err != nil || !op.GetDone() || codes.Code(op.GetError().GetCode()) != codes.Canceled {
			t.Fatalf("%v, %v", op, err)
		}
	}
	if _, err := r.operations().DeleteOperation(t.Context(), &longrunningpb.DeleteOperationRequest{Name: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.operations().GetOperation(t.Context(), &longrunningpb.GetOperationRequest{Name: name}); status.Code(err) != codes.NotFound {
		t.Errorf("it is still there: %v", err)
	}
}

// The names of variables that make the test of kills larger: how many responses, and how many kills.
const (
	recomputeResponses = "CMI_RECOMPUTE_RESPONSES"
	recomputeKills     = "CMI_RECOMPUTE_KILLS"
)

func fromEnvironment(t *testing.T, name string, fallback int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRecomputeKilled kills the processes that work on a recompute, again and again. It ends with the right comparison, every
// response is scored again once, and what was recorded is as it was.
func TestRecomputeKilled(t *testing.T) {
	t.Parallel()
	p, kills := poll{n: fromEnvironment(t, recomputeResponses, 20_000)}, fromEnvironment(t, recomputeKills, 2)
	kept, random := newStore(t), rand.New(rand.NewPCG(9, 9))
	first := start(t, on(kept), idle)
	p.record(t, first)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	// One process at a time has an embedded store; of a shared one there are two.
	replicas := 1
	if database != nil {
		replicas = 2
	}
	var cast []*victim
	for range replicas {
		cast = append(cast, startVictim(t, kept))
	}
	began := time.Now()
	started, err := cast[0].scoring().RecomputeScores(t.Context(), p.recompute())
	if err != nil {
		t.Fatal(err)
	}
	done, killed := responsesDone(t, started), 0
	for ; killed < kills; killed++ {
		// Somewhere in the next part of what is left.
		goal := done + (p.n-done)/(kills-killed+1)
		ended := false
		if done, ended = cast[0].cameTo(t, goal); ended {
			break
		}
		i := random.IntN(replicas)
		cast[i].kill(t)
		cast[i] = startVictim(t, kept)
		// Whoever starts it again is answered what there is.
		again, err := cast[i].scoring().RecomputeScores(t.Context(), p.recompute())
		if err != nil {
			t.Fatal(err)
		}
		done = max(done, responsesDone(t, again))
	}
	if killed == 0 { // the other one may well have ended it while one was started again
		t.Error("nobody was killed while there was work: the test tried nothing")
	}
	cast[0].cameTo(t, p.n+1)
	t.Logf("%d responses, %d kills, %v", p.n, killed, time.Since(began).Round(time.Millisecond))
	op, err := cast[0].operations().GetOperation(t.Context(), &longrunningpb.GetOperationRequest{Name: "operations/under-2"})
	if err != nil {
		t.Fatal(err)
	}
	p.check(t, op)
	if n := p.listed(t, cast[0].running); n != p.n {
		t.Errorf("%d scores are listed, want %d", n, p.n)
	}
	for _, v := range cast {
		v.kill(t)
	}
}

// cameTo waits until a recompute has come to a number of responses, or has ended.
func (v *victim) cameTo(t *testing.T, goal int) (done int, ended bool) {
	t.Helper()
	for {
		op, err := v.operations().WaitOperation(t.Context(), &longrunningpb.WaitOperationRequest{
			Name: "operations/under-2", Timeout: durationpb.New(20 * time.Millisecond),
		})
		if err != nil {
			t.Fatal(err)
		}
		if done = responsesDone(t, op); done >= goal || op.GetDone() {
			return done, op.GetDone()
		}
	}
}

func responsesDone(t *testing.T, op *longrunningpb.Operation) int {
	t.Helper()
	metadata := &cmiv1.OperationMetadata{}
	if err := op.GetMetadata().UnmarshalTo(metadata); err != nil {
		t.Fatal(err)
	}
	return int(metadata.GetResponsesDone())
}
