package columnar_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

// message is what a table is sent in.
type message struct{ header, body []byte }

// recorder takes messages from a writer.
type recorder struct{ all []message }

func (r *recorder) Send(data *flight.FlightData) error {
	r.all = append(r.all, message{bytes.Clone(data.GetDataHeader()), bytes.Clone(data.GetDataBody())})
	return nil
}

// written are the messages of batches of one schema.
func written(tb testing.TB, schema *arrow.Schema, batches []arrow.RecordBatch, options ...ipc.Option) []message {
	tb.Helper()
	var to recorder
	w := flight.NewRecordWriter(&to, append(options, ipc.WithSchema(schema))...)
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return to.all
}

func source(messages []message) columnar.Source {
	return func() (header, body []byte, err error) {
		if len(messages) == 0 {
			return nil, nil, io.EOF
		}
		header, body, messages = messages[0].header, messages[0].body, messages[1:]
		return header, body, nil
	}
}

// readAll reads all batches and answers how many rows they have.
func readAll(messages []message) (rows int64, err error) {
	reader, err := columnar.NewReader(source(messages))
	if err != nil {
		return 0, err
	}
	defer reader.Release()
	for {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows += batch.NumRows()
		batch.Release()
	}
}

// TestReaderReadsWhatIsWritten: plain and compressed, with dictionaries that come anew with every batch.
func TestReaderReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 2))
		q := columnartest.Questionnaire()
		responses := columnartest.Responses(rng, q, 300)
		table := columnartest.Mixed(rng, q, responses)
		var batches []arrow.RecordBatch
		for part := range slices.Chunk(responses, 70) {
			batches = append(batches, table.Batch(part, 3))
		}
		for _, options := range [][]ipc.Option{nil, {ipc.WithZstd()}, {ipc.WithLZ4()}, {ipc.WithDictionaryDeltas(true)}} {
			if rows, err := readAll(written(t, table.Schema, batches, options...)); rows != 300 || err != nil {
				t.Fatalf("seed %d: %d rows: %v", seed, rows, err)
			}
		}
	}
	if _, err := readAll(nil); !errors.Is(err, io.EOF) {
		t.Errorf("no message at all: %v", err)
	}
}

func textColumn(values ...string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return b.NewArray()
}

// bombs are tables that announce much more than they bring, or keep more than they may, each with what is said of it.
func bombs(tb testing.TB) map[string][]message {
	tb.Helper()
	schema := schemaOf(arrow.Field{Name: "why", Type: arrow.BinaryTypes.String})
	of := func(column arrow.Array) []arrow.RecordBatch {
		return []arrow.RecordBatch{array.NewRecordBatch(schemaOf(arrow.Field{Name: "why", Type: column.DataType()}), []arrow.Array{column}, int64(column.Len()))}
	}
	wide := textColumn(strings.Repeat("a", columnar.MostDecompressed+1))
	half := func() arrow.Array {
		index := array.NewInt8Builder(memory.DefaultAllocator)
		index.AppendValues([]int8{0}, nil)
		return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
			index.NewArray(), textColumn(strings.Repeat("b", columnar.MostDictionaries+1)))
	}()
	coded := schemaOf(arrow.Field{Name: "why", Type: half.DataType()})
	plain := written(tb, schema, of(textColumn("free", "basic")))
	short := slices.Clone(plain)
	short[1].body = short[1].body[:8]
	huge := slices.Clone(plain)
	huge[1].header = patched(huge[1].header, 2, 1<<31)
	views := written(tb, schemaOf(arrow.Field{Name: "why", Type: arrow.BinaryTypes.StringView}), nil)
	return map[string][]message{
		"buffers of 0 columns":        append(slices.Clone(views[:1]), message{header: manyViews()}),
		"once it is decompressed":     written(tb, schema, of(wide), ipc.WithZstd()),
		"dictionaries of more than":   written(tb, coded, of(half), ipc.WithLZ4()),
		"changes in the middle":       append(slices.Clone(plain), plain[0]),
		"begins with a RecordBatch":   plain[1:],
		"cannot be read as Arrow":     short,
		"IPC: arrow/ipc":              huge,
		"points outside":              {{header: []byte("nonsense")}},
		"it has no header":            {{header: emptyMessage()}},
		"more than 4096 fields":       {{header: endless(false)}},
		"names and metadata of":       {{header: sharedNames()}},
		"entries in a header of":      {{header: endless(true)}},
		"is not part of a table":      {{header: ofKind(4)}},
		"buffers for a column; up to": append(slices.Clone(views[:1]), message{header: manyViews(1 << 33)}),
	}
}

