package columnar

import (
	"github.com/apache/arrow-go/v18/arrow/ipc"
	flatbuffers "github.com/google/flatbuffers/go"
)

// What the header of a message may announce. The reader of Arrow believes what it reads there: it makes room for as many fields,
// texts and buffers as are announced, and follows fields into fields without end. No room for what is not there can be asked back
// from the system, so a header is gone through before that reader sees it.
const (
	// mostFields is how many fields a schema may have, those within others included.
	mostFields = 4096
	// mostText is how many bytes all names and metadata of a header may have. Texts may be shared, so that few bytes announce many.
	mostText = 4 << 20
	// mostViews is how many buffers a column of views may have.
	mostViews = 1 << 16
)

// The places of what is looked at in the tables of the format, as it numbers them.
const (
	messageKind, messageHeader, messageBody, messageMetadata           = 6, 8, 10, 12
	schemaFields, schemaMetadata                                       = 6, 8
	fieldName, fieldKind, fieldType, fieldChildren, fieldMetadata      = 4, 8, 10, 14, 16
	pairKey, pairValue                                                 = 4, 6
	timestampZone, unionIDs                                            = 6, 6
	batchViews, dictionaryID, dictionaryBatch, dictionaryDelta         = 12, 4, 6, 8
	kindTimestamp, kindUnion, kindBytesView, kindTextView         byte = 10, 14, 23, 24
)

// header is what a message says that it is.
type header struct {
	kind ipc.MessageType
	// dictionary is the number of the dictionary that the message brings, and delta tells whether it adds to it.
	dictionary int64
	delta      bool
	// views is how many columns of views a schema has.
	views int
}

// headerOf goes through the header of a message of a table with so many columns of views. The error is a [*Fault].
func headerOf(data []byte, views int) (h header, err error) {
	defer func() {
		if recover() != nil { // a place outside of data, or so many announced that places wrap around
			err = wrong("a message is broken: its header points outside of itself")
		}
	}()
	s := &survey{fields: mostFields, text: mostText}
	message := flatbuffers.Table{Bytes: data, Pos: flatbuffers.GetUOffsetT(data)}
	if at := message.Offset(messageKind); at != 0 {
		h.kind = ipc.MessageType(message.GetByte(message.Pos + flatbuffers.UOffsetT(at)))
	}
	body, there := within(message, messageHeader)
	if !there {
		return h, wrong("a message is broken: it has no header")
	}
	s.pairs(message, messageMetadata)
	switch h.kind {
	case ipc.MessageSchema:
		s.children(body, schemaFields)
		s.pairs(body, schemaMetadata)
		h.views = s.viewed
	case ipc.MessageRecordBatch:
		s.views(body, views)
	case ipc.MessageDictionaryBatch:
		h.dictionary = body.GetInt64Slot(dictionaryID, 0)
		h.delta = body.GetBoolSlot(dictionaryDelta, false)
		if batch, there := within(body, dictionaryBatch); there {
			s.views(batch, views)
		}
	}
	return h, s.err
}

// BodyLength is how many bytes of body the header of a message announces, of which nothing is checked but that they are not
// fewer than none. Messages in a file need it, to find where the next one begins. The error is a [*Fault].
func BodyLength(header []byte) (bytes int64, err error) {
	defer func() {
		if recover() != nil {
			bytes, err = 0, wrong("a message is broken: its header points outside of itself")
		}
	}()
	message := flatbuffers.Table{Bytes: header, Pos: flatbuffers.GetUOffsetT(header)}
	if bytes = message.GetInt64Slot(messageBody, 0); bytes < 0 {
		return 0, wrong("a message is broken: it announces a body of %d bytes", bytes)
	}
	return bytes, nil
}

// within is the table that another one has at a place.
func within(t flatbuffers.Table, slot flatbuffers.VOffsetT) (flatbuffers.Table, bool) {
	at := flatbuffers.UOffsetT(t.Offset(slot))
	if at == 0 {
		return t, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + at)}, true
}

// survey goes through tables, and stops where more is announced than may be.
type survey struct {
	fields, text int // left
	viewed       int // columns of views
	err          error
}

func (s *survey) refuse(format string, args ...any) {
	if s.err == nil {
		s.err = wrong(format, args...)
	}
}

// each visits the tables of a vector.
func (s *survey) each(t flatbuffers.Table, slot flatbuffers.VOffsetT, visit func(flatbuffers.Table)) {
	at := flatbuffers.UOffsetT(t.Offset(slot))
	if at == 0 {
		return
	}
	n, first := t.VectorLen(at), t.Vector(at)
	if n > len(t.Bytes)/flatbuffers.SizeUOffsetT {
		s.refuse("a message is broken: it announces %d entries in a header of %d bytes", n, len(t.Bytes))
	}
	for k := 0; k < n && s.err == nil; k++ {
		visit(flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(first + flatbuffers.UOffsetT(k*flatbuffers.SizeUOffsetT))})
	}
}

// children visits fields, and what is within them. Since every field counts, fields within fields without end come to one.
func (s *survey) children(t flatbuffers.Table, slot flatbuffers.VOffsetT) {
	s.each(t, slot, func(field flatbuffers.Table) {
		if s.fields--; s.fields < 0 {
			s.refuse("a schema of more than %d fields is not allowed", mostFields)
			return
		}
		s.string(field, fieldName)
		s.pairs(field, fieldMetadata)
		s.kind(field)
		s.children(field, fieldChildren)
	})
}

// kind counts what the types of fields announce.
func (s *survey) kind(field flatbuffers.Table) {
	of, there := within(field, fieldType)
	if !there {
		return
	}
	switch field.GetByteSlot(fieldKind, 0) {
	case kindTimestamp:
		s.string(of, timestampZone)
	case kindBytesView, kindTextView:
		s.viewed++
	case kindUnion:
		if at := flatbuffers.UOffsetT(of.Offset(unionIDs)); at != 0 && of.VectorLen(at) > mostFields {
			s.refuse("a union of more than %d types is not allowed", mostFields)
		}
	}
}

// pairs counts metadata.
func (s *survey) pairs(t flatbuffers.Table, slot flatbuffers.VOffsetT) {
	s.each(t, slot, func(pair flatbuffers.Table) {
		s.count(2 * flatbuffers.SizeUOffsetT)
		s.string(pair, pairKey)
		s.string(pair, pairValue)
	})
}

func (s *survey) string(t flatbuffers.Table, slot flatbuffers.VOffsetT) {
	if at := flatbuffers.UOffsetT(t.Offset(slot)); at != 0 {
		s.count(len(t.ByteVector(t.Pos + at)))
	}
}

func (s *survey) count(bytes int) {
	if s.text -= bytes; s.text < 0 {
		s.refuse("names and metadata of more than %d bytes in one message are not allowed", mostText)
	}
}

// views counts the buffers that columns of views announce. The reader of Arrow looks for as many numbers as there are columns,
// however many there are said to be.
func (s *survey) views(batch flatbuffers.Table, columns int) {
	at := flatbuffers.UOffsetT(batch.Offset(batchViews))
	if at == 0 || columns == 0 {
		return
	}
	first := batch.Vector(at)
	for k := range min(columns, batch.VectorLen(at)) {
		if n := batch.GetInt64(first + flatbuffers.UOffsetT(k*flatbuffers.SizeInt64)); n < 0 || n > mostViews {
			s.refuse("a message is broken: it announces %d buffers for a column; up to %d are allowed", n, mostViews)
		}
	}
	if n := batch.VectorLen(at); n < columns {
		s.refuse("a message is broken: it announces the buffers of %d columns of views, of %d", n, columns)
	}
}
