package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// numberBatch has two columns of each type of numbers, one that has no nulls (n_) and one that has some (s_), one of nulls alone,
// and one of texts, which the library reads.
func numberBatch(t *testing.T, rows int) arrow.RecordBatch {
	t.Helper()
	kinds := []arrow.DataType{
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
		arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64,
	}
	var fields []arrow.Field
	for _, kind := range kinds {
		fields = append(fields, arrow.Field{Name: "n_" + kind.Name(), Type: kind}, arrow.Field{Name: "s_" + kind.Name(), Type: kind, Nullable: true})
	}
	fields = append(fields, arrow.Field{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "never", Type: arrow.PrimitiveTypes.Int16, Nullable: true})
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for row := range rows {
		for k, field := range fields {
			null := row%3 == 0 || row/100%5 == 4
			if field.Name == "never" || field.Nullable && null {
				b.Field(k).AppendNull()
				continue
			}
			if err := b.Field(k).AppendValueFromString(fmt.Sprint((row*31 + k) % 120)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewRecordBatch()
}

// readBack reads all columns of a Parquet file.
func readBack(t *testing.T, data []byte) (arrow.RecordBatch, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "numbers")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Place{File: file}.open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := openParquet(in)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	all := &plan{}
	for k, name := range s.names.names {
		all.kept, all.names = append(all.kept, k), append(all.names, name)
	}
	if _, err := s.decoder(all); err != nil {
		t.Fatal(err)
	}
	parts := make([][]arrow.Array, len(s.names.names))
	for {
		var p piece
		if err := s.next(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		for k, column := range p.rows.Columns() {
			parts[k] = append(parts[k], column)
		}
	}
	var columns []arrow.Array
	for _, part := range parts {
		whole, err := array.Concatenate(part, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, whole)
	}
	return array.NewRecordBatch(s.needs, columns, s.done), nil
}

// TestNumbersOfParquet reads every type of numbers from pages of all kinds.
func TestNumbersOfParquet(t *testing.T) {
	t.Parallel()
	want := numberBatch(t, 40_000)
	for name, options := range map[string][]parquet.WriterProperty{
		"dictionaries": {parquet.WithDictionaryDefault(true)},
		"plain":        {parquet.WithDictionaryDefault(false), parquet.WithCompression(compress.Codecs.Zstd)},
		"second":       {parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithCompression(compress.Codecs.Snappy)},
		"small":        {parquet.WithDataPageSize(700), parquet.WithMaxRowGroupLength(9001), parquet.WithBatchSize(64)},
		"both":         {parquet.WithDictionaryPageSizeLimit(100), parquet.WithDataPageSize(2000), parquet.WithBatchSize(64)},
		// One of the columns is for the library.
		"other": {parquet.WithDictionaryFor("s_int32", false), parquet.WithEncodingFor("s_int32", parquet.Encodings.DeltaBinaryPacked)},
	} {
		got, err := readBack(t, asParquet(t, want, options...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for k, field := range want.Schema().Fields() {
			if !array.Equal(got.Column(k), want.Column(k)) {
				t.Errorf("%s: column %s differs", name, field.Name)
			}
		}
	}
}

func asParquet(t *testing.T, batch arrow.RecordBatch, options ...parquet.WriterProperty) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(batch.Schema(), &out, parquet.NewWriterProperties(options...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestDictionaryWithoutTheWord takes a file in which one row names a word that its dictionary has not.
func TestDictionaryWithoutTheWord(t *testing.T) {
	t.Parallel()
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Float64, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.Float64Builder).AppendValues([]float64{7, 8, 9, 7, 8, 9, 7, 8}, nil)
	var out bytes.Buffer
	s, err := newParquetSink(&out, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.write(b.NewRecordBatch(), nil), s.end()); err != nil {
		t.Fatal(err)
	}
	data := out.Bytes()
	// In two bits each they are the places 0 1 2 0 and 1 2 0 1.
	places, wrong := []byte{2, 1<<1 | 1, 0b00100100, 0b01001001}, []byte{2, 1<<1 | 1, 0b00100100, 0b11001001}
	if bytes.Count(data, places) != 1 {
		t.Fatal("the places are not where they are looked for")
	}
	if _, err := readBack(t, data); err != nil {
		t.Fatal(err)
	}
	_, err = readBack(t, bytes.Replace(data, places, wrong, 1))
	if err == nil || !strings.Contains(err.Error(), "word 3 of a dictionary of 3") {
		t.Errorf("the error is %v", err)
	}
}
