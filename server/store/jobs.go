package store

import (
	"context"
	"log/slog"
)

// Jobs is the queue that brings the pieces of operations to processes that have the time. It only brings them: whether a piece
// is done is what Operations says.
type Jobs interface {
	// SendJobs puts jobs into the queue. One that is there already is not put there again.
	SendJobs(ctx context.Context, jobs []Job) error

	// WorkJobs does jobs until ctx ends. Then it lets those that run end, for a few seconds, cancels those that have not, and
	// answers ctx's error; any other error says why it could not start. A job goes to one process at a time, and to another
	// when do answers an error or the process dies, which may take a minute to be noticed.
	WorkJobs(ctx context.Context, work Work) error
}

// Job asks for something to be done for an operation.
type Job struct {
	Operation int64 // its key
	Piece     int   // which piece; Whole: what comes before the pieces or after them
	Round     int64 // tells apart jobs that are sent again on purpose
}

// Whole is the Piece of a job that is about the operation as a whole.
const Whole = -1

// Work is how jobs are done.
type Work struct {
	Workers int // how many at once, at least 1
	Do      func(context.Context, Job) error
	Log     *slog.Logger
}
