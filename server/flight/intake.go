package flight

import (
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow/flight"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// mostNote is how many bytes the metadata of a batch may have. They come back beside the scores, in a message that stock clients
// must be able to take.
const mostNote = 16 << 10

// intake takes the messages of a table from a stream.
type intake struct {
	stream interface {
		Recv() (*flight.FlightData, error)
	}
	// first is the message that brought the descriptor, where it also is the first one of the table.
	first *flight.FlightData
	// note is the metadata of the last message.
	note []byte
}

// descriptor reads the first message, which says what is asked for. It may bring the schema as well, or the next one does.
func (in *intake) descriptor() (*flight.FlightDescriptor, error) {
	first, err := in.stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil, protocol("flight_descriptor", "the stream ended before its first message, which has the descriptor")
	}
	if err != nil {
		return nil, err
	}
	if first.GetFlightDescriptor() == nil {
		return nil, protocol("flight_descriptor", "the first message has the descriptor; this one has none")
	}
	if len(first.GetDataHeader()) > 0 {
		in.first = first
	}
	return first.GetFlightDescriptor(), nil
}

// next is a [columnar.Source].
func (in *intake) next() (header, body []byte, err error) {
	data := in.first
	if in.first = nil; data == nil {
		if data, err = in.stream.Recv(); err != nil {
			return nil, nil, err
		}
		if data.GetFlightDescriptor() != nil {
			return nil, nil, protocol("flight_descriptor", "the descriptor comes first and once; this is a second one")
		}
	}
	switch {
	case len(data.GetDataHeader()) == 0:
		return nil, nil, protocol("data_header", "a message without data is not allowed; metadata comes with its batch")
	case len(data.GetAppMetadata()) > mostNote:
		return nil, nil, invalid("app_metadata", "%d bytes are not allowed; up to %d are", len(data.GetAppMetadata()), mostNote)
	}
	in.note = data.GetAppMetadata()
	return data.GetDataHeader(), data.GetDataBody(), nil
}

func protocol(field, text string) error {
	return fault.Field(cmiv1.ErrorReason_STREAM_PROTOCOL, field, "%s", text)
}
