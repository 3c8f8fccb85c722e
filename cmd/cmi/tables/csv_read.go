package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// csvSource reads CSV with a header.
type csvSource struct {
	in        *input
	blocks    *blocks
	delimiter byte
	names     *known
	// first is what was read of the first piece, until it is given.
	first *piece
}

func openCSV(in *input, delimiter byte) (*csvSource, error) {
	if delimiter == 0 {
		delimiter = ','
	}
	s := &csvSource{in: in, blocks: newBlocks(in, true), delimiter: delimiter, first: &piece{}}
	err := s.blocks.next(s.first)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty; its first line names the columns")
	}
	if err != nil {
		return nil, err
	}
	s.first.raw = bytes.TrimPrefix(s.first.raw, []byte("\uFEFF"))
	c := newCells(delimiter)
	c.text = s.first.raw
	s.names = &known{}
	for !c.ended {
		at := c.at
		cell, wrong := c.next()
		if wrong != "" {
			return nil, &LineError{1 + bytes.Count(c.text[:at], []byte{'\n'}), wrong}
		}
		s.names.names = append(s.names.names, string(cell))
	}
	s.names.seen = len(s.names.names)
	end := min(c.at, len(c.text))
	s.first.line += bytes.Count(c.text[:end], []byte{'\n'})
	s.first.raw = c.text[end:]
	return s, nil
}

func (s *csvSource) columns() *known { return s.names }

func (s *csvSource) next(into *piece) error {
	if s.first == nil {
		return s.blocks.next(into)
	}
	into.raw, into.line = append(into.raw[:0], s.first.raw...), s.first.line
	s.first = nil
	return nil
}

func (s *csvSource) progress() (done, total int64) { return s.blocks.read, s.in.size }

func (s *csvSource) close() error { return s.in.close() }

func (s *csvSource) decoder(p *plan) (decoder, error) {
	return &csvDecoder{builders: newBuilders(p, len(s.names.names)), cells: newCells(s.delimiter)}, nil
}

// csvDecoder turns lines of CSV into answers.
type csvDecoder struct {
	*builders
	cells  *cells
	starts []int // of the rows
}

func (d *csvDecoder) decode(from *piece) (*answers, error) {
	d.begin()
	d.starts = d.starts[:0]
	c := d.cells
	c.text, c.at = from.raw, 0
	row := 0
	for c.at < len(c.text) {
		if len(d.targets) > 1 && c.blank() {
			continue
		}
		start := c.at
		if at, wrong := d.row(row); wrong != "" {
			return nil, &LineError{from.line + bytes.Count(c.text[:min(at, len(c.text))], []byte{'\n'}), wrong}
		}
		d.starts = append(d.starts, start)
		row++
	}
	return d.end(row), nil
}

// row takes the cells of a row. What is wrong is said of a place in the text.
func (d *csvDecoder) row(row int) (at int, wrong string) {
	c := d.cells
	start := c.at
	for k := 0; ; k++ {
		cell, wrong := c.next()
		if wrong != "" {
			return c.at, wrong
		}
		if k < len(d.targets) {
			if targets := d.targets[k]; len(targets) > 0 {
				d.put(row, targets, cell)
			}
		}
		if c.ended {
			if k+1 != len(d.targets) {
				return start, fmt.Sprintf("the row has %d cells; the header names %d columns", k+1, len(d.targets))
			}
			return 0, ""
		}
	}
}

func (d *csvDecoder) cell(row, column int) string {
	again := *d.cells
	again.at, again.room = d.starts[row], nil
	for k := 0; ; k++ {
		cell, wrong := again.next()
		if k == column || wrong != "" || again.ended {
			return string(cell)
		}
	}
}
