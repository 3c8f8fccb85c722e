package tables

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// source gives a table, piece by piece.
type source interface {
	// columns are those of the table.
	columns() *known
	// decoder makes one of a lane; it is called before the first piece.
	decoder(p *plan) (decoder, error)
	// next reads the next piece; io.EOF comes after the last one.
	next(into *piece) error
	// progress says how far it has read.
	progress() (done, total int64)
	close() error
}

// piece is a part of a table as it was read.
type piece struct {
	raw  []byte            // whole lines, of formats of text
	line int               // the number of the first one
	rows arrow.RecordBatch // of the others
}

func (p *piece) release() {
	if p.rows != nil {
		p.rows.Release()
		p.rows = nil
	}
}

// decoder turns pieces into answers, for one lane.
type decoder interface {
	// schema is that of the answers, and kept the columns to copy.
	schema() *arrow.Schema
	kept() []arrow.Field
	// decode decodes a piece. What it answers is good until the next call.
	decode(from *piece) (*answers, error)
	// cell is what the input has at a place, as text.
	cell(row, column int) string
}

// answers are the rows of a piece.
type answers struct {
	batch arrow.RecordBatch
	kept  []arrow.Array
	// bad are cells that make no answer, by rising row.
	bad []badCell
}

// badCell is a cell that makes no answer.
type badCell struct {
	row    int
	field  int // of the plan
	column int // of the input
	what   verdict
}

func (a *answers) release() {
	if a.batch != nil {
		a.batch.Release()
		a.batch = nil
	}
	for _, column := range a.kept {
		column.Release()
	}
	a.kept = a.kept[:0]
}

// LineError is what is wrong with a line of a table.
type LineError struct {
	Line    int // from 1
	Message string
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// sort puts bad cells that were found column by column into the order of the rows.
func (a *answers) sort() {
	slices.SortStableFunc(a.bad, func(x, y badCell) int { return x.row - y.row })
}
