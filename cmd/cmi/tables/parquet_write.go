package tables

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// groupRows is how many rows a row group takes at most, which are in memory until it is written.
const groupRows = 1 << 17

// parquetSink writes Parquet.
type parquetSink struct {
	writer *pqarrow.FileWriter
	rows   int64 // in the row group
}

func newParquetSink(to io.Writer, schema *arrow.Schema) (sink, error) {
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(2 * groupRows), parquet.WithStats(true),
	}
	for _, field := range schema.Fields() {
		// Hardly two scores are alike: a dictionary of them is work for nothing.
		if field.Type.ID() == arrow.FLOAT64 {
			options = append(options, parquet.WithDictionaryFor(field.Name, false))
		}
	}
	// Without a Close of its own, which closing the writer would call.
	to = struct{ io.Writer }{to}
	writer, err := pqarrow.NewFileWriter(schema, to, parquet.NewWriterProperties(options...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, fmt.Errorf("the scores cannot be written: %w", err)
	}
	return &parquetSink{writer: writer}, nil
}

func (s *parquetSink) encoder() encoder { return nil }

func (s *parquetSink) write(batch arrow.RecordBatch, _ []byte) error {
	err := guarded(func() error {
		if s.rows > 0 && s.rows+batch.NumRows() > groupRows {
			s.rows = 0
			if err := s.writer.NewBufferedRowGroupChecked(); err != nil {
				return err
			}
		}
		s.rows += batch.NumRows()
		return s.writer.WriteBuffered(batch)
	})
	if err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}

func (s *parquetSink) end() error {
	if err := guarded(s.writer.Close); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}
