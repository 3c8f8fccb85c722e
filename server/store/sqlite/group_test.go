package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// hold keeps the writer busy until release is called, so that what is handed in meanwhile becomes one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, leave, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	r := newRequest()
	r.apply = func(context.Context, *writer) error {
		close(entered)
		<-leave
		return nil
	}
	go func() { ended <- s.writer.submit(context.Background(), r) }()
	<-entered
	return func() {
		close(leave)
		if err := <-ended; err != nil {
			t.Errorf("the request that held the writer: %v", err)
		}
	}
}

// queued waits until n requests stand in the queue.
func queued(t *testing.T, s *Store, n int) {
	t.Helper()
	for range 5000 {
		s.writer.queue.mu.Lock()
		length := len(s.writer.queue.few.waiting)
		s.writer.queue.mu.Unlock()
		if length >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d requests never came", n)
}

func TestOneFailingRequestFailsAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	release := hold(t, s)
	errs := make([]error, 9)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() {
			if i != 4 {
				_, errs[i] = s.Record(t.Context(), "acme", []store.Entry{sample(fmt.Sprintf("r-%d", i))})
				return
			}
			r := newRequest()
			r.apply = func(ctx context.Context, w *writer) error {
				_, err := w.save.ExecContext(ctx, "acme", "q", 0, 0, 0, 0, 1, []byte{}) // the schema refuses version 0
				return err
			}
			errs[i] = s.writer.submit(t.Context(), r)
		})
	}
	queued(t, s, len(errs))
	release()
	calls.Wait()
	for i, err := range errs {
		if i == 4 {
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("the failing request: got %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("neighbour %d: %v", i, err)
		}
		if _, err := s.Response(t.Context(), "acme", fmt.Sprintf("r-%d", i)); err != nil {
			t.Errorf("neighbour %d: %v", i, err)
		}
	}
}

func TestNewScopesOfAnUndoneGroupAreForgotten(t *testing.T) {
	t.Parallel()
	s := open(t)
	bad := newRequest()
	row, err := newRow(s.secret, "new-tenant", sample("r-1"))
	if err != nil {
		t.Fatal(err)
	}
	bad.rows = append(bad.rows, row)
	bad.apply = func(context.Context, *writer) error { return errors.New("not this time") }
	if err := s.writer.submit(t.Context(), bad); err == nil {
		t.Fatal("the request did not fail")
	}
	for _, tenant := range []string{"other-tenant", "new-tenant"} {
		if _, err := s.Record(t.Context(), tenant, []store.Entry{sample("r-1")}); err != nil {
			t.Fatalf("%s: %v", tenant, err)
		}
		page, err := s.ListResponses(t.Context(), tenant, store.ResponseFilter{}, 10)
		if err != nil || len(page) != 1 {
			t.Errorf("%s lists %d, %v; want 1", tenant, len(page), err)
		}
	}
}

func TestACancelledRequestIsDroppedFromTheQueue(t *testing.T) {
	t.Parallel()
	s := open(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := s.Record(ctx, "acme", []store.Entry{sample("r-1")})
		ended <- err
	}()
	queued(t, s, 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v while the writer was busy, want the cancellation at once", err)
	}
	release()
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-2")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Response(t.Context(), "acme", "r-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the dropped request was written: %v", err)
	}
}

func TestAClaimedRequestIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := newRequest()
	r.apply = func(context.Context, *writer) error {
		cancel()
		time.Sleep(10 * time.Millisecond)
		return nil
	}
	if err := s.writer.submit(ctx, r); err != nil {
		t.Errorf("got %v, want what became of it", err)
	}
}

func TestAFullQueueHoldsCallersBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	release := hold(t, s)
	if !s.writer.queue.few.room.TryAcquire(queueRows - 1) { // the request that holds the writer has the last place
		t.Fatal("the queue was not empty")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Record(ctx, "acme", []store.Entry{sample("r-1")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want to be held back until the deadline", err)
	}
	release()
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("r-2")}); err != nil {
		t.Errorf("once there was room: %v", err)
	}
	s.writer.queue.few.room.Release(queueRows - 1)
}

func TestARequestLargerThanTheQueueIsWritten(t *testing.T) {
	t.Parallel()
	q := newQueue()
	r := newRequest()
	r.rows = make([]*row, 2*queueRows)
	if err := q.put(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if group := q.take(); len(group) != 1 {
		t.Fatalf("got a group of %d, want the large one alone", len(group))
	}
	q.leave(r)
	if !q.bulk.room.TryAcquire(queueRows) {
		t.Error("it did not give back the room that it took")
	}
}

func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for _, rows := range []int{groupRows - fewRows - 1, fewRows + 1, fewRows + 2, groupRows - fewRows - 1, fewRows + 1} {
		r := newRequest()
		r.rows = make([]*row, rows)
		if err := q.put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	for range 3 {
		sizes = append(sizes, len(q.take()))
	}
	if sizes[0] != 2 || sizes[1] != 1 || sizes[2] != 2 {
		t.Errorf("got groups of %v requests, want 2, 1 and 2", sizes)
	}
	q.close()
	if group := q.take(); group != nil {
		t.Errorf("a closed, empty queue gives %d", len(group))
	}
}

// TestBulkAndSingleRequestsGoTogether: neither waits for the other, whichever came first.
func TestBulkAndSingleRequestsGoTogether(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for _, rows := range []int{groupRows, groupRows, 1, 0, fewRows, groupRows} {
		r := newRequest()
		r.rows = make([]*row, rows)
		if err := q.put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range [][]int{{1, 0, fewRows, groupRows}, {groupRows}, {groupRows}} {
		var sizes []int
		for _, r := range q.take() {
			sizes = append(sizes, r.size())
			q.leave(r)
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("group %d has %v rows, want %v", i, sizes, want)
		}
	}
	if !q.few.room.TryAcquire(queueRows) || !q.bulk.room.TryAcquire(queueRows) {
		t.Error("room is taken by requests that left")
	}
}

// TestSlowGroupsGetSmaller, and quick ones larger again, within their bounds.
func TestSlowGroupsGetSmaller(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for _, step := range []struct {
		took time.Duration
		want int
	}{
		{longGroup, groupRows}, {longGroup + 1, groupRows / 2}, {time.Hour, groupRows / 4}, {longGroup / 2, groupRows / 4}, {0, groupRows / 2},
	} {
		if q.took(step.took); q.rows != step.want {
			t.Errorf("after a group of %v the next has %d rows, want %d", step.took, q.rows, step.want)
		}
	}
	for range 20 {
		q.took(time.Hour)
	}
	if q.rows != leastRows {
		t.Errorf("groups have %d rows, want %d at least", q.rows, leastRows)
	}
	for range 20 {
		q.took(0)
	}
	if q.rows != groupRows {
		t.Errorf("groups have %d rows, want %d at most", q.rows, groupRows)
	}
}

func TestCloseFinishesWhatWasTaken(t *testing.T) {
	t.Parallel()
	s := open(t)
	release := hold(t, s)
	errs := make([]error, 20)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() { _, errs[i] = s.Record(t.Context(), "acme", []store.Entry{sample(fmt.Sprintf("r-%d", i))}) })
	}
	queued(t, s, len(errs))
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	time.Sleep(5 * time.Millisecond) // Close is waiting now, or comes a little later: both must do
	release()
	calls.Wait()
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	again := openAt(t, s.path)
	for i, err := range errs {
		if err != nil {
			t.Errorf("request %d was in the queue: %v", i, err)
		}
		if _, err := again.Response(t.Context(), "acme", fmt.Sprintf("r-%d", i)); err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
}
