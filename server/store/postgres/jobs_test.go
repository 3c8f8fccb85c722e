package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

// atLast ends a test whose job never comes. Nothing is measured by it.
const atLast = 2 * time.Minute

// done is a job and where it was done.
type done struct {
	by  *Store
	job store.Job
}

// works has a store do jobs until the test ends, and answers a channel of how that ended.
func works(t *testing.T, s *Store, do func(context.Context, done) error) <-chan error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended, told := make(chan error, 1), make(chan struct{})
	work := store.Work{Workers: 1, Log: slog.New(slog.DiscardHandler), Do: func(ctx context.Context, job store.Job) error {
		return do(ctx, done{s, job})
	}}
	go func() {
		defer close(told)
		ended <- s.WorkJobs(ctx, work)
	}()
	t.Cleanup(func() {
		cancel()
		<-told
	})
	return ended
}

func next[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(atLast):
		t.Fatal("nothing comes")
	}
	return value
}

func sendTo(t *testing.T, s *Store, jobs ...store.Job) {
	t.Helper()
	if err := s.SendJobs(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
}

// TestJobsGoToOneOfTheStores of a database: the first ones wait until both stores have one. When one store closes, the other
// goes on.
func TestJobsGoToOneOfTheStores(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	here, there := openAt(t, url), openAt(t, url)
	var first sync.WaitGroup
	first.Add(2)
	seen := make(chan done, 100)
	do := func(ctx context.Context, d done) error {
		if d.job.Piece < 2 {
			first.Done()
			first.Wait()
		}
		seen <- d
		return nil
	}
	ended := works(t, here, do)
	works(t, there, do)
	var jobs []store.Job
	for i := range 10 {
		jobs = append(jobs, store.Job{Operation: 1, Piece: i})
	}
	sendTo(t, here, jobs[:2]...)
	if one, other := next(t, seen), next(t, seen); one.by == other.by || one.job == other.job {
		t.Errorf("one store did both: %v", []done{one, other})
	}
	sendTo(t, there, jobs[2:]...)
	counts := map[store.Job]int{}
	for range jobs[2:] {
		counts[next(t, seen).job]++
	}
	if len(counts) != len(jobs[2:]) {
		t.Errorf("done: %v", counts)
	}
	if err := here.Close(); err != nil {
		t.Error(err)
	}
	if err := next(t, ended); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.Canceled) {
		t.Errorf("the one that was closed ended with %v", err)
	}
	sendTo(t, there, store.Job{Operation: 2, Piece: 2})
	if d := next(t, seen); d.by != there || d.job.Operation != 2 {
		t.Errorf("after one was closed came %v", d)
	}
}

// TestCloseCancelsJobs that do not end by themselves: their calls are refused before.
func TestCloseCancelsJobs(t *testing.T) {
	t.Parallel()
	url := needed(t).Schema(t)
	s := openAt(t, url)
	begun, closing := make(chan error, 10), make(chan struct{})
	ended := works(t, s, func(ctx context.Context, _ done) error {
		begun <- nil
		<-closing
		for ctx.Err() == nil {
			if _, err := s.OpenOperations(ctx, 1); err != nil {
				begun <- err
				return err
			}
		}
		return ctx.Err()
	})
	job := store.Job{Operation: 1}
	sendTo(t, s, job)
	if err := next(t, begun); err != nil {
		t.Fatal(err)
	}
	close(closing)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := next(t, begun); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the job was told %v", err)
	}
	if err := next(t, ended); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("it ended with %v", err)
	}
	other := openAt(t, url)
	again := make(chan done, 10)
	works(t, other, func(_ context.Context, d done) error {
		again <- d
		return nil
	})
	if d := next(t, again); d.job != job {
		t.Errorf("came %v", d)
	}
}

// TestJobsOutliveTheDatabase: who works goes on with a database that crashed and came back.
func TestJobsOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	needed(t)
	mine, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mine.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := openAt(t, mine.URL)
	seen := make(chan done, 10)
	works(t, s, func(_ context.Context, d done) error {
		seen <- d
		return nil
	})
	sendTo(t, s, store.Job{Operation: 1})
	next(t, seen)
	if err := mine.Halt(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := s.SendJobs(t.Context(), []store.Job{{Operation: 2}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a database: %v", err)
	}
	if err := mine.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for s.Ping(t.Context()) != nil {
		if t.Context().Err() != nil {
			t.Fatal("it does not come back")
		}
	}
	for job := (store.Job{Operation: 3}); s.SendJobs(t.Context(), []store.Job{job}) != nil; {
		if t.Context().Err() != nil {
			t.Fatal("nothing can be sent")
		}
	}
	// One that was about to be marked as done may come again.
	for next(t, seen).job.Operation != 3 {
		continue
	}
}
