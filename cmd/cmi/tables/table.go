package tables

import (
	"bufio"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// table is one that is being written.
type table struct {
	out    *output
	buffer *bufio.Writer
	sink   sink
	encode encoder // of rejects
	room   []byte
}

func newTable(at Place, schema *arrow.Schema, delimiter byte) (*table, error) {
	out, err := at.create()
	if err != nil {
		return nil, err
	}
	t := &table{out: out, buffer: bufio.NewWriterSize(out, 1<<20)}
	if t.sink, err = newSink(at.Format, t.buffer, schema, delimiter); err != nil {
		out.drop()
		return nil, err
	}
	return t, nil
}

// writeRejects writes rows of a table of rejects.
func (t *table) writeRejects(all []Reject) error {
	batch := rejectBatch(all)
	defer batch.Release()
	if t.encode == nil {
		t.encode = t.sink.encoder()
	}
	if t.encode != nil {
		t.room = t.encode.encode(t.room[:0], batch)
	}
	return t.sink.write(batch, t.room)
}

// end writes the rest. The file has not its name yet.
func (t *table) end() error {
	if err := t.sink.end(); err != nil {
		return err
	}
	if err := t.buffer.Flush(); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}
