package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// clearPartials removes what copies to the same place left that were killed. One that is being written is locked by whoever
// writes it, and stays.
func clearPartials(ctx context.Context, target string) error {
	left, err := partials(target)
	if err != nil {
		return err
	}
	for _, path := range left {
		err := on(path, url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(0)"}}, func(db *sql.DB) error {
			_, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE")
			return err
		})
		if code(err) == sqlite3.SQLITE_BUSY {
			return fmt.Errorf("another process is writing %s already: wait for it, or name another file", target)
		}
		if err := removeCopy(path); err != nil {
			return err
		}
	}
	return nil
}

// partials lists the unfinished copies that are for a place.
func partials(target string) (paths []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return nil, fmt.Errorf("look for unfinished copies: %w", err)
	}
	for _, e := range entries {
		number, is := strings.CutPrefix(e.Name(), filepath.Base(target)+partialMark)
		if is && number != "" && strings.Trim(number, "0123456789") == "" {
			paths = append(paths, filepath.Join(filepath.Dir(target), e.Name()))
		}
	}
	return paths, nil
}
