package tables

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/customer-momentum/cmi/server/columnar"
)

// Long names the columns of a table with a row for each answer: whose it is, to what, and what was said. The rows of a response
// stand together.
type Long struct{ Response, Item, Value string }

// longSource reads such a table as lines of JSON, one for each response.
type longSource struct {
	*jsonSource
	pivot *pivot
}

func newLongSource(from source, j *Job) (source, error) {
	p := &pivot{from: from}
	wanted := &plan{}
	for _, name := range []string{j.Long.Response, j.Long.Item, j.Long.Value} {
		at := from.columns().there(name)
		if at < 0 {
			return nil, fmt.Errorf("there is no column %q; the columns are %s", name, some(from.columns().names))
		}
		wanted.kept, wanted.names = append(wanted.kept, at), append(wanted.names, name)
	}
	var err error
	if p.decoder, err = from.decoder(wanted); err != nil {
		return nil, err
	}
	lines, err := openJSON(&input{Reader: p})
	if err != nil {
		return nil, err
	}
	lines.repeats = true
	return &longSource{lines, p}, nil
}

func (s *longSource) progress() (done, total int64) { return s.pivot.from.progress() }

func (s *longSource) close() error {
	s.pivot.piece.release()
	return s.pivot.from.close()
}

// pivot gathers the answers of each response into a line of JSON.
type pivot struct {
	from    source
	decoder decoder
	piece   piece

	current string // the response that is being gathered
	open    bool
	lines   []byte
	given   int // of the lines
	ended   bool
}

// Read gives the lines.
func (p *pivot) Read(to []byte) (int, error) {
	for p.given == len(p.lines) {
		if p.ended {
			return 0, io.EOF
		}
		p.lines, p.given = p.lines[:0], 0
		if err := p.next(); err != nil {
			return 0, err
		}
	}
	n := copy(to, p.lines[p.given:])
	p.given += n
	return n, nil
}

// next reads a piece.
func (p *pivot) next() error {
	err := p.from.next(&p.piece)
	if errors.Is(err, io.EOF) {
		p.finish()
		p.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	in, err := p.decoder.decode(&p.piece)
	if err != nil {
		return err
	}
	return guarded(func() error {
		response, item, value := in.kept[0], in.kept[1], in.kept[2]
		for row := range response.Len() {
			if item.IsNull(row) || response.IsNull(row) {
				return errors.New("a row names no response or no item; every row of a long table does")
			}
			p.answer(textOf(response, row), textOf(item, row), value, row)
		}
		return nil
	})
}

// answer adds a row.
func (p *pivot) answer(response, item string, value arrow.Array, row int) {
	if !p.open || response != p.current {
		p.finish()
		p.open, p.current = true, strings.Clone(response)
		p.lines = appendText(append(p.lines, `{"`+columnar.ResponseID+`":`...), response)
	}
	p.lines = append(appendText(append(p.lines, ','), item), ':')
	if value.IsNull(row) {
		p.lines = append(p.lines, "null"...)
		return
	}
	p.lines = appendText(p.lines, textOf(value, row))
}

// finish ends the line of a response.
func (p *pivot) finish() {
	if p.open {
		p.lines = append(p.lines, "}\n"...)
		p.open = false
	}
}

func textOf(column arrow.Array, row int) string {
	if c, ok := column.(array.StringLike); ok {
		return c.Value(row)
	}
	return column.ValueStr(row)
}