// patched replaces every int64 of one value in a header by another.
func patched(header []byte, old, replacement int64) []byte {
	out := bytes.Clone(header)
	for at := 0; at+8 <= len(out); at += 8 {
		if flatbuffers.GetInt64(out[at:]) == old {
			flatbuffers.WriteInt64(out[at:], replacement)
		}
	}
	return out
}

// asMessage ends a header of some kind.
func asMessage(b *flatbuffers.Builder, kind byte, table flatbuffers.UOffsetT) []byte {
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0)
	b.PrependByteSlot(1, kind, 0)
	b.PrependUOffsetTSlot(2, table, 0)
	b.Finish(b.EndObject())
	return b.FinishedBytes()
}

func emptyMessage() []byte {
	b := flatbuffers.NewBuilder(0)
	b.StartObject(5)
	b.PrependByteSlot(1, 1, 0)
	b.Finish(b.EndObject())
	return b.FinishedBytes()
}

func ofKind(kind byte) []byte {
	b := flatbuffers.NewBuilder(0)
	b.StartObject(1)
	return asMessage(b, kind, b.EndObject())
}

// vector is a vector of tables.
func vector(b *flatbuffers.Builder, tables ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(tables), 4)
	for _, at := range tables {
		b.PrependUOffsetT(at)
	}
	return b.EndVector(len(tables))
}

// endless is a schema of fields within fields: each has the next one twice, so that 40 of them make 2 to the 40th; or of a field
// that has more children than there are bytes.
func endless(announced bool) []byte {
	b := flatbuffers.NewBuilder(0)
	var children flatbuffers.UOffsetT
	for range 40 {
		b.StartObject(7)
		if children != 0 {
			b.PrependUOffsetTSlot(5, children, 0)
		}
		field := b.EndObject()
		children = vector(b, field, field)
	}
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, children, 0)
	out := asMessage(b, 1, b.EndObject())
	if announced {
		// The one vector of two that is announced as one of two thousand million.
		for at := 0; at+4 <= len(out); at += 4 {
			if flatbuffers.GetUint32(out[at:]) == 2 {
				flatbuffers.WriteUint32(out[at:], 1<<31)
			}
		}
	}
	return out
}

// sharedNames is a schema of a thousand fields, all of the same long name.
func sharedNames() []byte {
	b := flatbuffers.NewBuilder(0)
	name := b.CreateString(strings.Repeat("n", 1<<16))
	fields := make([]flatbuffers.UOffsetT, 1000)
	for k := range fields {
		b.StartObject(7)
		b.PrependUOffsetTSlot(0, name, 0)
		fields[k] = b.EndObject()
	}
	all := vector(b, fields...)
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, all, 0)
	return asMessage(b, 1, b.EndObject())
}

// manyViews is a batch whose column of views announces very many buffers.
func manyViews(announced ...int64) []byte {
	b := flatbuffers.NewBuilder(0)
	b.StartVector(8, len(announced), 8)
	for _, n := range announced {
		b.PrependInt64(n)
	}
	counts := b.EndVector(len(announced))
	b.StartObject(5)
	b.PrependUOffsetTSlot(4, counts, 0)
	return asMessage(b, 3, b.EndObject())
}

// TestBombsAreErrors, and cost no more memory than is stated.
func TestBombsAreErrors(t *testing.T) { // not beside others, whose memory would count
	all := bombs(t)
	var before, after runtime.MemStats
	for want, messages := range all {
		runtime.ReadMemStats(&before)
		_, err := readAll(messages)
		runtime.ReadMemStats(&after)
		faulty(t, err, want)
		if took := after.TotalAlloc - before.TotalAlloc; took > 3*(columnar.MostDecompressed+columnar.MostDictionaries) {
			t.Errorf("%s: took %d bytes", want, took)
		}
	}
}

