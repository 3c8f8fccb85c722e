package storetest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// jobsEnd: work that never began, or that has nothing to do, ends with its context; and there is none in a closed store.
func jobsEnd(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	work := store.Work{Workers: 1, Log: slog.New(slog.DiscardHandler), Do: func(context.Context, store.Job) error {
		t.Error("a job was done that nobody sent")
		return nil
	}}
	if err := s.WorkJobs(ctx, work); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("cancelled before: got %v", err)
	}
	hire(t, s, 2, work.Do).stop(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.WorkJobs(t.Context(), work); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after Close: got %v, want ErrUnavailable", err)
	}
}

// jobsEndInTime: when the work ends, a job that runs is let end, with a store and a context that still serve it; it counts as
// done. One that waits is done by who works next.
func jobsEndInTime(t *testing.T, s store.Store) {
	runs, waits := store.Job{Operation: 1, Piece: 1}, store.Job{Operation: 1, Piece: 2}
	goOn := make(chan struct{})
	var finished atomic.Bool
	c := hire(t, s, 1, func(ctx context.Context, job store.Job) error {
		if job != runs {
			return errors.New("nothing begins after the end")
		}
		<-goOn
		for _, id := range []string{"a", "b", "c"} {
			if _, _, err := s.StartOperation(ctx, "acme", ofID(id)); err != nil {
				t.Errorf("a job that runs while the work ends: %v", err)
			}
		}
		finished.Store(true)
		return nil
	})
	send(t, s, runs)
	c.await(t, 1, runs)
	send(t, s, waits)
	c.cancel()
	close(goOn)
	c.stop(t)
	if !finished.Load() {
		t.Error("WorkJobs ended before the job did")
	}
	hire(t, s, 1, nil).once(t, s, waits)
}

// jobsCancelled: a job that does not end by itself is cancelled, and comes again to who works next.
func jobsCancelled(t *testing.T, s store.Store) {
	stuck := store.Job{Operation: 1, Piece: 1}
	var told atomic.Bool
	c := hire(t, s, 1, func(ctx context.Context, _ store.Job) error {
		select {
		case <-ctx.Done():
			told.Store(true)
		case <-time.After(atLast):
		}
		return ctx.Err()
	})
	send(t, s, stuck)
	c.await(t, 1, stuck)
	c.stop(t)
	if !told.Load() {
		t.Error("the job was not cancelled")
	}
	hire(t, s, 1, nil).once(t, s, stuck)
}

// jobsWhileClosing: when the store closes, so does the work.
func jobsWhileClosing(t *testing.T, s store.Store) {
	job := store.Job{Operation: 1, Piece: 1}
	c := hire(t, s, 2, nil)
	send(t, s, job)
	c.await(t, 1, job)
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := c.end(t); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("WorkJobs of a store that was closed: got %v, want ErrUnavailable", err)
	}
}
