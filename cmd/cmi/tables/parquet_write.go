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

// newParquetSink writes Parquet: on a short way where all columns have types that scores have, and else by the library.
func newParquetSink(to io.Writer, schema *arrow.Schema) (sink, error) {
	// Without a Close of its own, which closing the writer would call.
	to = struct{ io.Writer }{to}
	columns := make([]*parquetColumn, schema.NumFields())
	for k, field := range schema.Fields() {
		if columns[k] = newParquetColumn(field); columns[k] == nil {
			return newParquetLibrarySink(to, schema)
		}
	}
	s, err := newParquetFlatSink(to, schema, columns)
	if err != nil {
		return nil, fmt.Errorf("the scores cannot be written: %w", err)
	}
	return s, nil
}

// parquetLibrarySink writes columns of any type.
type parquetLibrarySink struct {
	writer *pqarrow.FileWriter
	rows   int64 // in the row group
}

func newParquetLibrarySink(to io.Writer, schema *arrow.Schema) (sink, error) {
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(2 * groupRows), parquet.WithStats(true),
	}
	for _, field := range schema.Fields() {
		// A dictionary of figures is dear there, and seldom worth it.
		if field.Type.ID() == arrow.FLOAT64 {
			options = append(options, parquet.WithDictionaryFor(field.Name, false))
		}
	}
	writer, err := pqarrow.NewFileWriter(schema, to, parquet.NewWriterProperties(options...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, fmt.Errorf("the scores cannot be written: %w", err)
	}
	return &parquetLibrarySink{writer: writer}, nil
}

func (s *parquetLibrarySink) encoder() encoder { return nil }

func (s *parquetLibrarySink) write(batch arrow.RecordBatch, _ []byte) error {
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

func (s *parquetLibrarySink) end() error {
	if err := guarded(s.writer.Close); err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}
