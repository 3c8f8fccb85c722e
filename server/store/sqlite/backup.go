package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	sqlite3 "modernc.org/sqlite/lib"
)

// Copying is how a backup or a restore goes about it.
type Copying struct {
	// Force lets the copy take the place of what stands under its name.
	Force bool
	// Progress, where it is given, is told now and then how many bytes of how many are written. A backup leaves out what is
	// empty in the store, so it may end before the total.
	Progress func(done, total int64)
}

// Backup writes a copy of the store at path into the file out, and answers its size. A service may go on with the store
// meanwhile: the copy is taken by a reader of its own, from the state that stands when it begins, so it holds everything
// that was acknowledged until then. It is there whole or not at all.
//
// SQLite writes the copy row by row (VACUUM INTO), and not page by page. That takes as long, but what stayed behind in the gaps
// of pages does not get into the copy, and a page that is damaged is met while it is read. Until the copy is written, the log
// of the store cannot be cut off: it grows by what is recorded meanwhile, and what is erased meanwhile stays in it.
func Backup(ctx context.Context, path, out string, how Copying) (size int64, err error) {
	if path, out, err = backupNames(path, out); err != nil {
		return 0, err
	}
	if err := free(out, how.Force); err != nil {
		return 0, err
	}
	if err := clearPartials(ctx, out); err != nil {
		return 0, err
	}
	part, err := newPartial(out)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, part.discard()) }()
	if err := copyStore(ctx, path, part, how.Progress); err != nil {
		return 0, err
	}
	return part.place(how.Force)
}

// backupNames finds the one name of the store and of its copy, and refuses a copy that would take the place of the store or
// of one of its files.
func backupNames(path, out string) (source, target string, err error) {
	if source, err = resolve(path); err != nil {
		return "", "", err
	}
	info, err := os.Stat(source)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("there is no store at %s: name the file that the service keeps", source)
	}
	if err != nil {
		return "", "", fmt.Errorf("find the store: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", "", fmt.Errorf("%s is not a file: name the file that the service keeps", source)
	}
	if target, err = resolve(out); err != nil {
		return "", "", fmt.Errorf("find a place for the backup: %w", err)
	}
	for _, end := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		if target == source+end {
			return "", "", fmt.Errorf("%s belongs to the store itself: name another file for the backup", target)
		}
	}
	if there, err := os.Stat(target); err == nil && os.SameFile(there, info) {
		return "", "", fmt.Errorf("%s is the store itself: name another file for the backup", target)
	}
	return source, target, nil
}

// copyStore writes the state of the store into part.
func copyStore(ctx context.Context, path string, part *partial, progress func(done, total int64)) error {
	return on(path, copying(), func(db *sql.DB) error {
		if _, err := inspect(ctx, db, path); err != nil {
			return err
		}
		size, err := measure(ctx, db)
		if err != nil {
			return explainRead(path, err)
		}
		stop := part.watch(size.all-size.empty, progress)
		// mode=rw: where another took the empty file away, SQLite makes none that everybody may read.
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", address(part.path, url.Values{"mode": {"rw"}}))
		stop()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("interrupted; there is no backup: %w", ctx.Err())
		case code(err) == sqlite3.SQLITE_FULL:
			return fmt.Errorf("%s has no room for the backup: free some of its disk: %w", part.path, err)
		case err != nil:
			return explainRead(path, err)
		}
		return nil
	})
}

// copying are the settings of the connection that a backup reads with. It takes no lock that the writer asks for.
func copying() url.Values {
	return url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(5000)", "cache_size(-32768)", "trusted_schema(OFF)"},
		"_dqs":    {"0"},
	}
}

// extent is how large a database says it is, in bytes.
type extent struct {
	all, empty int64
}

func measure(ctx context.Context, db *sql.DB) (e extent, err error) {
	var size int64
	for text, into := range map[string]*int64{"PRAGMA page_count": &e.all, "PRAGMA freelist_count": &e.empty, "PRAGMA page_size": &size} {
		if err := db.QueryRowContext(ctx, text).Scan(into); err != nil {
			return extent{}, err
		}
	}
	return extent{e.all * size, e.empty * size}, nil
}
