package tables

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// attempt scores a table of bytes and throws the scores away. What matters is that it comes back.
func (s *survey) attempt(t *testing.T, data []byte, format Format) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	job := &Job{
		Questionnaire: s.q, Scorer: s.scorer, In: Place{File: file, Format: format}, Out: Place{To: io.Discard, Format: Parquet}, Workers: 1,
		Keep: []string{"status=card"},
	}
	_, err := job.Run(t.Context())
	return err
}

// TestTablesCutOff cuts tables at many places: none passes for a whole one.
func TestTablesCutOff(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 200)
	for _, format := range []Format{Parquet, Arrow, ArrowFile} {
		data, err := os.ReadFile(s.write(t, format))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.attempt(t, data, format); err != nil {
			t.Fatalf("%s: the whole table: %v", format, err)
		}
		for cut := 0; cut < len(data); cut += 1 + len(data)/60 {
			if s.attempt(t, data[:cut], format) == nil {
				t.Errorf("%s: the first %d of %d bytes pass for a table", format, cut, len(data))
			}
		}
		if s.attempt(t, data[:len(data)-1], format) == nil {
			t.Errorf("%s: without its last byte it passes for a table", format)
		}
	}
}

// TestTablesWithWrongBytes changes bytes here and there: whatever comes of it, it is no panic.
func TestTablesWithWrongBytes(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 100)
	r := rand.New(rand.NewSource(1))
	for _, format := range []Format{Parquet, Arrow, ArrowFile} {
		data, err := os.ReadFile(s.write(t, format))
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for range 150 {
			broken := bytes.Clone(data)
			for range 1 + r.Intn(4) {
				broken[r.Intn(len(broken))] ^= byte(1 + r.Intn(255))
			}
			if s.attempt(t, broken, format) != nil {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%s: no damage was noticed", format)
		}
	}
}

// bomb is a table that is small on disk: one long word, in every row.
func bomb(t *testing.T, rows int, word string) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "trust", Type: arrow.PrimitiveTypes.Int8}, {Name: "why", Type: arrow.BinaryTypes.String},
	}, nil)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithDictionaryDefault(true), parquet.WithDictionaryPageSizeLimit(64<<20)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for range rows {
		b.Field(0).(*array.Int8Builder).Append(5)
		b.Field(1).(*array.StringBuilder).Append(word)
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBombs holds what reading a batch may take to its bound, made small for the test.
func TestBombs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bomb.parquet")
	data := bomb(t, 200, strings.Repeat("x", 100_000)) // 20 MB
	if len(data) > 1_000_000 {
		t.Fatalf("it has %d bytes, and is none", len(data))
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Place{File: file}.open()
	if err != nil {
		t.Fatal(err)
	}
	from, err := openParquet(in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.close() }()
	from.budget.most = 4 << 20
	job, _ := smallJob(t, "", Parquet)
	p, err := job.plan(from.columns())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.decoder(p); err != nil {
		t.Fatal(err)
	}
	if err := from.next(&piece{}); err == nil || !strings.Contains(err.Error(), "more than 4 MiB of memory") {
		t.Errorf("the error is %v", err)
	}
}

// TestMoreRowsThanThereAre takes a batch that announces 2^31 rows and brings a few.
func TestMoreRowsThanThereAre(t *testing.T) {
	t.Parallel()
	schema := arrow.NewSchema([]arrow.Field{{Name: "trust", Type: arrow.PrimitiveTypes.Int64}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	const rows = 0x0123
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for range rows {
		b.Append(5)
	}
	batch := array.NewRecordBatch(schema, []arrow.Array{b.NewArray()}, rows)
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		t.Fatal(err)
	}
	old, announced := []byte{0x23, 0x01, 0, 0, 0, 0, 0, 0}, []byte{0, 0, 0, 0x80, 0, 0, 0, 0}
	if bytes.Count(out.Bytes(), old) < 2 { // of the batch, and of its column
		t.Fatal("the number of rows is not where it is looked for")
	}
	job, _ := smallJob(t, string(bytes.ReplaceAll(out.Bytes(), old, announced)), Arrow)
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("the error is %v", err)
	}
}

// TestNothingIsKeptOfAFailure leaves what stood at the output as it was, and nothing beside it.
func TestNothingIsKeptOfAFailure(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := filepath.Join(folder, "out.csv")
	if err := os.WriteFile(at, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"trust,visits\n1,2\n3\n", "trust,visits\n1,2\n"} {
		ctx, cancel := context.WithCancel(t.Context())
		job, _ := smallJob(t, table, CSV)
		job.Out = Place{File: at, Format: CSV}
		job.Rejects = &Place{File: filepath.Join(folder, "rejects.csv"), Format: CSV}
		if !strings.HasSuffix(table, "3\n") {
			cancel()
		}
		if _, err := job.Run(ctx); err == nil {
			t.Error("it did not fail")
		}
		cancel()
		files, err := os.ReadDir(folder)
		if data, _ := os.ReadFile(at); err != nil || len(files) != 1 || string(data) != "before" {
			t.Errorf("there is %v (%v), and in it %q", files, err, data)
		}
	}
	job, _ := smallJob(t, "", CSV)
	job.In, job.Out = Place{File: at, Format: CSV}, Place{File: filepath.Join(folder, ".", "out.csv"), Format: CSV}
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "both the input and the output") {
		t.Errorf("the error is %v", err)
	}
}

// failing is an output that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestOutputThatFails(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 30_000)
	in := Place{File: s.write(t, CSV), Format: CSV}
	for _, format := range []Format{CSV, JSONLines, Parquet, Arrow, ArrowFile} {
		job := &Job{Questionnaire: s.q, Scorer: s.scorer, In: in, Out: Place{To: failing{}, Format: format}}
		if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no space") {
			t.Errorf("%s: the error is %v", format, err)
		}
	}
}
