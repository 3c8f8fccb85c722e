package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// writer owns the one connection that writes. Only its goroutine touches what stands below the queue.
type writer struct {
	queue *queue
	ended chan struct{}

	db       *sql.DB
	conn     *sql.Conn
	begin    *sql.Stmt
	commit   *sql.Stmt
	rollback *sql.Stmt
	inserts  []insert // the widest first
	scopes   *scopes
	next     int64 // seq of the next response

	find         *sql.Stmt
	findWhole    *sql.Stmt
	void         *sql.Stmt
	findRevision *sql.Stmt
	save         *sql.Stmt
}

func newWriter(ctx context.Context, path string) (_ *writer, err error) {
	connector, err := sqlite.NewConnector(address(path, writing()))
	if err != nil {
		return nil, err
	}
	w := &writer{queue: newQueue(), ended: make(chan struct{}), db: sql.OpenDB(connector)}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.free())
		}
	}()
	w.db.SetMaxOpenConns(1)
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err = w.prepare(ctx); err != nil {
		return nil, err
	}
	if err = w.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) + 1 FROM responses").Scan(&w.next); err != nil {
		return nil, fmt.Errorf("find the last response: %w", err)
	}
	return w, nil
}

func (w *writer) prepare(ctx context.Context) (err error) {
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.find, findScored},
		{&w.findWhole, findWhole},
		{&w.void, voidOnce},
		{&w.findRevision, findRevision},
		{&w.save, saveQuestionnaire},
	} {
		if *s.into, err = w.conn.PrepareContext(ctx, s.text); err != nil {
			return fmt.Errorf("prepare %s: %w", s.text, err)
		}
	}
	if w.inserts, err = prepareInserts(ctx, w.conn); err != nil {
		return err
	}
	w.scopes, err = prepareScopes(ctx, w.conn)
	return err
}

// submit hands a request in and waits until it is on disk. A caller that goes away before the writer came takes the
// request along; one that goes away later waits for the end, because it could not know what became of it.
func (w *writer) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.queue.put(ctx, r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.drop() {
			return ctx.Err()
		}
		return <-r.done
	}
}

// run writes group after group until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.ended)
	for group := w.queue.take(); group != nil; group = w.queue.take() {
		w.write(group)
	}
}

// stop refuses new requests and waits until those that wait are written.
func (w *writer) stop() {
	w.queue.close()
	<-w.ended
}

// close gives the connection back. The goroutine has ended or was never started.
func (w *writer) close() error { return w.free() }

func (w *writer) free() error {
	var errs []error
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	return errors.Join(append(errs, w.db.Close())...)
}
