package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"modernc.org/sqlite"

	jobqueue "github.com/customer-momentum/cmi/server/store/queue"
)

// The file belongs to this process alone, so whoever was at a job or led the queue when it was opened is gone.
const (
	freeJobs  = "UPDATE river_job SET state = 'available', max_attempts = max_attempts + 1 WHERE state = 'running'"
	freeQueue = "DELETE FROM river_leader"
)

// jobs is the queue in the file. It has a connection of its own, which it makes when it is used first: what it writes is
// its own tables, and only that does not go through the writer.
type jobs struct {
	path string
	// closing ends when the store closes.
	closing context.Context
	close   context.CancelFunc

	mu    sync.Mutex
	users sync.WaitGroup
	db    *sql.DB
	queue *jobqueue.Queue[*sql.Tx]
}

func newJobs(path string) *jobs {
	j := &jobs{path: path}
	j.closing, j.close = context.WithCancel(context.Background())
	return j
}

// use lends the queue, and keeps it open until done is called.
func (j *jobs) use(ctx context.Context) (_ *jobqueue.Queue[*sql.Tx], done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closing.Err() != nil {
		return nil, nil, errClosed()
	}
	if j.queue == nil {
		if err := j.open(ctx); err != nil {
			return nil, nil, unavailable(ctx, "open the queue", err)
		}
	}
	j.users.Add(1)
	return j.queue, j.users.Done, nil
}

func (j *jobs) open(ctx context.Context) (err error) {
	connector, err := sqlite.NewConnector(address(j.path, queueing()))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, text := range []string{freeJobs, freeQueue} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("take over what others left: %w", err)
		}
	}
	if j.queue, err = jobqueue.New(riversqlite.New(db)); err != nil {
		return err
	}
	j.db = db
	return nil
}

// queueing are the settings of the connection of the queue. It waits long for its turn: the writer does not leave many gaps,
// and those who wait do not stand in a line.
func queueing() url.Values {
	settings := writing()
	settings["_pragma"] = slices.DeleteFunc(settings["_pragma"], func(p string) bool { return strings.HasPrefix(p, "busy_timeout") })
	settings.Add("_pragma", "busy_timeout(30000)")
	return settings
}

// stop refuses new callers, and waits until those that work or send have ended.
func (j *jobs) stop() {
	j.mu.Lock()
	j.close()
	j.mu.Unlock()
	j.users.Wait()
}

// free gives the connection back. Nobody uses it any more.
func (j *jobs) free() error {
	if j.db == nil {
		return nil
	}
	return j.db.Close()
}
