// Package queue brings jobs from whoever sends them to a process that has the time, by River, in tables beside those of the
// store. It is what both drivers' queues are made of.
//
// River tells by the time that a job has run for whether its process is dead, and looks only now and then; so nothing rests on
// that being soon. Jobs are short, can be done twice without harm, and who sends them sends them again when nothing moves.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/customer-momentum/cmi/server/store"
)

const (
	// name is that of the one queue there is.
	name = "operations"
	// pieceTime and wholeTime are how long a job may take before it is cancelled: one about a piece, or about the whole.
	pieceTime, wholeTime = 30 * time.Second, 4 * time.Minute
	// deadAfter is after how long a job is taken for one whose process died.
	deadAfter = wholeTime + 30*time.Second
	// tries is how often a job is tried. Who sent it sends another one when all of them failed.
	tries = 4
	// keep is how long jobs are kept that ended, for who looks into the table.
	keep = time.Hour
	// softly is how long jobs may go on when their process is asked to end, and firmly how long they may take to notice.
	softly, firmly = 5 * time.Second, 5 * time.Second
	// cooldown is the shortest time between two looks for jobs, poll the longest.
	cooldown, poll = 50 * time.Millisecond, time.Second
	// together is how many jobs are sent in one statement.
	together = 1000
)

// Queue sends jobs and does them. TTx is the type of the driver's transactions.
type Queue[TTx any] struct {
	driver riverdriver.Driver[TTx]
	sender *river.Client[TTx]
}

// New makes a queue over a driver with its database. It starts nothing.
func New[TTx any](driver riverdriver.Driver[TTx]) (*Queue[TTx], error) {
	sender, err := river.NewClient(driver, &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	return &Queue[TTx]{driver: driver, sender: sender}, nil
}

// piece is a job as it stands in the table. It names nobody: what it is about stands in the store.
type piece struct {
	Operation int64 `json:"operation"`
	Piece     int   `json:"piece"`
	Round     int64 `json:"round"`
}

// Kind is one for all jobs, so that no process meets one that it does not know.
func (piece) Kind() string { return "piece" }

// InsertOpts says that the same job is not put into the queue twice.
func (piece) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: name, MaxAttempts: tries, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// Send puts jobs into the queue. Those that are in it already, or were done within the hour, are left as
// they are.
func (q *Queue[TTx]) Send(ctx context.Context, jobs []store.Job) error {
	for len(jobs) > 0 {
		n := min(len(jobs), together)
		params := make([]river.InsertManyParams, n)
		for i, job := range jobs[:n] {
			params[i].Args = piece{Operation: job.Operation, Piece: job.Piece, Round: job.Round}
		}
		if _, err := q.sender.InsertMany(ctx, params); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w: send jobs: %w", store.ErrUnavailable, err)
		}
		jobs = jobs[n:]
	}
	return nil
}

// Work does jobs until ctx ends, as store.Jobs says.
func (q *Queue[TTx]) Work(ctx context.Context, work store.Work) error {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{do: work.Do}); err != nil {
		return fmt.Errorf("make the queue's worker: %w", err)
	}
	client, err := river.NewClient(q.driver, &river.Config{
		Queues:                      map[string]river.QueueConfig{name: {MaxWorkers: work.Workers}},
		Workers:                     workers,
		JobTimeout:                  pieceTime,
		RescueStuckJobsAfter:        deadAfter,
		RetryPolicy:                 soon{},
		FetchCooldown:               cooldown,
		FetchPollInterval:           poll,
		CompletedJobRetentionPeriod: keep,
		CancelledJobRetentionPeriod: keep,
		DiscardedJobRetentionPeriod: keep,
		Logger:                      quiet(work.Log),
	})
	if err != nil {
		return fmt.Errorf("make the queue's client: %w", err)
	}
	// The end of ctx is an orderly end of the work, and not the end of its jobs.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start to work: %w", err)
	}
	<-ctx.Done()
	return errors.Join(ctx.Err(), stop(context.WithoutCancel(ctx), client))
}

// stop lets jobs end, and cancels those that take too long.
func stop[TTx any](ctx context.Context, client *river.Client[TTx]) error {
	soft, cancel := context.WithTimeout(ctx, softly)
	defer cancel()
	if client.Stop(soft) == nil {
		return nil
	}
	firm, cancel := context.WithTimeout(ctx, firmly)
	defer cancel()
	if err := client.StopAndCancel(firm); err != nil {
		return fmt.Errorf("stop to work: %w", err)
	}
	return nil
}

// worker does jobs.
type worker struct {
	river.WorkerDefaults[piece]
	do func(context.Context, store.Job) error
}

// Work does one.
func (w *worker) Work(ctx context.Context, job *river.Job[piece]) error {
	return w.do(ctx, store.Job{Operation: job.Args.Operation, Piece: job.Args.Piece, Round: job.Args.Round})
}

// Timeout is how long one may take.
func (w *worker) Timeout(job *river.Job[piece]) time.Duration {
	if job.Args.Piece == store.Whole {
		return wholeTime
	}
	return pieceTime
}

// soon tries a job again after as many seconds as it has failed.
type soon struct{}

// NextRetry is when.
func (soon) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(time.Duration(len(job.Errors)+1) * time.Second)
}
