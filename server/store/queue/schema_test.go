package queue_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/store/queue"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "queue.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// in is a transaction of db.
func in(db *sql.DB) func(context.Context, func(context.Context, *sql.Tx) error) error {
	return func(ctx context.Context, work func(context.Context, *sql.Tx) error) (err error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := work(ctx, tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
}

func tables(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestUpAndDown makes the tables that Tables names, and takes them away, each as often as one likes.
func TestUpAndDown(t *testing.T) {
	t.Parallel()
	db := open(t)
	for range 2 {
		for range 2 {
			if err := queue.Up(t.Context(), riversqlite.New(nil), in(db)); err != nil {
				t.Fatal(err)
			}
			if got := tables(t, db); !slices.Equal(got, queue.Tables()) {
				t.Errorf("there are %v, not %v", got, queue.Tables())
			}
		}
		for range 2 {
			if err := queue.Down(t.Context(), riversqlite.New(nil), in(db)); err != nil {
				t.Fatal(err)
			}
			if got := tables(t, db); len(got) > 0 {
				t.Errorf("%v stay behind", got)
			}
		}
	}
}

// TestUpGoesOn after a process that died between two versions.
func TestUpGoesOn(t *testing.T) {
	t.Parallel()
	db := open(t)
	broken := errors.New("broken off")
	left := 3
	err := queue.Up(t.Context(), riversqlite.New(nil), func(ctx context.Context, work func(context.Context, *sql.Tx) error) error {
		if left--; left < 0 {
			return broken
		}
		return in(db)(ctx, work)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := queue.Up(t.Context(), riversqlite.New(nil), in(db)); err != nil {
		t.Fatal(err)
	}
	if got := tables(t, db); !slices.Equal(got, queue.Tables()) {
		t.Errorf("there are %v", got)
	}
}

// TestVersion: another River needs a migration of the stores of its own.
func TestVersion(t *testing.T) {
	t.Parallel()
	migrator, err := rivermigrate.New(riversqlite.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	newest := 0
	for _, v := range migrator.AllVersions() {
		newest = max(newest, v.Version)
	}
	if newest != queue.Version {
		t.Errorf("River's tables are at version %d now, the stores' schemas go with %d", newest, queue.Version)
	}
}
