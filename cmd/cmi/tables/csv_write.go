package tables

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// newCSVSink begins a table of CSV with its header.
func newCSVSink(to io.Writer, schema *arrow.Schema, delimiter byte) (sink, error) {
	if delimiter == 0 {
		delimiter = ','
	}
	e := &csvEncoder{delimiter: delimiter}
	e.special[delimiter], e.special['"'], e.special['\n'], e.special['\r'] = true, true, true, true
	var header []byte
	for k, field := range schema.Fields() {
		if k > 0 {
			header = append(header, delimiter)
		}
		header = e.text(header, field.Name)
	}
	if _, err := to.Write(append(header, '\n')); err != nil {
		return nil, fmt.Errorf("the scores cannot be written: %w", err)
	}
	return &textSink{to, func() encoder { return &csvEncoder{delimiter: delimiter, special: e.special} }}, nil
}

// csvEncoder writes rows as RFC 4180 has them, with line feeds. What is null is an empty cell.
type csvEncoder struct {
	delimiter byte
	special   [256]bool // bytes that make a cell need quotes
	cells     []cellWriter
	numbers   shortest
}

func (e *csvEncoder) encode(to []byte, batch arrow.RecordBatch) []byte {
	e.cells = e.cells[:0]
	for _, column := range batch.Columns() {
		e.cells = append(e.cells, writerOf(column, &e.numbers, e.text))
	}
	for row := range int(batch.NumRows()) {
		for k := range e.cells {
			if k > 0 {
				to = append(to, e.delimiter)
			}
			to = e.cells[k].append(to, row, "")
		}
		to = append(to, '\n')
	}
	return to
}

func (e *csvEncoder) text(to []byte, cell string) []byte {
	for k := range len(cell) {
		if e.special[cell[k]] {
			return appendQuoted(to, cell)
		}
	}
	return append(to, cell...)
}

func appendQuoted(to []byte, cell string) []byte {
	to = append(to, '"')
	for k := range len(cell) {
		if cell[k] == '"' {
			to = append(to, '"')
		}
		to = append(to, cell[k])
	}
	return append(to, '"')
}
