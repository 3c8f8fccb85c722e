package tables

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Place is a table's file, or a pipe.
type Place struct {
	// File is empty for a pipe.
	File   string
	Format Format
	// From and To are the ends of a pipe.
	From io.Reader
	To   io.Writer
}

func (p Place) String() string {
	switch {
	case p.File != "":
		return p.File
	case p.From != nil:
		return "stdin"
	}
	return "stdout"
}

// same tells whether two places are one file.
func (p Place) same(other Place) bool {
	if p.File == "" || other.File == "" {
		return false
	}
	if filepath.Clean(p.File) == filepath.Clean(other.File) {
		return true
	}
	a, err := os.Stat(p.File)
	if err != nil {
		return false
	}
	b, err := os.Stat(other.File)
	return err == nil && a.Mode().IsRegular() && os.SameFile(a, b)
}

// input is what a source reads from.
type input struct {
	io.Reader
	// file is nil for a pipe.
	file *os.File
	size int64 // 0: not known
}

func (p Place) open() (*input, error) {
	if p.File == "" {
		if file, ok := p.From.(*os.File); ok {
			if about, err := file.Stat(); err == nil && about.Mode().IsRegular() {
				return &input{Reader: file, file: file, size: about.Size()}, nil
			}
		}
		return &input{Reader: p.From}, nil
	}
	file, err := os.Open(p.File)
	if err != nil {
		return nil, fmt.Errorf("the table cannot be read: %w", err)
	}
	about, err := file.Stat()
	if err == nil && about.IsDir() {
		err = fmt.Errorf("%s is a folder", p.File)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the table cannot be read: %w", err), file.Close())
	}
	in := &input{Reader: file, file: file}
	if about.Mode().IsRegular() {
		in.size = about.Size()
	}
	return in, nil
}

func (in *input) close() error {
	if in.file == nil || in.file == os.Stdin {
		return nil
	}
	return in.file.Close()
}

// output is a file that is there whole or not at all: until it is kept it has a name of its own beside the one it will have.
type output struct {
	io.Writer
	file *os.File
	name string
}

func (p Place) create() (*output, error) {
	if p.File == "" {
		return &output{Writer: p.To}, nil
	}
	if about, err := os.Stat(p.File); err == nil && !about.Mode().IsRegular() {
		// A device or a named pipe cannot be replaced, only written to.
		file, err := os.OpenFile(p.File, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be written: %w", p.File, err)
		}
		return &output{Writer: file, file: file}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(p.File), filepath.Base(p.File)+".partial-*")
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", p.File, err)
	}
	return &output{Writer: file, file: file, name: p.File}, nil
}

// keep gives the file its name.
func (o *output) keep() error {
	if o.file == nil {
		return nil
	}
	file := o.file
	o.file = nil
	var err error
	if o.name != "" {
		err = file.Chmod(0o644) // a temporary file is its owner's alone
	}
	err = errors.Join(err, file.Close())
	if err == nil && o.name != "" {
		err = os.Rename(file.Name(), o.name)
	}
	if err != nil {
		o.remove(file)
		return fmt.Errorf("%s cannot be written: %w", o.name, err)
	}
	return nil
}

// drop takes back what was not kept.
func (o *output) drop() {
	if o.file != nil {
		o.file.Close()
		o.remove(o.file)
		o.file = nil
	}
}

func (o *output) remove(file *os.File) {
	if o.name != "" {
		os.Remove(file.Name())
	}
}
