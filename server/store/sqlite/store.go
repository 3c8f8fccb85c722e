// Package sqlite keeps what the service keeps in one SQLite file: durable, without a server to run beside it.
//
// One goroutine owns the only connection that writes what is kept. It commits in groups: whatever callers handed in while
// the last group went to disk is written as one transaction and acknowledged only when that is on disk. Reads run beside
// it, on a pool of connections that cannot write. The queue of jobs has tables and a connection of its own.
//
// What is kept of a customer lies where it can be overwritten: ids are hashed with a secret of the store, rows are only
// appended and never move, and texts that change lie in slots. An erasure fills all of it with zeros and cuts the log off.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Store keeps its data in one file. Make it with Open.
type Store struct {
	path   string
	file   os.FileInfo // of the file as it was opened: Ping sees when another took its place
	lock   *lock
	secret *form.Secret
	writer *writer
	reader *reader
	jobs   *jobs
	// patience is how long lists of customers look for those who match.
	patience patience

	// using is held for reading by every call that reads, so that Close does not pull the connections from under it.
	using  sync.RWMutex
	closed bool
	finish sync.Once
	ended  error
}

var _ store.Store = (*Store)(nil)

// driver names this package in traces.
const driver = "sqlite"

// Option changes how Open opens a file.
type Option func(*options)

type options struct {
	migrate bool
}

// Migrate makes Open bring a file of an older schema forward, which may take long and cannot be undone. Without it Open
// refuses such a file; an empty one is set up either way.
func Migrate() Option {
	return func(o *options) { o.migrate = true }
}

// Open opens the file at path and makes it where there is none. The file belongs to this process until Close: a second
// one is refused at once, because what the service remembers of its store would grow stale behind its back.
func Open(ctx context.Context, path string, opts ...Option) (_ *Store, err error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	s := &Store{patience: usualPatience()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()

	if s.path, err = resolve(path); err != nil {
		return nil, err
	}
	if s.lock, err = acquire(s.path + ".lock"); err != nil {
		return nil, err
	}
	if s.file, err = create(s.path); err != nil {
		return nil, err
	}
	if err = setUp(ctx, s.path, o.migrate); err != nil {
		return nil, err
	}
	if s.writer, err = newWriter(ctx, s.path); err != nil {
		return nil, explainOpen(s.path, err)
	}
	s.secret = s.writer.secret
	if s.reader, err = newReader(ctx, s.path); err != nil {
		return nil, explainOpen(s.path, err)
	}
	if err = s.writer.resumeMarkings(ctx); err != nil {
		return nil, explainOpen(s.path, err)
	}
	s.jobs = newJobs(s.path)
	go s.writer.run()
	return s, nil
}

// Close refuses new calls, finishes those that were taken, and gives the file back. Jobs end first: they need the store.
func (s *Store) Close() error {
	s.finish.Do(func() {
		s.jobs.stop()
		s.writer.stop()
		s.using.Lock()
		s.closed = true
		s.using.Unlock()
		s.ended = s.release()
	})
	return s.ended
}

// release frees what Open took, as far as it came. The writing connection goes after the reading ones: the last one that
// leaves folds the log into the file. The lock goes last.
func (s *Store) release() error {
	var errs []error
	if s.jobs != nil {
		errs = append(errs, s.jobs.free())
	}
	if s.reader != nil {
		errs = append(errs, s.reader.close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// use says whether the store may be read, and keeps it open until done is called.
func (s *Store) use(ctx context.Context) (done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.using.RLock()
	if s.closed {
		s.using.RUnlock()
		return nil, errClosed()
	}
	return s.using.RUnlock, nil
}
