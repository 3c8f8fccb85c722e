package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	sqlite3 "modernc.org/sqlite/lib"
)

const findSchema = "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied"

// errUnfinished says that a file was marked as a store, and nothing more.
var errUnfinished = errors.New("its set-up was never finished, so there is nothing in it")

// inspect looks whether a file is a store that this program knows, and answers its schema. An older one is.
func inspect(ctx context.Context, db *sql.DB, path string) (schema int64, err error) {
	var id int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, explainRead(path, err)
	}
	if id != applicationID {
		return 0, fmt.Errorf("%s is not a store of this service: name another file", path)
	}
	whole, err := settled(ctx, db)
	if err != nil {
		return 0, explainRead(path, err)
	}
	if !whole {
		return 0, fmt.Errorf("%s is not a whole store: %w", path, errUnfinished)
	}
	if err := db.QueryRowContext(ctx, findSchema).Scan(&schema); err != nil {
		return 0, explainRead(path, err)
	}
	known, err := knownSchema()
	if err != nil {
		return 0, err
	}
	if schema > known {
		return 0, fmt.Errorf("%s has schema %d, this program knows schema %d: run the newer version that wrote it", path, schema, known)
	}
	return schema, nil
}

// knownSchema is the newest schema that this program knows.
func knownSchema() (newest int64, err error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	for _, e := range entries {
		n, err := goose.NumericComponent(e.Name())
		if err != nil {
			return 0, fmt.Errorf("read the migrations: %w", err)
		}
		newest = max(newest, n)
	}
	return newest, nil
}

// explainRead says what to do about a file that cannot be read.
func explainRead(path string, err error) error {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a store of this service: name another file: %w", path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged: use a backup of an earlier time: %w", path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s cannot be read: let this user read it and write to its folder, for the files that SQLite keeps there: %w", path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s is locked: close the program that has it open, such as an sqlite3 shell: %w", path, err)
	}
	return fmt.Errorf("read %s: %w", path, err)
}
