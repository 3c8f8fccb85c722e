package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// atLast is for how long the suite waits for a job. Nothing is measured by it: it ends a test whose job never comes.
const atLast = time.Minute

// crew works jobs until it is stopped, and counts how often each was begun.
type crew struct {
	cancel context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	begun map[store.Job]int
	// news is told of each job that was begun.
	news chan store.Job
}

// hire has jobs done by do, which may be nil, until the test ends or stops it.
func hire(t *testing.T, s store.Store, workers int, do func(ctx context.Context, job store.Job) error) *crew {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &crew{cancel: cancel, ended: make(chan error, 1), begun: map[store.Job]int{}, news: make(chan store.Job, 10_000)}
	work := store.Work{Workers: workers, Log: slog.New(slog.DiscardHandler), Do: func(ctx context.Context, job store.Job) error {
		c.mu.Lock()
		c.begun[job]++
		c.mu.Unlock()
		c.news <- job
		if do == nil {
			return nil
		}
		return do(ctx, job)
	}}
	go func() { c.ended <- s.WorkJobs(ctx, work) }()
	t.Cleanup(func() {
		cancel()
		if err := <-c.ended; err == nil {
			t.Error("WorkJobs ended without an error")
		}
	})
	return c
}

// end answers what WorkJobs came to.
func (c *crew) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-c.ended:
		c.ended <- err
		return err
	case <-time.After(atLast):
		t.Fatal("WorkJobs does not end")
		return nil
	}
}

// stop ends the work, and waits for it.
func (c *crew) stop(t *testing.T) {
	t.Helper()
	c.cancel()
	if err := c.end(t); !errors.Is(err, context.Canceled) {
		t.Errorf("WorkJobs: got %v, want the error of the context", err)
	}
}

// await waits until each of these was begun so often.
func (c *crew) await(t *testing.T, times int, jobs ...store.Job) {
	t.Helper()
	late := time.After(atLast)
	for !c.have(times, jobs) {
		select {
		case <-c.news:
		case err := <-c.ended:
			c.ended <- err
			t.Fatalf("WorkJobs ended: %v", err)
		case <-late:
			t.Fatalf("these were begun: %v; want %d times each of %v", c.counts(), times, jobs)
		}
	}
}

func (c *crew) have(times int, jobs []store.Job) bool {
	counts := c.counts()
	return !slices.ContainsFunc(jobs, func(j store.Job) bool { return counts[j] < times })
}

func (c *crew) counts() map[store.Job]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.begun)
}

func send(t *testing.T, s store.Store, jobs ...store.Job) {
	t.Helper()
	if err := s.SendJobs(t.Context(), jobs); err != nil {
		t.Fatalf("SendJobs: %v", err)
	}
}

// last is a job that is sent behind all others: once it is done, so are they.
func last() store.Job { return store.Job{Operation: 999, Piece: store.Whole, Round: 999} }

// once sees to it that each of these, and no other, was begun once. What would come again is given the time to, until one that
// was sent later has come.
func (c *crew) once(t *testing.T, s store.Store, jobs ...store.Job) {
	t.Helper()
	c.await(t, 1, jobs...)
	send(t, s, last())
	c.await(t, 1, last())
	c.stop(t)
	counts := c.counts()
	for _, job := range append(jobs, last()) {
		if counts[job] != 1 {
			t.Errorf("%+v was begun %d times", job, counts[job])
		}
		delete(counts, job)
	}
	if len(counts) > 0 {
		t.Errorf("jobs came that were not sent: %v", counts)
	}
}

// jobsOnce: jobs that were sent before somebody works, and while somebody does, are done once each, as they were sent.
func jobsOnce(t *testing.T, s store.Store) {
	send(t, s)
	var before, meanwhile []store.Job
	for i := range 12 {
		before = append(before, store.Job{Operation: int64(1 + i%2), Piece: i/2 - 1})
		meanwhile = append(meanwhile, store.Job{Operation: 3, Piece: i})
	}
	before = append(before, store.Job{Operation: math.MaxInt64, Piece: math.MaxInt32, Round: math.MaxInt64}, store.Job{Operation: 1<<53 + 1, Round: 1<<53 + 1})
	send(t, s, before...)
	c := hire(t, s, 2, nil)
	c.await(t, 1, before[0])
	send(t, s, meanwhile...)
	c.once(t, s, append(before, meanwhile...)...)
}

