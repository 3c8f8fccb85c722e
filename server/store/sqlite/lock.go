package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// lock is the claim of one process on a store. The system holds it for as long as the process lives, so that even
// kill -9 frees it.
//
// It sits on a file of its own beside the store: closing any descriptor of the store's own file would drop the locks that
// SQLite holds on it in this process. Other programs, such as a backup with the sqlite3 shell, do not ask for it and get
// along by SQLite's own locks. The file stays when the lock goes, since removing it would let two processes lock two files.
type lock struct {
	file *os.File
}

// errLocked says that another has the lock.
var errLocked = errors.New("locked")

func acquire(path string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the store: %w", err)
	}
	if err := lockFile(file); err != nil {
		owner := owner(file)
		closing := file.Close()
		if errors.Is(err, errLocked) {
			return nil, errors.Join(fmt.Errorf("%s is open in %s: stop that one, or give this one a file of its own",
				strings.TrimSuffix(path, ".lock"), owner), closing)
		}
		return nil, errors.Join(fmt.Errorf("lock the store: %w", err), closing)
	}
	l := &lock{file: file}
	if err := l.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the store: %w", err), l.release())
	}
	return l, nil
}

// sign leaves the number of this process in the file, for the sentence that a second one gets.
func (l *lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func owner(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if number := strings.TrimSpace(string(text)); err == nil && number != "" {
		return "process " + number
	}
	return "another process"
}

func (l *lock) release() error { return l.file.Close() }
