package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// predecessor is what stands where a store is restored to.
type predecessor struct {
	path string
	// moved are the names that were given up, and the names that stand for them now.
	moved [][2]string
	// linked says that the file has both names until another takes the first.
	linked bool
}

// logs are the files beside a store that hold writes of it. A store must never meet the log of another.
func logs() []string { return []string{"-wal", "-journal"} }

// there lists what there is.
func (p *predecessor) there() (ends []string, err error) {
	for _, end := range append([]string{""}, logs()...) {
		info, err := os.Lstat(p.path + end)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("look for the store: %w", err)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s is not a file: name another one for the store", p.path+end)
		}
		ends = append(ends, end)
	}
	return ends, nil
}

// allow refuses to replace anything that nobody said to replace.
func (p *predecessor) allow(force bool) error {
	ends, err := p.there()
	if err == nil && len(ends) > 0 && !force {
		return fmt.Errorf("%s is there already: name another file for the store, or say --force to replace it; it is then kept under another name",
			p.path+ends[0])
	}
	return err
}

// setAside gives what stands there another name, which it answers, for the new store to take the place. Whoever calls holds
// the lock of the store.
func (p *predecessor) setAside(ctx context.Context) (kept string, err error) {
	if err := p.fold(ctx); err != nil {
		return "", err
	}
	ends, err := p.there()
	if err != nil || len(ends) == 0 {
		return "", err
	}
	kept = p.path + ".replaced-" + time.Now().UTC().Format("20060102T150405.000000Z")
	slices.Reverse(ends) // the logs first: without them the old file may be old, but with them the new one would be wrong
	for _, end := range ends {
		if err := p.give(end, kept+end); err != nil {
			return "", errors.Join(err, p.putBack())
		}
	}
	if err := os.Remove(p.path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(fmt.Errorf("set the old store aside: %w", err), p.putBack())
	}
	return kept, nil
}

// fold has SQLite put the log of the old store into its file, as the last one who closes it does. What of a damaged one cannot
// be folded is set aside as it is: the damage may be the reason for the restore.
func (p *predecessor) fold(ctx context.Context) error {
	ends, err := p.there()
	if err != nil || len(ends) < 2 || ends[0] != "" {
		return err
	}
	folding := on(p.path, looking(), func(db *sql.DB) error {
		var n int
		return db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
	})
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted; nothing was changed: %w", ctx.Err())
	}
	if ends, err = p.there(); err == nil && folding == nil && len(ends) > 1 {
		return fmt.Errorf("%s is open in another program, such as an sqlite3 shell: close that first", p.path)
	}
	return err
}

// give gives one file another name. Where the system can, the store itself has both names until the new one takes the first,
// so that at no moment there is none.
func (p *predecessor) give(end, name string) error {
	from := p.path + end
	if end == "" && os.Link(from, name) == nil {
		p.linked = true
	} else if err := os.Rename(from, name); err != nil {
		return fmt.Errorf("set the old store aside: %w", err)
	}
	p.moved = append(p.moved, [2]string{from, name})
	return nil
}

// putBack undoes what was set aside.
func (p *predecessor) putBack() error {
	var all []error
	for _, names := range p.moved {
		from, name := names[0], names[1]
		if from == p.path && p.linked {
			all = append(all, os.Remove(name))
		} else {
			all = append(all, os.Rename(name, from))
		}
	}
	p.moved = nil
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("put the old store back: %w", err)
	}
	return nil
}
