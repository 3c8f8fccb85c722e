package tables

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonSource reads lines of JSON objects, a row each: column to value.
type jsonSource struct {
	in     *input
	blocks *blocks
	names  *known
	first  *piece
	// repeats tells that a column may stand in a line twice: then that row is refused, and not the table.
	repeats bool
}

func openJSON(in *input) (*jsonSource, error) {
	s := &jsonSource{in: in, blocks: newBlocks(in, false), first: &piece{}, names: &known{open: true}}
	err := s.blocks.next(s.first)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty; each line is one object")
	}
	if err != nil {
		return nil, err
	}
	s.first.raw = bytes.TrimPrefix(s.first.raw, []byte("\uFEFF"))
	return s, s.look()
}

// look gathers the columns that the first lines have.
func (s *jsonSource) look() error {
	seen := map[string]bool{}
	at := 0
	for line := range bytes.Lines(s.first.raw) {
		at++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		scan := scanner{text: line}
		wrong := scan.each(func(key []byte, _ valueKind, _ []byte) string {
			if !seen[string(key)] {
				seen[string(key)] = true
				s.names.names = append(s.names.names, string(key))
			}
			return ""
		})
		if wrong != "" {
			return &LineError{at, wrong}
		}
	}
	s.names.seen = len(s.names.names)
	return nil
}

func (s *jsonSource) columns() *known { return s.names }

func (s *jsonSource) next(into *piece) error {
	if s.first == nil {
		return s.blocks.next(into)
	}
	into.raw, into.line = append(into.raw[:0], s.first.raw...), s.first.line
	s.first = nil
	return nil
}

func (s *jsonSource) progress() (done, total int64) { return s.blocks.read, s.in.size }

func (s *jsonSource) close() error { return s.in.close() }

func (s *jsonSource) decoder(p *plan) (decoder, error) {
	d := &jsonDecoder{builders: newBuilders(p, len(s.names.names)), places: map[string]int{}, names: s.names.names, repeats: s.repeats}
	for at, name := range d.names {
		d.places[name] = at
	}
	d.row = make([]int, len(d.names))
	return d, nil
}

// jsonDecoder turns lines of JSON into answers.
type jsonDecoder struct {
	*builders
	names  []string
	places map[string]int // of columns
	lines  [][]byte
	row    []int // by column: one more than the row that had it last
	expect int   // the column that comes next where lines are alike
	scan   scanner
	// repeats is that of the source.
	repeats bool
}

func (d *jsonDecoder) decode(from *piece) (*answers, error) {
	d.begin()
	d.lines = d.lines[:0]
	clear(d.row)
	line := from.line - 1
	for text := range bytes.Lines(from.raw) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if wrong := d.object(text); wrong != "" {
			return nil, &LineError{line, wrong}
		}
		d.lines = append(d.lines, text)
	}
	return d.end(len(d.lines)), nil
}

// object takes a line.
func (d *jsonDecoder) object(text []byte) (wrong string) {
	row := len(d.lines)
	d.scan.text, d.scan.at, d.expect = text, 0, 0
	wrong = d.scan.each(func(key []byte, kind valueKind, value []byte) string {
		at, ok := d.place(key)
		if !ok {
			return ""
		}
		switch {
		case d.row[at] != row+1:
			d.row[at] = row + 1
			d.take(row, d.targets[at], kind, value)
		case d.repeats:
			d.repeat(row, d.targets[at])
		default:
			return fmt.Sprintf("column %q stands there twice; each column is allowed once", key)
		}
		return ""
	})
	if wrong != "" {
		return wrong
	}
	for at, last := range d.row {
		if last != row+1 {
			d.put(row, d.targets[at], nil)
		}
	}
	return ""
}

// repeat takes a second value of a column, which makes the row one to refuse.
func (d *jsonDecoder) repeat(row int, targets []target) {
	for k := range targets {
		if t := &targets[k]; t.what != forCopy {
			d.out.bad = append(d.out.bad, badCell{row, t.field, t.column, repeated})
		}
	}
}

// place finds a column.
func (d *jsonDecoder) place(key []byte) (int, bool) {
	if d.expect < len(d.names) && d.names[d.expect] == string(key) {
		d.expect++
		return d.expect - 1, true
	}
	at, ok := d.places[string(key)]
	if ok {
		d.expect = at + 1
	}
	return at, ok
}

// take takes a value for all that it is for.
func (d *jsonDecoder) take(row int, targets []target, kind valueKind, value []byte) {
	switch kind {
	case jsonNull:
		d.put(row, targets, nil)
	case jsonText, jsonPlain:
		d.put(row, targets, value)
	default:
		for k := range targets {
			d.takeNested(row, targets[k:k+1], kind, value)
		}
	}
}

// takeNested takes a list, which is a set of what was chosen, or an object, which is no answer.
func (d *jsonDecoder) takeNested(row int, one []target, kind valueKind, value []byte) {
	t := one[0]
	if t.what == forCopy {
		d.put(row, one, value)
		return
	}
	var chosen []string
	if t.what != forAnswer || t.to.field.kind != sets || kind != jsonList || json.Unmarshal(value, &chosen) != nil {
		if t.what != forExclusion {
			t.to.absent()
		}
		d.out.bad = append(d.out.bad, badCell{row, t.field, t.column, unreadable})
		return
	}
	parts := make([][]byte, len(chosen))
	for k := range chosen {
		parts[k] = []byte(chosen[k])
	}
	t.to.set(parts)
}

func (d *jsonDecoder) cell(row, column int) string {
	found := ""
	scan := scanner{text: d.lines[row]}
	scan.each(func(key []byte, _ valueKind, value []byte) string {
		if string(key) == d.names[column] {
			found = string(value)
		}
		return ""
	})
	return found
}
