package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestAThousandStreamsAtOnce: each small job among a thousand is answered to its end, in its own order.
func TestAThousandStreamsAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	survey := r.publishAirline(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	streams := r.sitIdle(ctx, t)
	var jobs sync.WaitGroup
	for n, stream := range streams {
		jobs.Go(func() {
			for sequence := range int32(3) {
				if err := stream.Send(chunk(sequence, survey[n:n+20]...)); err != nil {
					t.Errorf("stream %d: %v", n, err)
					return
				}
			}
			if err := stream.CloseSend(); err != nil {
				t.Errorf("stream %d: %v", n, err)
				return
			}
			for sequence := range int32(3) {
				answer, err := stream.Recv()
				if got := answer.GetChunk(); err != nil || got.GetSequence() != sequence || len(got.GetResults()) != 20 {
					t.Errorf("stream %d: chunk %d is answered by %d with %d results, %v", n, sequence, got.GetSequence(), len(got.GetResults()), err)
					return
				}
			}
			if last, err := stream.Recv(); err != nil || last.GetSummary().GetResponses() != 60 {
				t.Errorf("stream %d ends with %v, %v", n, last, err)
			}
		})
	}
	jobs.Wait()
}

// TestBulkLeavesRoomForOthers: while streams bring as much as the service takes, recorded and not, calls about one customer are
// answered, and so is a stream that brings little. It does not run beside other tests, which would have to live with the load.
func TestBulkLeavesRoomForOthers(t *testing.T) {
	r := start(t)
	survey := r.publishAirline(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var bulk sync.WaitGroup
	var answered [4]atomic.Int64
	for n := range answered {
		bulk.Go(func() {
			err := r.pour(ctx, survey, n, n%2 == 0, &answered[n])
			if err != nil && status.Code(err) != codes.Canceled {
				t.Errorf("bulk stream %d: %v", n, err)
			}
		})
	}
	var slowest time.Duration
	trickle, err := r.scoring().StreamScores(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := trickle.Send(config(true)); err != nil {
		t.Fatal(err)
	}
	calls := 40
	if raced {
		calls = 4
	}
	loaded := func() bool {
		for n := range answered {
			if answered[n].Load() == 0 {
				return false
			}
		}
		return true
	}
	for n := 0; n < calls || n < len(survey) && !loaded(); n++ {
		began := time.Now()
		if _, err := r.scoring().ScoreCustomer(ctx, one(false, named(survey[n], fmt.Sprintf("unary-%d", n)))); err != nil {
			t.Fatal(err)
		}
		if err := trickle.Send(chunk(int32(n), survey[n])); err != nil {
			t.Fatal(err)
		}
		if answer, err := trickle.Recv(); err != nil || len(answer.GetChunk().GetResults()) != 1 {
			t.Fatal(answer, err)
		}
		slowest = max(slowest, time.Since(began))
	}
	stop()
	bulk.Wait()
	for n := range answered {
		if answered[n].Load() == 0 {
			t.Errorf("bulk stream %d had nothing answered: there was no load, or it had no share", n)
		}
	}
	t.Logf("a call and a chunk took up to %v beside %d, %d, %d and %d thousand responses in bulk", slowest,
		answered[0].Load()/1000, answered[1].Load()/1000, answered[2].Load()/1000, answered[3].Load()/1000)
	if slowest > answerBound {
		t.Errorf("a call and a chunk took %v", slowest)
	}
}

// named is a response by another id.
func named(r *cmiv1.Response, id string) *cmiv1.Response {
	return &cmiv1.Response{ResponseId: id, CustomerId: r.GetCustomerId(), Answers: r.GetAnswers()}
}

// pour brings chunk after chunk, as large as they may be, until the context ends.
func (r *running) pour(ctx context.Context, survey []*cmiv1.Response, n int, dryRun bool, answered *atomic.Int64) error {
	stream, err := r.scoring().StreamScores(ctx)
	if err != nil {
		return err
	}
	if err := stream.Send(config(dryRun)); err != nil {
		return err
	}
	size := 1000
	if raced {
		size = 200
	}
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		for sequence := int32(0); ; sequence++ {
			part := make([]*cmiv1.Response, size)
			for i := range part {
				part[i] = named(survey[i], fmt.Sprintf("bulk-%d-%d-%d", n, sequence, i))
			}
			if stream.Send(chunk(sequence, part...)) != nil {
				return // what it was says Recv
			}
		}
	})
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answered.Add(int64(len(answer.GetChunk().GetResults())))
	}
}

// TestAJobCutOffTenTimesIsRecordedOnce: a client that goes on after the last answer that it had, whatever it had sent, ends with every
// response answered, and recorded once.
func TestAJobCutOffTenTimesIsRecordedOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	survey := r.publishAirline(t)
	const size = 50
	parts := slices.Collect(slices.Chunk(survey, size))
	rng := rand.New(rand.NewPCG(5, 10))
	var scores []*cmiv1.Score
	replayed := int32(0)
	for cut := 0; len(scores) < len(survey); cut++ {
		if cut > 1000 {
			t.Fatal("the job gets nowhere")
		}
		after := 1 + rng.IntN(3) // chunks answered until the cut
		if cut >= 10 {
			after = len(parts)
		}
		got, last := r.part(t, parts[len(scores)/size:], after)
		scores = append(scores, got...)
		replayed += last
	}
	if len(scores) != len(survey) {
		t.Fatalf("%d responses were answered, want %d", len(scores), len(survey))
	}
	t.Logf("%d of the last part were answered from the record: they had been recorded when the stream before was cut off", replayed)
	for i, score := range scores {
		if score.GetResponseId() != survey[i].GetResponseId() {
			t.Fatalf("answer %d is of %s, want %s", i, score.GetResponseId(), survey[i].GetResponseId())
		}
	}
	count := 0
	for token := ""; ; {
		page, err := r.scoring().ListScores(t.Context(), &cmiv1.ListScoresRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		count += len(page.GetScores())
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if count != len(survey) {
		t.Errorf("%d scores are recorded of %d responses", count, len(survey))
	}
}

// part sends all chunks and takes the answers of some; then it cuts the stream off. It says how many were answered from the record,
// where it came to the end.
func (r *running) part(t *testing.T, parts [][]*cmiv1.Response, after int) (scores []*cmiv1.Score, replayed int32) {
	t.Helper()
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	stream, err := r.scoring().StreamScores(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(config(false)); err != nil {
		t.Fatal(err)
	}
	for sequence, part := range parts {
		if err := stream.Send(chunk(int32(sequence), part...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for range min(after, len(parts)) {
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range answer.GetChunk().GetResults() {
			if result.GetScore() == nil {
				t.Fatal(result.GetError())
			}
			scores = append(scores, result.GetScore())
		}
	}
	if after < len(parts) {
		return scores, 0
	}
	last, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return scores, last.GetSummary().GetReplayed()
}
