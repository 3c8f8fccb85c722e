package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/customer-momentum/cmi/internal/rest"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// pollEvery is how often the count of changes is read, for words that did not come through: a pooler in between may
	// swallow them, and a connection may be dead without anyone noticing.
	pollEvery = time.Second
	// pollTimeout is how long that may take before the connection counts as lost.
	pollTimeout = 2 * time.Second
)

// The channel is of the schema, so that services which share a database do not wake one another.
const (
	channel      = "'cmi_' || md5(current_schema())"
	findChannel  = "SELECT " + channel
	countChange  = "UPDATE changes SET n = n + 1"
	sayChange    = "SELECT pg_notify(" + channel + ", $1)"
	countChanges = "SELECT n FROM changes"
)

// tell counts a change and says it to who listens, both when the transaction commits.
func tell(ctx context.Context, c conn, change store.Change) error {
	word, err := json.Marshal(change)
	if err != nil {
		return err
	}
	if _, err := c.Exec(ctx, countChange); err != nil {
		return err
	}
	_, err = c.Exec(ctx, sayChange, string(word))
	return err
}

// Watch listens on a connection of its own. While it has none, everything counts as changed, again and again.
func (s *Store) Watch(ctx context.Context, changed func(store.Change)) (err error) {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.rest.Go(func() {
		select {
		case <-s.beside.Done():
			cancel(errClosed())
		case <-ctx.Done():
		}
	})
	done()
	for {
		_ = s.listen(ctx, changed) // why it ended does not matter: it begins again
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		changed(store.Change{})
		rest.For(ctx, pollEvery)
	}
}

// listen tells of changes until the connection is lost.
func (s *Store) listen(ctx context.Context, changed func(store.Change)) error {
	l := &listener{changed: changed}
	if err := l.connect(ctx, s.pool.Config().ConnConfig); err != nil {
		return err
	}
	defer l.close()
	changed(store.Change{}) // before this it may have missed anything
	for {
		if err := l.hear(ctx); err != nil {
			return err
		}
		if err := l.poll(ctx); err != nil {
			return err
		}
	}
}

// listener is a connection on which changes are told.
type listener struct {
	conn    *pgx.Conn
	changed func(store.Change)
	count   int64 // of changes that were told
}

func (l *listener) connect(ctx context.Context, config *pgx.ConnConfig) (err error) {
	within, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	config = config.Copy()
	// Who waits for words in vain goes on with the connection: there is no statement to cancel.
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	if l.conn, err = pgx.ConnectConfig(within, config); err != nil {
		return err
	}
	var name string
	err = l.conn.QueryRow(within, findChannel).Scan(&name)
	if err == nil {
		_, err = l.conn.Exec(within, "LISTEN "+pgx.Identifier{name}.Sanitize())
	}
	if err == nil {
		err = l.conn.QueryRow(within, countChanges).Scan(&l.count)
	}
	if err != nil {
		l.close()
	}
	return err
}

func (l *listener) close() {
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
	defer cancel()
	_ = l.conn.Close(ctx)
}

// hear tells of the changes that are said in a while.
func (l *listener) hear(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, pollEvery)
	defer cancel()
	for {
		said, err := l.conn.WaitForNotification(within)
		if err != nil {
			if within.Err() != nil && ctx.Err() == nil && !l.conn.IsClosed() {
				return nil
			}
			return err
		}
		var change store.Change
		if err := json.Unmarshal([]byte(said.Payload), &change); err != nil {
			change = store.Change{} // of another version: it may mean anything
		}
		l.count++
		l.changed(change)
	}
}

// poll looks whether there were more changes than were said.
func (l *listener) poll(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	var count int64
	if err := l.conn.QueryRow(within, countChanges).Scan(&count); err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	if count > l.count {
		l.changed(store.Change{})
	}
	l.count = count
	return nil
}
