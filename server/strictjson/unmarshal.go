// Package strictjson reads JSON into messages and refuses, with a sentence, whatever is not exactly the JSON of the message:
// unknown fields, fields given twice, values of the wrong kind, anything after the object.
//
// protojson decides what is accepted, and it is quick. Its errors are not made for people (they name Go-side types, carry
// no path, and are worded differently from build to build on purpose), so when it refuses, a second, slower walk along the
// message's descriptor finds the place and says what is wrong there.
package strictjson

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway/fastjson"
)

// Unmarshal reads exactly one JSON object into m, which must be empty. Every error is a *fault.Error of reason MALFORMED_JSON that names line,
// column and field. It keeps nothing of data.
func Unmarshal(data []byte, m proto.Message) error { return UnmarshalLine(data, 1, m) }

// UnmarshalLine is Unmarshal for data that begins at the given line of something larger.
func UnmarshalLine(data []byte, line int, m proto.Message) error {
	if fastjson.Unmarshal(data, m) {
		return nil
	}
	err := protojson.Unmarshal(data, m) // begins anew
	if err == nil {
		return nil
	}
	return explain(data, line, m, err)
}

// explain finds out why data was refused.
func explain(data []byte, line int, m proto.Message, cause error) error {
	w := &walker{data: data, line: line}
	body := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(body) == 0:
		return w.fault(0, "", "there is nothing here; a JSON object is expected, {} at least").Because(cause)
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return w.fault(0, "", "this begins with a byte order mark, which JSON must not").Because(cause)
	case !utf8.Valid(data):
		return w.fault(invalidUTF8(data), "", "this is not valid UTF-8").Because(cause)
	case body[0] != '{':
		return w.fault(len(data)-len(body), "", "a JSON object is expected, {...}").Because(cause)
	}
	if found := w.explain(m.ProtoReflect()); found != nil {
		return found.Because(cause)
	}
	return fault.New(cmiv1.ErrorReason_MALFORMED_JSON, "this is not the JSON of %s", m.ProtoReflect().Descriptor().Name()).Because(cause)
}

// invalidUTF8 answers where the first byte stands that is no character.
func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(data)
}
