package tables

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// sink writes a table, batch by batch.
type sink interface {
	// encoder makes one of a lane; nil: write does the work.
	encoder() encoder
	// write writes a batch, or what the encoder made of it.
	write(batch arrow.RecordBatch, encoded []byte) error
	// end writes what comes after the last batch.
	end() error
}

// encoder turns batches into bytes, for one lane.
type encoder interface {
	encode(to []byte, batch arrow.RecordBatch) []byte
}

// newSink begins a table.
func newSink(format Format, to io.Writer, schema *arrow.Schema, delimiter byte) (sink, error) {
	switch format {
	case CSV:
		return newCSVSink(to, schema, delimiter)
	case JSONLines:
		return newJSONSink(to, schema), nil
	case Parquet:
		return newParquetSink(to, schema)
	case Arrow, ArrowFile:
		return newArrowSink(to, schema, format)
	}
	return nil, fmt.Errorf("%q is not a format", format)
}

// textSink writes what encoders made.
type textSink struct {
	to   io.Writer
	make func() encoder
}

func (s *textSink) encoder() encoder { return s.make() }

func (s *textSink) write(_ arrow.RecordBatch, encoded []byte) error {
	if _, err := s.to.Write(encoded); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}

func (s *textSink) end() error { return nil }
