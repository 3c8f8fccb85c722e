package sqlite

import (
	"context"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// SendJobs puts jobs into the queue.
func (s *Store) SendJobs(ctx context.Context, jobs []store.Job) (err error) {
	ctx, span := form.Start(ctx, driver, "store.SendJobs")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.jobs", len(jobs))

	queue, done, err := s.jobs.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	return queue.Send(ctx, jobs)
}

// WorkJobs does jobs until ctx ends or the store closes.
func (s *Store) WorkJobs(ctx context.Context, work store.Work) error {
	queue, done, err := s.jobs.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.jobs.closing, cancel)()
	err = queue.Work(working, work)
	switch {
	case ctx.Err() != nil:
		return err
	case s.jobs.closing.Err() != nil:
		return errClosed()
	}
	return unavailable(ctx, "work", err)
}
