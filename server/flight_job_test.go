package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

// job is a table that is to be recorded whatever happens: batches that were not answered are sent again.
type job struct {
	t         *testing.T
	schema    *arrow.Schema
	batches   []arrow.RecordBatch
	responses [][]*cmiv1.Response
	// answered are the CMIs of each batch that was.
	answered map[int][]any
}

// newJob makes a job of responses to the airline's survey.
func newJob(t *testing.T, n, size int) *job {
	t.Helper()
	survey, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	table := columnartest.Plain(q)
	j := &job{t: t, schema: table.Schema, answered: map[int][]any{}}
	var all []*cmiv1.Response
	for k := range n {
		all = append(all, &cmiv1.Response{ResponseId: fmt.Sprintf("job-%d", k), CustomerId: fmt.Sprintf("c-%d", k%97), Answers: survey[k%len(survey)].GetAnswers()})
	}
	for part := range slices.Chunk(all, size) {
		j.responses = append(j.responses, part)
		j.batches = append(j.batches, table.Batch(part, 0))
	}
	return j
}

// run sends what was not answered, calls then once after results have come, and answers how it ended.
func (j *job) run(ctx context.Context, r *running, after int, then func()) error {
	ctx, end := context.WithCancel(ctx)
	e := opens(ctx, j.t, r, `{"questionnaireId": "airline"}`, j.schema)
	var pending []int
	for k := range j.batches {
		if j.answered[k] == nil {
			pending = append(pending, k)
		}
	}
	var sending sync.WaitGroup
	defer sending.Wait() // since a batch is not for two writers at a time, and the next run sends it again
	defer end()
	sending.Go(func() { // its errors are those that the receiving ends with
		for _, k := range pending {
			if e.send(j.batches[k], fmt.Sprint(k)) != nil {
				return
			}
		}
		_ = e.over()
	})
	for n := 0; ; n++ {
		if n == after {
			then()
		}
		if ctx.Err() != nil { // who is gone hears no answers
			return ctx.Err()
		}
		got, err := e.receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		j.answer(pending[n], got)
	}
}

// answer enters a result.
func (j *job) answer(batch int, got result) {
	j.t.Helper()
	if got.note != fmt.Sprint(batch) || int(got.NumRows()) != len(j.responses[batch]) {
		j.t.Fatalf("the result of batch %d is %v with the note %q", batch, got, got.note)
	}
	for i := range int(got.NumRows()) {
		if why := cell(j.t, got, "error", i); why != nil {
			j.t.Fatalf("row %d of batch %d: %v", i, batch, why)
		}
		j.answered[batch] = append(j.answered[batch], cell(j.t, got, "cmi", i))
	}
	got.Release()
}

