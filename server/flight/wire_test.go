package flight

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// sent is a stream that puts messages on the wire, and takes them off again.
type sent struct {
	grpc.ServerStream
	t   *testing.T
	all []*flight.FlightData
}

func (s *sent) SendMsg(message any) error {
	data, err := Codec().Marshal(message)
	if err != nil {
		return err
	}
	defer data.Free()
	got := &flight.FlightData{}
	if err := proto.Unmarshal(data.Materialize(), got); err != nil {
		return err
	}
	s.all = append(s.all, got)
	return nil
}

func (s *sent) Send(message *flight.FlightData) error {
	s.all = append(s.all, proto.CloneOf(message))
	return nil
}

// TestWireIsThatOfArrow compares with the messages of Arrow's own writer.
func TestWireIsThatOfArrow(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "figure", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, {Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "word", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, Nullable: true},
	}, nil)
	ours, theirs := &sent{t: t}, &sent{t: t}
	to, arrows := newWriter(ours, schema, &buffers{}), flight.NewRecordWriter(theirs, ipc.WithSchema(schema))
	for range 30 {
		batch := someRows(t, rng, schema, rng.IntN(1<<rng.IntN(14)))
		note := make([]byte, rng.IntN(3))
		if err := to.write(batch, note); err != nil {
			t.Fatal(err)
		}
		if err := arrows.WriteWithAppMetadata(batch, note); err != nil {
			t.Fatal(err)
		}
		batch.Release()
	}
	if len(ours.all) != len(theirs.all) || len(ours.all) < 31 {
		t.Fatalf("%d messages and %d", len(ours.all), len(theirs.all))
	}
	for k, got := range ours.all {
		if want := theirs.all[k]; !proto.Equal(got, want) {
			t.Fatalf("message %d has %d and %d bytes and %q, want %d, %d and %q", k, len(got.GetDataHeader()), len(got.GetDataBody()), got.GetAppMetadata(),
				len(want.GetDataHeader()), len(want.GetDataBody()), want.GetAppMetadata())
		}
	}
}

func someRows(t *testing.T, rng *rand.Rand, schema *arrow.Schema, rows int) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for range rows {
		b.Field(0).(*array.Float64Builder).Append(rng.Float64())
		if rng.IntN(3) == 0 {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.StringBuilder).Append("text")
		}
		if err := b.Field(2).(*array.BinaryDictionaryBuilder).AppendString([]string{"a", "b"}[rng.IntN(2)]); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewRecordBatch()
}

func TestCodecLeavesOtherMessagesAlone(t *testing.T) {
	t.Parallel()
	want := &flight.Ticket{Ticket: []byte("x")}
	data, err := Codec().Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := &flight.Ticket{}
	if err := Codec().Unmarshal(data, got); err != nil || !proto.Equal(got, want) || Codec().Name() != "proto" {
		t.Errorf("%v, %v, %s", got, err, Codec().Name())
	}
}

func TestSpareBuffersHaveRoom(t *testing.T) {
	t.Parallel()
	var spare buffers
	rng := rand.New(rand.NewPCG(2, 2))
	for range 10_000 {
		size := rng.IntN(1 << rng.IntN(20))
		buffer := spare.Get(size)
		if len(*buffer) != 0 || cap(*buffer) < size {
			t.Fatalf("%d of %d bytes, asked for %d", len(*buffer), cap(*buffer), size)
		}
		*buffer = append(*buffer, make([]byte, rng.IntN(1<<rng.IntN(20)))...)
		spare.Put(buffer)
	}
}
