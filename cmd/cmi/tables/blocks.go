package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/customer-momentum/cmi/server/columnar"
)

const (
	// blockSize is how much text is worked on at once, and mostRecord how much one row may have.
	blockSize  = 1 << 20
	mostRecord = 16 << 20
)

// blocks cuts a text into pieces of whole rows.
type blocks struct {
	from io.Reader
	// quoted tells that rows may go over several lines, within quotes.
	quoted bool
	rest   []byte
	line   int
	ended  bool
	read   int64
}

func newBlocks(from io.Reader, quoted bool) *blocks {
	return &blocks{from: from, quoted: quoted, line: 1}
}

// next reads the next piece; io.EOF comes after the last one.
func (b *blocks) next(into *piece) error {
	into.raw = append(into.raw[:0], b.rest...)
	into.line = b.line
	for size := blockSize; ; size *= 2 {
		if err := b.fill(into, size); err != nil {
			return err
		}
		cut := len(into.raw)
		if !b.ended || len(into.raw) > size {
			cut = boundary(into.raw, b.quoted)
		}
		for bytes.Count(into.raw[:cut], []byte{'\n'}) > columnar.MostRows {
			shorter := boundary(into.raw[:cut/2], b.quoted)
			if shorter == 0 {
				break
			}
			cut = shorter
		}
		if cut > 0 {
			b.cut(into, cut)
			return nil
		}
		if b.ended {
			return io.EOF
		}
		if size >= mostRecord {
			what := "no line ends"
			if b.quoted {
				what = "no row ends (a quote may be open)"
			}
			return &LineError{b.line, fmt.Sprintf("%s within %d MiB", what, mostRecord>>20)}
		}
	}
}

// fill reads until there are so many bytes, or no more.
func (b *blocks) fill(into *piece, size int) error {
	if b.ended || len(into.raw) >= size {
		return nil
	}
	at := len(into.raw)
	if cap(into.raw) < size {
		into.raw = append(make([]byte, 0, size), into.raw...)
	}
	into.raw = into.raw[:size]
	n, err := io.ReadFull(b.from, into.raw[at:])
	into.raw = into.raw[:at+n]
	b.read += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		b.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	return nil
}

// cut keeps for later what comes behind.
func (b *blocks) cut(into *piece, at int) {
	b.rest = append(b.rest[:0], into.raw[at:]...)
	into.raw = into.raw[:at]
	b.line += bytes.Count(into.raw, []byte{'\n'})
}

// boundary is where the last whole row ends, 0 where none does. A line end is one of a row where as many quotes were closed as
// opened.
func boundary(text []byte, quoted bool) int {
	end := bytes.LastIndexByte(text, '\n') + 1
	if !quoted || end == 0 {
		return end
	}
	open := bytes.Count(text[:end], []byte{'"'})%2 != 0
	for open {
		before := bytes.LastIndexByte(text[:end-1], '\n') + 1
		if before == 0 {
			return 0
		}
		open = open != (bytes.Count(text[before:end], []byte{'"'})%2 != 0)
		end = before
	}
	return end
}
