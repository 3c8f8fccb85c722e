package gateway

import (
	"fmt"
	"io"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/gateway/fastjson"
	"github.com/customer-momentum/cmi/server/strictjson"
)

// jsonMarshaler is proto3 JSON as the contract promises it: camel case, enum values by name, nothing that is not set, and no
// tolerance for what does not belong. The library's own default drops unknown fields and reads only as far as it must.
type jsonMarshaler struct{}

var _ runtime.Marshaler = jsonMarshaler{}

// ContentType answers application/json whatever the message.
func (jsonMarshaler) ContentType(any) string { return typeJSON }

// Marshal writes a message.
func (jsonMarshaler) Marshal(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%T is not a message", v)
	}
	return appendJSON(nil, m)
}

// appendJSON writes a message behind b, the quick way where there is one.
func appendJSON(b []byte, m proto.Message) ([]byte, error) {
	if out, ok := fastjson.Append(b, m); ok {
		return out, nil
	}
	return protojson.MarshalOptions{}.MarshalAppend(b, m)
}

// Unmarshal reads a message.
func (jsonMarshaler) Unmarshal(data []byte, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return fmt.Errorf("%T is not a message", v)
	}
	return strictjson.Unmarshal(data, m)
}

// NewDecoder reads the one message of a body.
func (j jsonMarshaler) NewDecoder(in io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		b, bounded := in.(*body)
		m, ok := v.(proto.Message)
		if !bounded || !ok {
			return fmt.Errorf("%T is not a message, or its body has no bound", v)
		}
		return b.decode(m)
	})
}

// NewEncoder writes messages one after the other.
func (j jsonMarshaler) NewEncoder(out io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := j.Marshal(v)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	})
}
