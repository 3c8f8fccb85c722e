package tables

import (
	"encoding/json"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// newJSONSink begins a table of lines of JSON.
func newJSONSink(to io.Writer, schema *arrow.Schema) sink {
	var keys [][]byte
	for k, field := range schema.Fields() {
		key := []byte{','}
		if k == 0 {
			key = []byte{'{'}
		}
		keys = append(keys, append(appendText(key, field.Name), ':'))
	}
	return &textSink{to, func() encoder { return &jsonEncoder{keys: keys} }}
}

// jsonEncoder writes a row as an object.
type jsonEncoder struct {
	keys  [][]byte // with what stands before and after them
	cells []cellWriter

	numbers shortest
}

func (e *jsonEncoder) encode(to []byte, batch arrow.RecordBatch) []byte {
	e.cells = e.cells[:0]
	for _, column := range batch.Columns() {
		e.cells = append(e.cells, writerOf(column, &e.numbers, appendText))
	}
	for row := range int(batch.NumRows()) {
		for k := range e.cells {
			to = e.cells[k].append(append(to, e.keys[k]...), row, "null")
		}
		to = append(to, '}', '\n')
	}
	return to
}

// appendText writes a text as JSON.
func appendText(to []byte, text string) []byte {
	for k := range len(text) {
		if c := text[k]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, _ := json.Marshal(text) // of a string there is always one
			return append(to, quoted...)
		}
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}
