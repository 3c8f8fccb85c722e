// Package ndjson reads lines of bounded length.
package ndjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrLineTooLong says that a line is longer than the reader takes. The rest of the input cannot be made sense of.
var ErrLineTooLong = errors.New("ndjson: the line is too long")

// first is how large the buffer of a reader is to begin with, and kept how large one may be to be used again: a reader that
// met one enormous line does not hold on to its memory.
const (
	first = 32 << 10
	kept  = 1 << 20
)

// Buffers lends its readers their memory. The zero value is ready.
type Buffers struct{ pool sync.Pool }

// Reader reads lines from an input. It is for one goroutine.
type Reader struct {
	in      io.Reader
	max     int
	buffers *Buffers
	buf     []byte
	// begin and end bound what was read and not yet handed out; scanned is up to where no end of line was found.
	begin, end, scanned int
	line                int
	err                 error
}

// NewReader makes a reader that takes lines of up to max bytes, their end not counted.
func (b *Buffers) NewReader(in io.Reader, max int) *Reader {
	buf, _ := b.pool.Get().(*[]byte)
	if buf == nil {
		fresh := make([]byte, first)
		buf = &fresh
	}
	return &Reader{in: in, max: max, buffers: b, buf: *buf}
}

// Release gives the memory back. Neither the reader nor a line that it handed out may be used afterwards.
func (r *Reader) Release() {
	if buf := r.buf; buf != nil && len(buf) <= kept {
		r.buffers.pool.Put(&buf)
	}
	r.buf, r.err = nil, errors.New("ndjson: the reader was released")
}

// Line answers the number of the line that was handed out last, from 1.
func (r *Reader) Line() int { return r.line }

// Next answers the next line that is not blank, without its end; it is valid until the next call. A last line without an
// end counts when the input ended well. At the end of the input the error is io.EOF; an input that broke off gives its own
// error, and what it left of a line is not handed out.
func (r *Reader) Next() ([]byte, error) {
	for {
		line, err := r.next()
		if err != nil {
			return nil, err
		}
		r.line++
		if len(line) > r.max {
			r.err = fmt.Errorf("%w: it has more than %d bytes", ErrLineTooLong, r.max)
			return nil, r.err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return line, nil
		}
	}
}

func (r *Reader) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(r.buf[r.scanned:r.end], '\n'); i >= 0 {
			line := r.buf[r.begin : r.scanned+i]
			r.begin = r.scanned + i + 1
			r.scanned = r.begin
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		r.scanned = r.end
		switch {
		case errors.Is(r.err, io.EOF) && r.begin < r.end:
			line := r.buf[r.begin:r.end]
			r.begin = r.end
			return bytes.TrimSuffix(line, []byte("\r")), nil
		case r.err != nil:
			return nil, r.err
		case r.end-r.begin > r.max+1: // one more than a line and its \r
			r.line++
			r.err = fmt.Errorf("%w: it has more than %d bytes", ErrLineTooLong, r.max)
			return nil, r.err
		}
		r.fill()
	}
}

// fill makes room and reads once.
func (r *Reader) fill() {
	if r.begin > 0 && (r.begin == r.end || r.end == len(r.buf)) {
		n := copy(r.buf, r.buf[r.begin:r.end])
		r.scanned -= r.begin
		r.begin, r.end = 0, n
	}
	if r.end == len(r.buf) {
		larger := make([]byte, 2*len(r.buf))
		copy(larger, r.buf[:r.end])
		r.buf = larger
	}
	n, err := r.in.Read(r.buf[r.end:])
	r.end += n
	r.err = err
}