// TestLimitsMayBeOthers: what is too much for one reader is not for another.
func TestLimitsMayBeOthers(t *testing.T) {
	t.Parallel()
	column := textColumn(strings.Repeat("a", 3000))
	schema := schemaOf(arrow.Field{Name: "why", Type: arrow.BinaryTypes.String})
	batch := array.NewRecordBatch(schema, []arrow.Array{column}, 1)
	messages := written(t, schema, []arrow.RecordBatch{batch}, ipc.WithZstd())
	for most, want := range map[int]string{2000: "more than 2000 bytes once it is decompressed", 10_000: ""} {
		reader, err := columnar.NewReaderWithin(source(messages), columnar.Limits{Decompressed: most, Dictionaries: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = reader.Next()
		if want != "" {
			faulty(t, err, want)
		} else if err != nil {
			t.Error(err)
		}
		reader.Release()
	}
}

// TestBodyLengthIsThatOfTheBody, and a header that is broken has none.
func TestBodyLengthIsThatOfTheBody(t *testing.T) {
	t.Parallel()
	schema := schemaOf(arrow.Field{Name: "why", Type: arrow.BinaryTypes.String})
	for k, m := range written(t, schema, []arrow.RecordBatch{array.NewRecordBatch(schema, []arrow.Array{textColumn("free", "basic")}, 2)}) {
		if n, err := columnar.BodyLength(m.header); err != nil || n != int64(len(m.body)) || k > 0 && n == 0 {
			t.Errorf("message %d: %d, %v", k, n, err)
		}
	}
	for _, header := range [][]byte{nil, []byte("nonsense"), patched(ofKind(3), 0, -1)[:3]} {
		_, err := columnar.BodyLength(header)
		faulty(t, err, "points outside of itself")
	}
}

// TestSharedTextsAreBounded: few bytes of views may be many bytes of text.
func TestSharedTextsAreBounded(t *testing.T) {
	t.Parallel()
	s := compiled(t, columnartest.Questionnaire())
	b := array.NewStringViewBuilder(memory.DefaultAllocator)
	b.Append(strings.Repeat("x", 1<<20))
	one := b.NewArray().Data()
	views := bytes.Repeat(one.Buffers()[1].Bytes()[:16], 1000)
	column := array.MakeFromData(array.NewData(arrow.BinaryTypes.StringView, 1000, []*memory.Buffer{nil, memory.NewBufferBytes(views), one.Buffers()[2]}, nil, 0, 0))
	schema := schemaOf(arrow.Field{Name: "why", Type: arrow.BinaryTypes.StringView})
	binding, err := columnar.Bind(s, schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	faulty(t, binding.Set(array.NewRecordBatch(schema, []arrow.Array{column}, 1000), s.Columns()), "texts of more than")
}

// stream writes messages as one, for the fuzzer: it has no lengths to get wrong that are not checked elsewhere.
func stream(messages []message) []byte {
	var out []byte
	for _, m := range messages {
		out = flatbuffersLength(out, len(m.header))
		out = flatbuffersLength(out, len(m.body))
		out = append(append(out, m.header...), m.body...)
	}
	return out
}

func flatbuffersLength(out []byte, n int) []byte {
	var four [4]byte
	flatbuffers.WriteUint32(four[:], uint32(n))
	return append(out, four[:]...)
}

func split(data []byte) (messages []message) {
	for len(data) >= 8 {
		header, body := int(flatbuffers.GetUint32(data)), int(flatbuffers.GetUint32(data[4:]))
		data = data[8:]
		header = min(header, len(data))
		body = min(body, len(data)-header)
		messages = append(messages, message{data[:header:header], data[header : header+body : header+body]})
		data = data[header+body:]
	}
	return messages
}

// FuzzTables: whatever the bytes, there is no panic, and rows score as the same rows do alone.
func FuzzTables(f *testing.F) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 4))
		q := columnartest.Questionnaire()
		responses := columnartest.Responses(rng, q, 9)
		table := columnartest.Mixed(rng, q, responses)
		batches := []arrow.RecordBatch{table.Batch(responses[:4], 0), table.Batch(responses[4:], 0)}
		f.Add(stream(written(f, table.Schema, batches)))
		f.Add(stream(written(f, table.Schema, batches, ipc.WithLZ4())))
	}
	for _, messages := range bombs(f) {
		if s := stream(messages); len(s) < 1<<16 {
			f.Add(s)
		}
	}
	s := compiled(f, columnartest.Questionnaire())
	f.Fuzz(func(t *testing.T, data []byte) {
		reader, err := columnar.NewReader(source(split(data)))
		if err != nil {
			return
		}
		defer reader.Release()
		binding, err := columnar.Bind(s, reader.Schema(), nil)
		if err != nil {
			return
		}
		columns, got := s.Columns(), &scoring.ColumnScores{}
		for {
			batch, err := reader.Next()
			if err != nil {
				return
			}
			if err := binding.Set(batch, columns); err == nil {
				if err := columns.Score(int(batch.NumRows()), got); err != nil {
					t.Fatal(err)
				}
				for row := range min(int(batch.NumRows()), 100) {
					r := columns.Response(row)
					scoredAlone(t, s, r, got, row)
					binding.Heads().Put(row, r)
				}
			}
			batch.Release()
		}
	})
}
