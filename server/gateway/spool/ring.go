package spool

import (
	"fmt"
	"io"
	"os"
)

// ring is a queue of bytes in a file that never becomes larger than size: what was read makes room for what comes. The file
// has no name where the system allows that, so that nothing is left behind whatever happens to the process.
type ring struct {
	size int64
	dir  string

	file *os.File
	// named is the file's name where it could not be taken away at once.
	named  string
	begin  int64
	length int64
}

func (r *ring) open() error {
	if r.file != nil {
		return nil
	}
	f, err := os.CreateTemp(r.dir, "cmi-spool-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if os.Remove(f.Name()) != nil {
		r.named = f.Name()
	}
	r.file = f
	return nil
}

// write appends p, which must fit.
func (r *ring) write(p []byte) error {
	if err := r.open(); err != nil {
		return err
	}
	if r.length == 0 {
		r.begin = 0
	}
	at := (r.begin + r.length) % r.size
	first := min(int64(len(p)), r.size-at)
	if _, err := r.file.WriteAt(p[:first], at); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if _, err := r.file.WriteAt(p[first:], 0); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	r.length += int64(len(p))
	return nil
}

// read takes up to len(p) bytes, and gives the disk its room back when nothing is left.
func (r *ring) read(p []byte) (int, error) {
	n := min(int64(len(p)), r.length, r.size-r.begin)
	got, err := r.file.ReadAt(p[:n], r.begin)
	if int64(got) < n {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return 0, fmt.Errorf("spool: %w", err)
	}
	r.begin = (r.begin + n) % r.size
	r.length -= n
	if r.length == 0 {
		// Best effort: a file that keeps its size is removed with the spool all the same.
		_ = r.file.Truncate(0)
	}
	return int(n), nil
}

func (r *ring) remove() {
	if r.file == nil {
		return
	}
	_ = r.file.Close()
	if r.named != "" {
		_ = os.Remove(r.named)
	}
	r.file, r.length = nil, 0
}
