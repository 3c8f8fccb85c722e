package sqlite

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/customer-momentum/cmi/server/store"
)

func errClosed() error {
	return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
}

// unavailable makes of the driver's error one that says what was tried and that trying again may help. The caller's own
// cancellation stays what it is, although the driver may have another name for it.
func unavailable(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %s: %w", store.ErrUnavailable, doing, err)
}

// code answers SQLite's primary result code, 0 where err is not of SQLite.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// ofOneRequest says whether err lies in what one request asked for, so that its neighbours in a group would do better
// without it. A full disk or a lock is no such thing, and would be met again and again.
func ofOneRequest(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM:
		return false
	}
	return true
}

// explainOpen says what to do about a file that cannot be opened.
func explainOpen(path string, err error) error {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a store: name another file: %w", path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged: move it away and restore it from a backup: %w", path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s cannot be written: let this user write to it and to its folder: %w", path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s is locked: close the program that has it open, such as an sqlite3 shell: %w", path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s has no room: free some of its disk: %w", path, err)
	}
	return fmt.Errorf("open %s: %w", path, err)
}
