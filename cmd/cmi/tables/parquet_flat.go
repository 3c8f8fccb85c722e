package tables

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

const (
	parquetMagic = "PAR1"
	// groupBytes is from how many bytes on a row group is written before it has all its rows.
	groupBytes = 64 << 20
)

// parquetFlatSink writes columns of few types, none of them nested. It gathers a row group, encoded by column, and leaves to the
// library the headers of pages and the end of the file.
type parquetFlatSink struct {
	to      *counted
	meta    *metadata.FileMetaDataBuilder
	columns []*parquetColumn
	rows    int // in the row group
	groups  int
	pages   pages
}

// counted is an output that knows how much it took.
type counted struct {
	io.Writer
	size int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.size += int64(n)
	return n, err
}

// Tell is the place of the next byte.
func (c *counted) Tell() int64 { return c.size }

func newParquetFlatSink(to io.Writer, schema *arrow.Schema, columns []*parquetColumn) (*parquetFlatSink, error) {
	options := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Uncompressed)}
	for k, field := range schema.Fields() {
		options = append(options, parquet.WithCompressionFor(field.Name, columns[k].codec))
	}
	properties := parquet.NewWriterProperties(options...)
	types, err := pqarrow.ToParquet(schema, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	// Readers of Arrow find the very types of the columns there.
	known := metadata.NewKeyValueMetadata()
	text := base64.StdEncoding.EncodeToString(flight.SerializeSchema(schema, memory.DefaultAllocator))
	if err := known.Append("ARROW:schema", text); err != nil {
		return nil, err
	}
	s := &parquetFlatSink{to: &counted{Writer: to}, columns: columns, meta: metadata.NewFileMetadataBuilder(types, properties, known)}
	_, err = io.WriteString(s.to, parquetMagic)
	return s, err
}

func (s *parquetFlatSink) encoder() encoder { return nil }

func (s *parquetFlatSink) write(batch arrow.RecordBatch, _ []byte) error {
	rows := int(batch.NumRows())
	if s.rows > 0 && (s.rows+rows > groupRows || s.size() > groupBytes) {
		if err := s.flush(); err != nil {
			return err
		}
	}
	err := guarded(func() error {
		for k, c := range s.columns {
			c.add(batch.Column(k), s.rows)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	s.rows += rows
	return nil
}

// size is about how many bytes the row group has.
func (s *parquetFlatSink) size() (bytes int) {
	for _, c := range s.columns {
		bytes += c.values.size()
	}
	return bytes
}

// flush writes the row group.
func (s *parquetFlatSink) flush() error {
	err := guarded(func() error {
		group := s.meta.AppendRowGroup()
		for k, c := range s.columns {
			if err := s.pages.write(s.to, group.NextColumnChunk(), s.groups, k, c, s.rows); err != nil {
				return err
			}
			c.reset()
		}
		group.SetNumRows(s.rows)
		return group.Finish(0, int16(s.groups))
	})
	if err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	s.groups++
	s.rows = 0
	return nil
}

func (s *parquetFlatSink) end() error {
	if s.rows > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	err := guarded(func() error {
		meta, err := s.meta.Finish()
		if err != nil {
			return err
		}
		size, err := meta.WriteTo(s.to, nil)
		if err != nil {
			return err
		}
		_, err = s.to.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(size)), parquetMagic...))
		return err
	})
	if err != nil {
		return fmt.Errorf("the scores cannot be written: %w", err)
	}
	return nil
}
