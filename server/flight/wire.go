package flight

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec under ours
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of arrow.flight.protocol.FlightData (Flight.proto of Apache Arrow).
const (
	fieldDataHeader  = 2
	fieldAppMetadata = 3
	fieldDataBody    = 1000
)

// writer puts record batches into messages of a stream. It writes each column once, into the bytes that go out: a FlightData
// would be put together first, and encoded into a buffer that is cleared before.
type writer struct {
	*ipc.Writer
	messages *messages
}

func newWriter(to grpc.ServerStream, schema *arrow.Schema, spare *buffers) *writer {
	m := &messages{to: to, spare: spare}
	return &writer{ipc.NewWriterWithPayloadWriter(m, ipc.WithSchema(schema)), m}
}

// write sends a batch with metadata.
func (w *writer) write(batch arrow.RecordBatch, note []byte) error {
	w.messages.note = note
	defer func() { w.messages.note = nil }()
	return w.Write(batch)
}

// messages is an [ipc.PayloadWriter].
type messages struct {
	to   grpc.ServerStream
	note []byte
	// spare are buffers for bodies.
	spare *buffers
	// size is that of the last body: the next one is about as large.
	size int
}

func (m *messages) Start() error { return nil }
func (m *messages) Close() error { return nil }

func (m *messages) WritePayload(payload ipc.Payload) error {
	meta := payload.Meta()
	defer meta.Release()
	body := &appending{m.spare.Get(m.size)}
	if err := payload.SerializeBody(body); err != nil {
		return err
	}
	m.size = len(*body.to)
	var head []byte
	head = protowire.AppendBytes(protowire.AppendTag(head, fieldDataHeader, protowire.BytesType), meta.Bytes())
	if len(m.note) > 0 {
		head = protowire.AppendBytes(protowire.AppendTag(head, fieldAppMetadata, protowire.BytesType), m.note)
	}
	if m.size > 0 {
		head = protowire.AppendVarint(protowire.AppendTag(head, fieldDataBody, protowire.BytesType), uint64(m.size))
	}
	return m.to.SendMsg(encoded{mem.SliceBuffer(head), mem.NewBuffer(body.to, m.spare)})
}

// appending is a buffer that grows.
type appending struct{ to *[]byte }

func (a *appending) Write(p []byte) (int, error) {
	*a.to = append(*a.to, p...)
	return len(p), nil
}

// encoded is a message in the form of the wire.
type encoded mem.BufferSlice

// Codec is the codec of gRPC servers that have this door: that of protobuf, and messages that are encoded already pass.
func Codec() encoding.CodecV2 { return codec{encoding.GetCodecV2("proto")} }

type codec struct{ encoding.CodecV2 }

func (c codec) Marshal(message any) (mem.BufferSlice, error) {
	if done, ok := message.(encoded); ok {
		return mem.BufferSlice(done), nil
	}
	return c.CodecV2.Marshal(message)
}

// buffers are those that no message uses. They are kept by powers of two, and not cleared: all of their bytes are written anew.
// It is a [mem.BufferPool], but for Get, whose buffer is empty and only has room.
type buffers [bits.UintSize + 1]sync.Pool

// Get answers an empty buffer with room for some bytes.
func (b *buffers) Get(size int) *[]byte {
	class := bits.Len(uint(size))
	if buffer, ok := b[class].Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, 1<<class)
	return &buffer
}

// Put keeps a buffer, by what it has room for at least.
func (b *buffers) Put(buffer *[]byte) {
	*buffer = (*buffer)[:0]
	b[bits.Len(uint(cap(*buffer)))-1].Put(buffer)
}
