package tables

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/customer-momentum/cmi/examples/airline"
	"github.com/customer-momentum/cmi/scoring"
)

// BenchmarkTables scores the airline's survey, repeated, from a file into a file of the same format.
func BenchmarkTables(b *testing.B) {
	for _, format := range []Format{CSV, JSONLines, Parquet, Arrow} {
		b.Run(string(format), func(b *testing.B) {
			const rows = 400_000
			q, err := airline.Questionnaire()
			if err != nil {
				b.Fatal(err)
			}
			scorer, err := scoring.Compile(q)
			if err != nil {
				b.Fatal(err)
			}
			file := filepath.Join(b.TempDir(), "in")
			benchTable(b, file, rows)
			in := Place{File: file, Format: CSV}
			if format != CSV {
				// The same table in another format.
				in = Place{File: file + "." + string(format), Format: format}
				transcribe(b, file, in)
			}
			out := Place{File: filepath.Join(b.TempDir(), "out"), Format: format}
			b.ReportAllocs()
			for b.Loop() {
				job := &Job{Questionnaire: q, Scorer: scorer, In: in, Out: out}
				if _, err := job.Run(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func benchTable(b *testing.B, file string, rows int) {
	b.Helper()
	responses, err := airline.Responses()
	if err != nil {
		b.Fatal(err)
	}
	var text bytes.Buffer
	for k, a := range responses[0].GetAnswers() {
		if k > 0 {
			text.WriteByte(',')
		}
		text.WriteString(a.GetItemId())
	}
	text.WriteByte('\n')
	for row := range rows {
		for k, a := range responses[row%len(responses)].GetAnswers() {
			if k > 0 {
				text.WriteByte(',')
			}
			if a.GetChoice() != "" {
				text.WriteString(a.GetChoice())
			} else {
				text.WriteString(strconv.FormatFloat(a.GetNumber(), 'g', -1, 64))
			}
		}
		text.WriteByte('\n')
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
}

// transcribe writes a table of CSV in another format.
func transcribe(b *testing.B, file string, to Place) {
	b.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(data))
	names, err := r.Read()
	if err != nil {
		b.Fatal(err)
	}
	var fields []arrow.Field
	for _, name := range names {
		f := arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int32, Nullable: true}
		if name == "status" {
			f.Type = arrow.BinaryTypes.String
		}
		fields = append(fields, f)
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		for k, cell := range cells {
			if err := builder.Field(k).AppendValueFromString(cell); err != nil {
				b.Fatal(err)
			}
		}
	}
	batch := builder.NewRecordBatch()
	defer batch.Release()
	out, err := os.Create(to.File)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if to.Format == Parquet {
		w, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(122_880),
			parquet.WithCompression(compress.Codecs.Snappy)), pqarrow.DefaultWriterProps())
		if err == nil {
			err = w.Write(batch)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
		return
	}
	s, err := newSink(to.Format, out, schema, 0)
	if err != nil {
		b.Fatal(err)
	}
	var encoded []byte
	if e := s.encoder(); e != nil {
		encoded = e.encode(nil, batch)
	}
	if err := s.write(batch, encoded); err != nil {
		b.Fatal(err)
	}
	if err := s.end(); err != nil {
		b.Fatal(err)
	}
}
