package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
	"github.com/customer-momentum/cmi/server/store/queue"
)

// workingConns bounds the connections of one who works: one listens for jobs, the others fetch and end them.
const workingConns = 4

// returnWait is how long a queue that has ended may take to give its connections back.
const returnWait = 5 * time.Second

// SendJobs puts jobs into the queue. They go in in one order, so that those who send the same ones wait for one another, and
// each once: the database does not take the same row twice in a statement.
func (s *Store) SendJobs(ctx context.Context, jobs []store.Job) (err error) {
	ctx, span := form.Start(ctx, driver, "store.SendJobs")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.jobs", len(jobs))

	q, err := queue.New(riverpgxv5.New(s.pool))
	if err != nil {
		return err
	}
	jobs = slices.Compact(slices.SortedFunc(slices.Values(jobs), func(a, b store.Job) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Piece, b.Piece), cmp.Compare(a.Round, b.Round))
	}))
	return s.try(ctx, "send jobs", func(ctx context.Context) error { return q.Send(ctx, jobs) })
}

// WorkJobs works with connections of its own: the queue holds on to one all the time, and must not wait for others behind the
// calls that its jobs make. It ends when the store closes, too.
func (s *Store) WorkJobs(ctx context.Context, work store.Work) error {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	s.rest.Add(1) // Close waits for it
	defer s.rest.Done()
	done()
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.beside, cancel)()
	err = s.work(working, work)
	switch {
	case ctx.Err() != nil:
		return err
	case s.beside.Err() != nil:
		return errClosed()
	}
	return unavailable(ctx, "work", err)
}

func (s *Store) work(ctx context.Context, work store.Work) (err error) {
	config := s.pool.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = workingConns, 0, 0
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("open the pool of connections: %w", err)
	}
	defer func() { err = errors.Join(err, giveBack(pool)) }()
	q, err := queue.New(riverpgxv5.New(pool))
	if err != nil {
		return err
	}
	return q.Work(ctx, work)
}

// giveBack closes a pool, which waits for its connections: a queue that did not end in good order may hold on to one for ever.
func giveBack(pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	timer := time.NewTimer(returnWait)
	defer timer.Stop()
	select {
	case <-closed:
		return nil
	case <-timer.C:
		return errors.New("the queue does not give its connections back")
	}
}
