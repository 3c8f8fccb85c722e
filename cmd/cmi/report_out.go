package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
)

// reportFormat is a format of reports on the command line; its zero value leaves it to the name of the file.
type reportFormat struct{ report.Format }

// UnmarshalText reads it.
func (f *reportFormat) UnmarshalText(text []byte) (err error) {
	f.Format, err = report.ParseFormat(string(text))
	return err
}

// reportOut says where a report goes, and in which form.
type reportOut struct {
	Format reportFormat `group:"Output" placeholder:"FORMAT" help:"Write a table, csv, json or html. Default: by the end of the name of --out, else a table."`
	Out    string       `group:"Output" placeholder:"FILE" help:"Write into this file, which is there whole or not at all; - is stdout. Default: stdout."`
}

// Validate refuses a file that does not say its format.
func (o reportOut) Validate() error {
	_, err := o.form()
	return err
}

// form is the format in which the report is written.
func (o reportOut) form() (report.Format, error) {
	switch {
	case o.Format.Format != "":
		return o.Format.Format, nil
	case o.stdout():
		return report.Table, nil
	}
	format, err := report.FormatOf(o.Out)
	if err != nil {
		return "", fmt.Errorf("%w; or say it with --format", err)
	}
	return format, nil
}

func (o reportOut) stdout() bool { return o.Out == "" || o.Out == "-" }

// write writes an answer to a request where it goes.
func (o reportOut) write(s streams, request, answer proto.Message) error {
	format, err := o.form()
	if err != nil {
		return err
	}
	laidOut, err := report.New(request, answer)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if format == report.JSON {
			return writeJSON(w, answer)
		}
		return laidOut.Write(w, format)
	}
	if o.stdout() {
		return write(s.out)
	}
	return writeWhole(o.Out, write)
}

// writeWhole writes a file that is there whole or not at all: until it is whole it has a name of its own beside the one it will have.
func writeWhole(name string, write func(io.Writer) error) error {
	if about, err := os.Stat(name); err == nil && !about.Mode().IsRegular() {
		return writeThrough(name, write)
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".partial-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	err = write(file)
	err = errors.Join(err, file.Chmod(0o644), file.Close()) // a temporary file is its owner's alone
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// writeThrough writes into a device or a named pipe, which cannot be replaced.
func writeThrough(name string, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	return nil
}
