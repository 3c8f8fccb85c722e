package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// patientFor is how long tests wait for jobs that come at all.
const patientFor = time.Minute

// workers does jobs until the test ends, and tells which.
func workers(t *testing.T, s *Store) <-chan store.Job {
	t.Helper()
	did := make(chan store.Job, 100)
	working(t, s, func(_ context.Context, job store.Job) error {
		did <- job
		return nil
	})
	return did
}

// working does jobs until the test ends, or until the store closes: then that is answered.
func working(t *testing.T, s *Store, do func(context.Context, store.Job) error) <-chan error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		ended <- s.WorkJobs(ctx, store.Work{Workers: 1, Do: do})
	}()
	t.Cleanup(func() {
		cancel()
		<-gone
	})
	return ended
}

func next[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case one := <-from:
		return one
	case <-time.After(patientFor):
		t.Fatalf("%s did not come", what)
		panic("not reached")
	}
}

func send(t *testing.T, s *Store, jobs ...store.Job) {
	t.Helper()
	if err := s.SendJobs(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
}

// TestJobsOfADeadProcessAreDoneAtOnce: the file belongs to one process, so nobody waits for signs of life. The dead one was
// at the last try of a job, and led those who see to it that what failed is tried again.
func TestJobsOfADeadProcessAreDoneAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	send(t, s, store.Job{Operation: 7, Piece: 3, Round: 1}, store.Job{Operation: 7, Piece: 4})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	outside(t, path,
		"UPDATE river_job SET state = 'running', attempt = max_attempts, attempted_at = CURRENT_TIMESTAMP, attempted_by = '[\"gone\"]' WHERE id = 1",
		"UPDATE river_job SET state = 'retryable', attempt = 1, scheduled_at = datetime('now', '-1 minute') WHERE id = 2",
		"INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (CURRENT_TIMESTAMP, datetime('now', '+1 hour'), 'gone')")
	s = openAt(t, path)
	did := workers(t, s)
	got := map[store.Job]int{}
	for range 2 {
		got[next(t, "the job", did)]++
	}
	if got[store.Job{Operation: 7, Piece: 3, Round: 1}] != 1 || got[store.Job{Operation: 7, Piece: 4}] != 1 {
		t.Errorf("got %v", got)
	}
}

// TestCloseLetsJobsEnd: what a job saves while the store closes is saved, and who works is told that it closed.
func TestCloseLetsJobsEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	begun := make(chan struct{})
	ended := working(t, s, func(ctx context.Context, job store.Job) error {
		close(begun)
		<-s.jobs.closing.Done()
		_, _, err := s.StartOperation(ctx, "acme", store.OperationStart{ID: "late", Kind: "test"})
		if err != nil {
			t.Errorf("while the store closes: %v", err)
		}
		return err
	})
	send(t, s, store.Job{Operation: 1, Piece: store.Whole})
	next(t, "the job", begun)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := next(t, "the end of the work", ended); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("who worked was told %v", err)
	}
	if err := s.SendJobs(t.Context(), []store.Job{{Operation: 2}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("sent to a closed store: %v", err)
	}
	if err := s.WorkJobs(t.Context(), store.Work{Workers: 1}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("worked for a closed store: %v", err)
	}
	s = openAt(t, path)
	if _, err := s.Operation(t.Context(), "acme", "late"); err != nil {
		t.Errorf("what the job saved: %v", err)
	}
}

// TestABackupHoldsTheQueue takes one while a job is being done, which is then done again from the backup.
func TestABackupHoldsTheQueue(t *testing.T) {
	t.Parallel()
	s := open(t)
	op, _, err := s.StartOperation(t.Context(), "acme", store.OperationStart{ID: "one", Kind: "test", Request: []byte("all")})
	if err != nil {
		t.Fatal(err)
	}
	begun, enough := make(chan struct{}, 1), make(chan struct{})
	working(t, s, func(context.Context, store.Job) error {
		begun <- struct{}{}
		<-enough
		return nil
	})
	t.Cleanup(func() { close(enough) })
	send(t, s, store.Job{Operation: op.Key, Piece: 1})
	next(t, "the job", begun)
	backup, path := backedUp(t, s), filepath.Join(t.TempDir(), "restored.db")
	if _, err := Restore(t.Context(), backup, path, Copying{}); err != nil {
		t.Fatal(err)
	}
	restored := openAt(t, path)
	if job := next(t, "the job", workers(t, restored)); job != (store.Job{Operation: op.Key, Piece: 1}) {
		t.Errorf("got %+v", job)
	}
	if got, err := restored.Operation(t.Context(), "acme", "one"); err != nil || got.Key != op.Key || string(got.Request) != "all" {
		t.Errorf("got %+v, %v", got, err)
	}
}
