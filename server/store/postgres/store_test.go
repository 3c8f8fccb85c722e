package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
	"github.com/customer-momentum/cmi/server/store/storetest"
)

// server is the PostgreSQL of all tests, nil where there is none.
var server *pgtest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	server, err = pgtest.Find(context.Background())
	if err != nil && !errors.Is(err, pgtest.ErrNone) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if server != nil {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// needed skips a test where there is no PostgreSQL.
func needed(t testing.TB) *pgtest.Server {
	t.Helper()
	if server == nil {
		t.Skip(pgtest.ErrNone)
	}
	return server
}

// open opens a store in a schema of the test.
func open(t testing.TB) *Store {
	t.Helper()
	return openAt(t, needed(t).Schema(t))
}

func openAt(t testing.TB, url string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, opts...)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	needed(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}
