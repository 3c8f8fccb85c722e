package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	// partialMark stands between the name of a copy and a random number while the copy is written.
	partialMark = ".partial-"
	// watchEvery is how often it is looked how far a copy is.
	watchEvery = 200 * time.Millisecond
)

// partial is a copy that is being written, under a name of its own beside the place that it is for.
type partial struct {
	path   string
	target string
	placed bool
}

// newPartial makes an empty file, for its owner alone. Its name is its own: two that copy to the same place at the same time
// do not write into each other's file.
func newPartial(target string) (*partial, error) {
	file, err := os.CreateTemp(filepath.Dir(target), filepath.Base(target)+partialMark+"*")
	if err != nil {
		return nil, fmt.Errorf("make a file for the copy: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a file for the copy: %w", err), os.Remove(file.Name()))
	}
	return &partial{path: file.Name(), target: target}, nil
}

// watch tells how far the copy is until it is stopped, and then that all of it is there.
func (p *partial) watch(total int64, tell func(done, total int64)) (stop func()) {
	if tell == nil {
		return func() {}
	}
	ending, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(watchEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ending:
				return
			case <-ticks.C:
				if info, err := os.Stat(p.path); err == nil {
					tell(min(info.Size(), total), total)
				}
			}
		}
	}()
	return func() {
		close(ending)
		<-ended
		tell(total, total)
	}
}

// place puts the finished copy in its place, in one step that a crash or a loss of power does or does not take, and answers
// its size.
func (p *partial) place(force bool) (size int64, err error) {
	file, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("put the copy on disk: %w", err)
	}
	info, err := file.Stat()
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, fmt.Errorf("put the copy on disk: %w", err)
	}
	if err := free(p.target, force); err != nil { // again: somebody may have been quicker
		return 0, err
	}
	if err := os.Rename(p.path, p.target); err != nil {
		return 0, fmt.Errorf("put the copy in its place: %w", err)
	}
	p.placed = true
	return info.Size(), syncFolder(filepath.Dir(p.target))
}

// discard removes a copy that did not get to its place.
func (p *partial) discard() error {
	if p.placed {
		return nil
	}
	return removeCopy(p.path)
}

// removeCopy removes what SQLite may have left beside a copy, and then the copy: cut off in between, it is found again.
func removeCopy(path string) error {
	var all []error
	for _, end := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, fmt.Errorf("remove what was not finished: %w", err))
		}
	}
	return errors.Join(all...)
}

// free says whether a copy may be put under a name.
func free(target string, force bool) error {
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("find a place for the copy: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: name another one", target)
	case !force:
		return fmt.Errorf("%s is there already: name another file, or say --force", target)
	}
	return nil
}

// syncFolder puts on disk which names a folder has.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // a folder cannot be synced there, and names are on disk by themselves
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("put the name of the copy on disk: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("put the name of the copy on disk: %w", err)
	}
	return nil
}