// check compares what was answered with what is on record: every response once, with the score that was answered.
func (j *job) check(r *running) {
	j.t.Helper()
	kept, request := map[string]*float64{}, &cmiv1.ListScoresRequest{PageSize: 1000}
	for {
		page, err := r.scoring().ListScores(j.t.Context(), request)
		if err != nil {
			j.t.Fatal(err)
		}
		for _, s := range page.GetScores() {
			if _, twice := kept[s.GetResponseId()]; twice {
				j.t.Errorf("%s is on record twice", s.GetResponseId())
			}
			kept[s.GetResponseId()] = s.Cmi
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	n := 0
	for k, part := range j.responses {
		for i, response := range part {
			n++
			cmi, there := kept[response.GetResponseId()]
			if !there || len(j.answered[k]) != len(part) || (cmi == nil) != (j.answered[k][i] == nil) || cmi != nil && j.answered[k][i] != math.Float64bits(*cmi) {
				j.t.Fatalf("%s is on record: %v, with %v, and was answered %v", response.GetResponseId(), there, cmi, j.answered[k])
			}
		}
	}
	if n != len(kept) {
		j.t.Errorf("%d scores are on record, of %d responses", len(kept), n)
	}
}

// TestFlightJobCutOffTenTimes is on record as if nothing had happened: its client went away in the middle, again and again.
func TestFlightJobCutOffTenTimes(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publishAirline(t)
	j := newJob(t, 6000, 100)
	for cut := range 10 {
		ctx, goAway := context.WithCancel(t.Context())
		if err := j.run(ctx, r, 1+cut%5, goAway); err == nil {
			t.Error("a job that was cut off ended well: the test tries nothing")
		}
		goAway()
	}
	if len(j.answered) == len(j.batches) {
		t.Error("nothing is left to resume")
	}
	if err := j.run(t.Context(), r, -1, nil); err != nil {
		t.Fatal(err)
	}
	j.check(r)
}

// TestFlightDrainUnderLoad answers what was taken and sends the client away, which goes on with the next server.
func TestFlightDrainUnderLoad(t *testing.T) {
	t.Parallel()
	where := newStore(t)
	j := newJob(t, 20000, 100)
	for life := range 3 {
		r := start(t, patiently, on(where))
		if life == 0 {
			r.publishAirline(t)
		}
		var wait func()
		err := j.run(t.Context(), r, 5, func() { wait = r.stopping(t) })
		if err != nil { // the last may end before it notices
			sentAway(t, err)
		} else if life == 0 {
			t.Error("the job ended before the drain: the test tries nothing")
		}
		wait()
	}
	r := start(t, on(where))
	if err := j.run(t.Context(), r, -1, nil); err != nil {
		t.Fatal(err)
	}
	j.check(r)
}

// TestFlightDrainSendsIdleTablesAway: a table on which nothing moves is sent away by a drain at once.
func TestFlightDrainSendsIdleTablesAway(t *testing.T) {
	t.Parallel()
	r := start(t, patiently)
	r.publishAirline(t)
	schema, batches := column("com1", bytes8(1, 2))
	e := opens(t.Context(), t, r, dry, schema)
	if err := e.send(batches[0], ""); err != nil {
		t.Fatal(err)
	}
	if _, err := e.receive(); err != nil {
		t.Fatal(err)
	}
	wait := r.stopping(t)
	_, err := e.receive()
	sentAway(t, err)
	wait()
}

// TestFlightBoundsASlowReader: a client that writes on and does not read is stopped by flow control, with no more than a few
// batches taken, and loses nothing.
func TestFlightBoundsASlowReader(t *testing.T) { // not beside others, whose memory would count
	r := start(t)
	r.publishAirline(t)
	// With connections of their own, so that windows are as small as they begin.
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithInitialWindowSize(1<<16), grpc.WithInitialConnWindowSize(1<<16))
	if err != nil {
		t.Fatal(err)
	}
	slow := *r
	slow.conn = conn
	t.Cleanup(func() { _ = conn.Close() })
	const rows, count = 20000, 400
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	rng := rand.New(rand.NewPCG(1, 1))
	for range rows {
		b.Append(float64(1 + rng.IntN(7)))
	}
	schema, batches := column("com1", b.NewArray())
	e := opens(t.Context(), t, &slow, dry, schema)
	sent, done := make(chan int, count), make(chan error, 1)
	go func() {
		for k := range count {
			if err := e.send(batches[0], fmt.Sprint(k)); err != nil {
				done <- err
				return
			}
			sent <- k
		}
		done <- e.over()
	}()
	var memoryUsed runtime.MemStats
	for k := range count {
		got, err := e.receive()
		if err != nil || got.note != fmt.Sprint(k) || got.NumRows() != rows {
			t.Fatal(k, got, err)
		}
		got.Release()
		if k == 10 {
			runtime.GC()
			runtime.ReadMemStats(&memoryUsed)
		}
		// What was sent and not read are the batches in the works and those in the windows of both sides, which may grow to 16 MiB.
		if ahead := len(sent); ahead > 160+k {
			t.Fatalf("%d batches were taken while %d were read", ahead, k)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if memoryUsed.HeapAlloc > 1<<30 {
		t.Errorf("%d bytes of heap", memoryUsed.HeapAlloc)
	}
}
