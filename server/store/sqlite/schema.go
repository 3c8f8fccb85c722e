package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/migration"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a file as a store of this service, where SQLite keeps such marks: "CMIs".
const applicationID = 0x434d4973

// setUp makes sure that the file is a store of this schema: a new one is set up, an older one brought forward only when
// asked for, any other refused with a sentence that says what to do.
func setUp(ctx context.Context, path string, migrate bool) error {
	if err := on(path, looking(), func(db *sql.DB) error { return mark(ctx, db) }); err != nil {
		return explainOpen(path, err)
	}
	files, err := embedded()
	if err != nil {
		return err
	}
	return on(path, writing(), func(db *sql.DB) error {
		if err := bringForward(ctx, db, path, files, migrate); err != nil {
			return err
		}
		return giveSecret(ctx, db)
	})
}

// embedded are the migrations of this program.
func embedded() (fs.FS, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return files, nil
}

// on lends do a connection of its own.
func on(path string, settings url.Values, do func(*sql.DB) error) (err error) {
	connector, err := sqlite.NewConnector(address(path, settings))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	return do(db)
}

// errForeign says that a file is a database, but not a store.
var errForeign = errors.New("it is a database of another program: name another file for the store")

// mark claims an empty file before anything else is written to it, so that a crash while it is set up leaves a file that
// the next start knows as its own.
func mark(ctx context.Context, db *sql.DB) error {
	marked, err := isMarked(ctx, db)
	if err != nil || marked {
		return err
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}

// isMarked tells a store from an empty file, and refuses what is another program's.
func isMarked(ctx context.Context, db *sql.DB) (bool, error) {
	var id, things int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return false, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&things); err != nil {
		return false, err
	}
	if id != applicationID && (id != 0 || things > 0) {
		return false, errForeign
	}
	return id == applicationID, nil
}

func bringForward(ctx context.Context, db *sql.DB, path string, files fs.FS, migrate bool) error {
	schema, err := migration.New(db, set(files))
	if err != nil {
		return err
	}
	status, err := schema.Status(ctx)
	if err != nil {
		return explainOpen(path, err)
	}
	settled, err := settled(ctx, db)
	if err != nil {
		return explainOpen(path, err)
	}
	if err := status.Start(path, migration.UpCommand("sqlite:"+path), settled, migrate); err != nil {
		return err
	}
	if err := raise(ctx, db, schema, migration.Newest); err != nil {
		return fmt.Errorf("bring %s from schema %d to %d: %w", path, status.Have, status.Want, err)
	}
	return nil
}

// set is the migrations of files, and how SQLite is asked for tables.
func set(files fs.FS) migration.Set {
	return migration.Set{
		Dialect: goose.DialectSQLite3, Files: files, Table: goose.DefaultTablename,
		HasTable: "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)",
	}
}

// settled says whether the store was set up to its end once. The secret is given last, so a store without one is empty: a
// crash may have left it between two migrations, and the next start goes on.
func settled(ctx context.Context, db *sql.DB) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'self'").Scan(&n)
	if err == nil && n > 0 {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM self WHERE name = 'secret'").Scan(&n)
	}
	return n > 0, err
}
