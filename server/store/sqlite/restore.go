package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Restored is what a restore came to.
type Restored struct {
	// Bytes is the size of the store.
	Bytes int64
	// Kept is where the store is now that stood there before; empty where there was none.
	Kept string
	// Schema is that of the store, Known the newest that this program knows. A service needs them to be equal.
	Schema, Known int64
}

// Restore puts a copy of a backup in the place of the store at path, in one step, once the copy was found to be a whole store
// that this program knows. The store of a service that is running is not touched. A store that is there is kept under
// another name, and only replaced where that is asked for.
func Restore(ctx context.Context, backup, path string, how Copying) (restored Restored, err error) {
	if backup, err = backupAlone(backup); err != nil {
		return Restored{}, err
	}
	if path, err = resolve(path); err != nil {
		return Restored{}, err
	}
	if backup == path {
		return Restored{}, fmt.Errorf("%s is both the backup and the store: name another file for one of them", path)
	}
	old := &predecessor{path: path}
	if err := old.allow(how.Force); err != nil {
		return Restored{}, err
	}
	lock, err := acquire(path + ".lock")
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	part, err := copyBackup(ctx, backup, path, how.Progress)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, part.discard()) }()
	if restored.Schema, err = examine(ctx, backup, part.path); err != nil {
		return Restored{}, err
	}
	if restored.Known, err = knownSchema(); err != nil {
		return Restored{}, err
	}
	if restored.Kept, err = old.setAside(ctx); err != nil {
		return Restored{}, err
	}
	if restored.Bytes, err = part.place(true); err != nil {
		return Restored{}, errors.Join(err, old.putBack())
	}
	return restored, nil
}

// backupAlone finds the one name of a backup. A store that is in use, or was not closed, has its last writes in a file beside
// it: a copy of it without them is no backup.
func backupAlone(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the backup: %w", err)
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no backup at %s", path)
	}
	if err != nil {
		return "", fmt.Errorf("find the backup: %w", err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", fmt.Errorf("find the backup: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file: name a backup", path)
	}
	for _, end := range []string{"-wal", "-journal"} {
		if _, err := os.Lstat(real + end); err == nil {
			return "", fmt.Errorf("%s has its last writes in %s beside it, so it is a store in use and no backup: cmi backup makes one of it",
				path, filepath.Base(real)+end)
		}
	}
	return real, nil
}

// copyBackup copies the bytes of a backup beside the place of the store. Whoever holds the lock of the store is alone there, so
// that what others left unfinished is nobody's.
func copyBackup(ctx context.Context, backup, path string, progress func(done, total int64)) (_ *partial, err error) {
	left, err := partials(path)
	if err != nil {
		return nil, err
	}
	for _, p := range left {
		if err := removeCopy(p); err != nil {
			return nil, err
		}
	}
	part, err := newPartial(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, part.discard())
		}
	}()
	from, err := os.Open(backup)
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	to, err := os.OpenFile(part.path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("copy the backup: %w", err)
	}
	stop := part.watch(info.Size(), progress)
	_, err = io.Copy(to, &interruptible{ctx: ctx, from: from})
	stop()
	if err := errors.Join(err, to.Close()); err != nil {
		return nil, fmt.Errorf("copy the backup: %w", err)
	}
	return part, nil
}

// interruptible reads until its context ends.
type interruptible struct {
	ctx  context.Context
	from io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
