package tables

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"
)

// message puts a header and a body into a stream, as a file has them.
func message(header, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, continued)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	return append(append(out, header...), body...)
}

// ended makes a stream of messages, or a file around one.
func ended(file bool, messages ...[]byte) []byte {
	out := append(bytes.Join(messages, nil), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)
	if file {
		out = append([]byte("ARROW1\x00\x00"), append(out, "\x00\x00\x00\x00ARROW1"...)...)
	}
	return out
}

// asHeader ends a header of some kind, which announces a body.
func asHeader(b *flatbuffers.Builder, kind byte, table flatbuffers.UOffsetT, body int64) []byte {
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0)
	b.PrependByteSlot(1, kind, 0)
	b.PrependUOffsetTSlot(2, table, 0)
	b.PrependInt64Slot(3, body, 0)
	b.Finish(b.EndObject())
	return b.FinishedBytes()
}

// offsetsOf is a vector of tables.
func offsetsOf(b *flatbuffers.Builder, tables ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(tables), 4)
	for _, at := range tables {
		b.PrependUOffsetT(at)
	}
	return b.EndVector(len(tables))
}

// nestedWithoutEnd is a schema of fields within fields: each level has the next one twice, so that 40 make 2 to the 40th. Read
// one level at a time it ends a process, by its stack or its memory.
func nestedWithoutEnd(levels int, width int) []byte {
	b := flatbuffers.NewBuilder(0)
	var children flatbuffers.UOffsetT
	for range levels {
		b.StartObject(7)
		if children != 0 {
			b.PrependUOffsetTSlot(5, children, 0)
		}
		field := b.EndObject()
		all := make([]flatbuffers.UOffsetT, width)
		for k := range all {
			all[k] = field
		}
		children = offsetsOf(b, all...)
	}
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, children, 0)
	return asHeader(b, 1, b.EndObject(), 0)
}

// sharedName is a schema of a thousand fields that share a name of 64 KiB.
func sharedName() []byte {
	b := flatbuffers.NewBuilder(0)
	name := b.CreateString(strings.Repeat("n", 1<<16))
	fields := make([]flatbuffers.UOffsetT, 1000)
	for k := range fields {
		b.StartObject(7)
		b.PrependUOffsetTSlot(0, name, 0)
		fields[k] = b.EndObject()
	}
	all := offsetsOf(b, fields...)
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, all, 0)
	return asHeader(b, 1, b.EndObject(), 0)
}

// plainTable is the schema message of a column of views, and the rest of its stream.
func plainTable(t testing.TB) (schema []byte) {
	t.Helper()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(arrow.NewSchema([]arrow.Field{{Name: "why", Type: arrow.BinaryTypes.StringView}}, nil)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
}

// manyBuffers is a batch whose column of views announces so many buffers.
func manyBuffers(announced int64) []byte {
	b := flatbuffers.NewBuilder(0)
	b.StartVector(8, 1, 8)
	b.PrependInt64(announced)
	counts := b.EndVector(1)
	b.StartObject(5)
	b.PrependUOffsetTSlot(4, counts, 0)
	return asHeader(b, 3, b.EndObject(), 0)
}

// announcing is a batch of which nothing is there but a body of a length.
func announcing(body int64) []byte {
	b := flatbuffers.NewBuilder(0)
	b.StartObject(5)
	return asHeader(b, 3, b.EndObject(), body)
}

// emptyRows is a column that is nothing but null, of very many rows.
func emptyRows(t testing.TB) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "trust", Type: arrow.Null, Nullable: true}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	batch := array.NewRecordBatch(schema, []arrow.Array{array.NewNull(1 << 40)}, 1<<40)
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
}

// compressed is a column of more bytes than a batch may take, compressed to few.
func compressed(t testing.TB) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "trust", Type: arrow.PrimitiveTypes.Int64}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema), ipc.WithZstd(), ipc.WithCompressConcurrency(1))
	const rows = mostBatch/8 + 1
	column := array.NewData(arrow.PrimitiveTypes.Int64, rows, []*memory.Buffer{nil, memory.NewBufferBytes(make([]byte, 8*rows))}, nil, 0, 0)
	if err := w.Write(array.NewRecordBatch(schema, []arrow.Array{array.MakeFromData(column)}, rows)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
}

// TestHostileArrow: headers that announce what would end the process are errors, in streams and in files, and cost little memory.
func TestHostileArrow(t *testing.T) { // not beside others, whose memory would count
	views := plainTable(t)
	for said, messages := range map[string][][]byte{
		"more than 4096 fields":      {message(nestedWithoutEnd(40, 2), nil)},
		"more than 4096 fields ":     {message(nestedWithoutEnd(100_000, 1), nil)},
		"names and metadata of more": {message(sharedName(), nil)},
		"buffers for a column":       {views, message(manyBuffers(1<<33), nil)},
		"points outside of itself":   {message([]byte("nonsense"), nil)},
		"a body of -1 bytes":         {views, message(announcing(-1), nil)},
		"bytes is not allowed":       {views, message(announcing(1<<40), nil)},
		"the table is cut off":       {views, message(announcing(mostBatch), nil)},
		"a header of":                {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
		"begins with a RecordBatch":  {message(announcing(0), nil)},
		"changes in the middle":      {views, views},
		"a batch of 1099511627776":   {emptyRows(t)},
		"it has no schema":           {},
		"once it is decompressed":    {compressed(t)},
	} {
		for _, file := range []bool{false, true} {
			data := ended(file, messages...)
			job, _ := smallJob(t, string(data), Arrow)
			job.Workers = 1
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := job.Run(t.Context())
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(said)) {
				t.Errorf("%s (file: %t): the error is %v", said, file, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
				t.Errorf("%s: took %d bytes", said, took)
			}
		}
	}
}