// jobsTwiceInOneCall: one that comes twice is put into the queue once, and the others with it.
func jobsTwiceInOneCall(t *testing.T, s store.Store) {
	one, other := store.Job{Operation: 1, Piece: 1}, store.Job{Operation: 1, Piece: 2}
	send(t, s, one, other, one)
	hire(t, s, 2, nil).once(t, s, one, other)
}

// jobsSentTwice: one that is in the queue is not put there again, whether by the next call, or at the same time.
func jobsSentTwice(t *testing.T, s store.Store) {
	var jobs []store.Job
	for i := range 5 {
		jobs = append(jobs, store.Job{Operation: 1, Piece: i})
	}
	send(t, s, jobs[0], jobs[1])
	send(t, s, jobs[1], jobs[2])
	together(savers, func(int) {
		if err := s.SendJobs(t.Context(), jobs); err != nil {
			t.Errorf("SendJobs: %v", err)
		}
	})
	hire(t, s, 3, nil).once(t, s, jobs...)
}

// jobsOfRounds: those that differ in anything are different jobs.
func jobsOfRounds(t *testing.T, s store.Store) {
	jobs := []store.Job{
		{Operation: 1}, {Operation: 1, Round: 1}, {Operation: 1, Round: 2}, {Operation: 1, Piece: 1}, {Operation: 1, Piece: 1, Round: 1},
		{Operation: 1, Piece: store.Whole}, {Operation: 1, Piece: store.Whole, Round: 1}, {Operation: 2}, {Operation: 11}, {Operation: 1, Piece: 11},
	}
	send(t, s, jobs[0], jobs[1])
	c := hire(t, s, 1, nil)
	c.await(t, 1, jobs[0])
	send(t, s, jobs[2:]...)
	c.once(t, s, jobs...)
}

// jobsComeAgain: one whose do answers an error comes again until it answers none.
func jobsComeAgain(t *testing.T, s store.Store) {
	fails, other := store.Job{Operation: 1, Piece: 1}, store.Job{Operation: 1, Piece: 2}
	var mu sync.Mutex
	failures := 0
	c := hire(t, s, 1, func(_ context.Context, job store.Job) error {
		mu.Lock()
		defer mu.Unlock()
		if job == fails && failures < 2 {
			failures++
			return errRefused
		}
		return nil
	})
	send(t, s, fails, other)
	c.await(t, 3, fails)
	c.await(t, 1, other)
	send(t, s, last())
	c.await(t, 1, last())
	c.stop(t)
	if got := c.counts(); got[fails] != 3 || got[other] != 1 {
		t.Errorf("begun: %v; want the one that failed twice 3 times, the other once", got)
	}
}

// jobsTogether: so many are done at once, and no more.
func jobsTogether(t *testing.T, s store.Store) {
	const workers = 3
	var jobs []store.Job
	for i := range 4 * workers {
		jobs = append(jobs, store.Job{Operation: 1, Piece: i})
	}
	send(t, s, jobs...)
	var now, most atomic.Int64
	full := make(chan struct{})
	c := hire(t, s, workers, func(ctx context.Context, _ store.Job) error {
		n := now.Add(1)
		defer now.Add(-1)
		for have := most.Load(); have < n && !most.CompareAndSwap(have, n); have = most.Load() {
		}
		select {
		case <-full: // the first ones wait for one another
			return nil
		case <-ctx.Done():
			return fmt.Errorf("waiting for the others: %w", ctx.Err())
		case <-time.After(atLast):
			return errors.New("the others do not come")
		}
	})
	for range workers {
		select {
		case <-c.news:
		case <-time.After(atLast):
			t.Fatal("too few jobs were begun")
		}
	}
	for range 200 { // time for one more to begin, if it did
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(full)
	c.await(t, 1, jobs...)
	c.stop(t)
	if got := most.Load(); got != workers {
		t.Errorf("%d were done at once, want %d", got, workers)
	}
}
