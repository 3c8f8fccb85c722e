package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// cancelWait is how long a connection whose statement was cancelled may take to say so, before it is closed.
	cancelWait = 100 * time.Millisecond
	// connectTimeout bounds how long a connection takes to come about, where the URL does not say.
	connectTimeout = 5 * time.Second
)

// configure reads a URL and adds what the service wants of every connection.
func configure(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx leaves the password out of what it says.
		return nil, fmt.Errorf("the URL of the PostgreSQL store: %w", err)
	}
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name": "cmi",
		// A client whose machine vanished holds no locks for long.
		"idle_in_transaction_session_timeout": "60s",
		// Nothing is asked for that takes this long; callers' own deadlines cancel what they wait for.
		"statement_timeout": "120s",
	} {
		if _, said := c.RuntimeParams[name]; !said {
			c.RuntimeParams[name] = value
		}
	}
	// What nobody waits for any more is cancelled in the database too, in place of running to its end.
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelWait}
	}
	return config, nil
}
