package columnar

import (
	"errors"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const (
	// MostDecompressed is how many bytes a batch may take once it is decompressed, beside the message that it came in: as many
	// as 65,536 rows of 60 numbers, which is more columns than a questionnaire needs.
	MostDecompressed = 32 << 20
	// MostDictionaries is how many bytes the dictionaries of a table may have together. They are kept as long as the table lasts.
	MostDictionaries = 16 << 20
)

// Source answers the next message of a table: its header and its body, which are the reader's from then on. It answers [io.EOF]
// where there is none.
type Source func() (header, body []byte, err error)

// Limits bound what a table may make a [Reader] hold, beside the messages that it comes in.
type Limits struct {
	// Decompressed is how many bytes a batch may take once it is decompressed.
	Decompressed int
	// Dictionaries is how many bytes the dictionaries of a table may have together.
	Dictionaries int
}

// Reader reads a table from messages in the form of Arrow IPC that are not trusted. It takes no more memory than is stated here,
// whatever the messages announce.
type Reader struct {
	in     *messages
	reader *ipc.Reader
}

// NewReader reads the schema. Errors are those of the source, or a [*Fault]; [io.EOF] where there is no message at all.
func NewReader(source Source) (*Reader, error) {
	return NewReaderWithin(source, Limits{Decompressed: MostDecompressed, Dictionaries: MostDictionaries})
}

// NewReaderWithin is NewReader for tables with other bounds than those that are sent over the wire: larger ones, in files.
func NewReaderWithin(source Source, limits Limits) (*Reader, error) {
	in := &messages{
		source: source, memory: budget{most: limits.Decompressed}, mostDictionaries: limits.Dictionaries, dictionaries: map[int64]int{},
	}
	reader, err := ipc.NewReaderFromMessageReader(in, ipc.WithAllocator(&in.memory))
	if err != nil {
		return nil, in.because(err)
	}
	return &Reader{in: in, reader: reader}, nil
}

// Schema answers the columns.
func (r *Reader) Schema() *arrow.Schema { return r.reader.Schema() }

// Next answers the next batch, which the caller releases, or [io.EOF]. Errors are those of the source, or a [*Fault]; after one,
// there is no next batch.
func (r *Reader) Next() (arrow.RecordBatch, error) {
	r.in.memory.taken = 0
	if r.reader.Next() {
		batch := r.reader.RecordBatch()
		batch.Retain()
		return batch, nil
	}
	if err := r.reader.Err(); err != nil {
		return nil, r.in.because(err)
	}
	return nil, r.in.because(io.EOF)
}

// Release frees what the reader holds beside the batches that it answered.
func (r *Reader) Release() { r.reader.Release() }

// messages hands messages to the reader of Arrow, each looked at before.
type messages struct {
	source           Source
	memory           budget
	mostDictionaries int

	begun bool // the schema has come
	views int  // how many columns of views it has
	ended error
	last  *ipc.Message
	// dictionaries are the bytes of those that are kept, by number. loading is the one that the reader is at, and before what
	// the batch had taken when that came.
	dictionaries map[int64]int
	loading      int64
	isLoading    bool
	before       int
}

// because answers why the reading ended: what the source said, if it did, and else what is wrong with the table.
func (m *messages) because(err error) error {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	if m.ended != nil {
		return m.ended
	}
	return wrong("the table cannot be read as Arrow IPC: %v", err)
}

// Message answers the next message.
func (m *messages) Message() (*ipc.Message, error) {
	if err := m.loaded(); err != nil {
		return nil, err
	}
	if m.ended != nil {
		return nil, m.ended
	}
	data, body, err := m.source()
	if err != nil {
		m.ended = err
		return nil, err
	}
	h, err := headerOf(data, m.views)
	if err == nil {
		err = m.expect(h, len(body))
	}
	if err != nil {
		return nil, err
	}
	m.Release()
	// Clipped, so that a place beyond the end is one, and not in what the memory of the message has to spare.
	m.last = ipc.NewMessage(memory.NewBufferBytes(slices.Clip(data)), memory.NewBufferBytes(slices.Clip(body)))
	return m.last, nil
}

// expect refuses messages that have no place where they stand, and counts dictionaries.
func (m *messages) expect(h header, body int) error {
	switch h.kind {
	case ipc.MessageSchema:
		if m.begun {
			return wrong("a schema that changes in the middle of a table is not allowed; start another table for it")
		}
		m.begun, m.views = true, h.views
		return nil
	case ipc.MessageRecordBatch, ipc.MessageDictionaryBatch:
		if !m.begun {
			return wrong("a table begins with its schema; this one begins with a %s", h.kind)
		}
	default:
		return wrong("a message of the kind %s is not part of a table", h.kind)
	}
	if h.kind == ipc.MessageDictionaryBatch {
		if !h.delta {
			m.dictionaries[h.dictionary] = 0
		}
		m.dictionaries[h.dictionary] += body
		m.loading, m.isLoading, m.before = h.dictionary, true, m.memory.taken
		return m.bounded()
	}
	return nil
}

// loaded counts what the dictionary took that the reader was at.
func (m *messages) loaded() error {
	if !m.isLoading {
		return nil
	}
	m.isLoading = false
	m.dictionaries[m.loading] += m.memory.taken - m.before
	return m.bounded()
}

func (m *messages) bounded() error {
	sum := 0
	for _, bytes := range m.dictionaries {
		sum += bytes
	}
	if sum > m.mostDictionaries {
		return wrong("dictionaries of more than %d bytes in one table are not allowed; send such columns as texts", m.mostDictionaries)
	}
	return nil
}

// Retain is part of the interface of message readers; the one reader of these is theirs alone.
func (m *messages) Retain() {}

// Release frees the last message.
func (m *messages) Release() {
	if m.last != nil {
		m.last.Release()
		m.last = nil
	}
}

var _ ipc.MessageReader = (*messages)(nil)
