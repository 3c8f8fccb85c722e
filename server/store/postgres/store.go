// Package postgres keeps what the service keeps in a PostgreSQL database, which any number of processes share.
//
// What is recorded together is one statement, and so one transaction and one way to the server. Statements that change
// several customers take their locks in the order of their keys; the deadlocks that remain possible are tried again. Nothing
// is written under an isolation higher than READ COMMITTED: what must not be interleaved holds the lock of its customer.
// Reads of several statements are REPEATABLE READ, so that they see one moment.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// driver names this package in traces.
const driver = "postgres"

// Store keeps its data in a database. Make it with Open.
type Store struct {
	pool   *pgxpool.Pool
	secret *form.Secret
	known  *numbers
	// bulk is how many calls may write many rows at once.
	bulk *semaphore.Weighted
	// patience is how long lists of customers look for those who match.
	patience patience

	// using is held for reading by every call, so that Close lets them end.
	using  sync.RWMutex
	closed bool

	beside context.Context // ends when what runs beside the calls is to end
	stop   func()          // ends it
	rest   sync.WaitGroup  // until that ended
}

var _ store.Store = (*Store)(nil)

// Option changes how Open opens a database.
type Option func(*options)

type options struct {
	migrate bool
}

// Migrate makes Open bring a database of an older schema forward. Without it Open refuses such a database; an empty one is
// set up either way.
func Migrate() Option {
	return func(o *options) { o.migrate = true }
}

// Open opens the database at a URL, or by the words that libpq takes ("host=db user=cmi"). The settings of the pool are
// parameters of the URL: pool_max_conns, pool_min_conns, pool_max_conn_lifetime and pool_max_conn_idle_time. Passwords and
// certificates come from where libpq looks for them: PGPASSFILE, ~/.pgpass, sslrootcert and the like.
func Open(ctx context.Context, url string, opts ...Option) (_ *Store, err error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	if err := setUp(ctx, config.ConnConfig, o.migrate); err != nil {
		return nil, err
	}
	s := &Store{patience: usualPatience(), known: &numbers{}}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, explain("open the pool of connections", err)
	}
	s.bulk = semaphore.NewWeighted(int64(max(1, config.MaxConns/2)))
	if s.secret, err = readSecret(ctx, s.pool); err != nil {
		s.pool.Close()
		return nil, err
	}
	s.beside, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.rest.Go(func() { s.resumeMarkings(s.beside) })
	return s, nil
}

// Close lets the calls that run end, refuses others, and gives the connections back.
func (s *Store) Close() error {
	s.using.Lock()
	closed := s.closed
	s.closed = true
	s.using.Unlock()
	if closed {
		return nil
	}
	s.stop()
	s.rest.Wait()
	s.pool.Close()
	return nil
}

// use says whether the store may be used, and keeps it open until done is called.
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

func readSecret(ctx context.Context, pool *pgxpool.Pool) (*form.Secret, error) {
	var value []byte
	if err := pool.QueryRow(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&value); err != nil {
		return nil, explain("read the secret", err)
	}
	return form.ParseSecret(value)
}

// Ping answers nil when the database can be read and written: a standby can only be read.
func (s *Store) Ping(ctx context.Context) (err error) {
	ctx, span := form.Start(ctx, driver, "store.Ping")
	defer func() { form.End(span, err) }()

	var readOnly bool
	err = s.ask(ctx, "ask the database how it is", func(ctx context.Context, c conn) error {
		return c.QueryRow(ctx, "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean").Scan(&readOnly)
	})
	if err == nil && readOnly {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, errors.New("the database takes no writes: it is a standby, or read-only"))
	}
	return err
}
