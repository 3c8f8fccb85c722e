package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// walker reads JSON beside the descriptor of the message that it should be, and stops at the first thing that does not fit.
type walker struct {
	data    []byte
	line    int
	decoder *json.Decoder
	// start is where the token that was read last begins.
	start int
	// asked counts the values that were tried one by one.
	asked int
}

func (w *walker) explain(m protoreflect.Message) *fault.Error {
	w.decoder = json.NewDecoder(bytes.NewReader(w.data))
	w.decoder.UseNumber()
	if _, f := w.next(""); f != nil {
		return f
	}
	if f := w.object(m, ""); f != nil {
		return f
	}
	rest := int(w.decoder.InputOffset())
	if tail := bytes.TrimLeft(w.data[rest:], " \t\r\n"); len(tail) > 0 {
		return w.fault(len(w.data)-len(tail), "", "nothing may follow the object")
	}
	return nil
}

// object reads the rest of an object, its { being read already.
func (w *walker) object(m protoreflect.Message, path string) *fault.Error {
	seen := make(map[protoreflect.FieldNumber]bool)
	oneofs := make(map[protoreflect.Name]protoreflect.FieldDescriptor)
	for {
		key, f := w.next(path)
		if f != nil {
			return f
		}
		if key == json.Delim('}') {
			return nil
		}
		name, _ := key.(string)
		at := join(path, name)
		field := lookup(m.Descriptor(), name)
		if field == nil {
			return w.fault(w.start, at, "there is no such field; %s has %s", m.Descriptor().Name(), names(m.Descriptor()))
		}
		if seen[field.Number()] {
			return w.fault(w.start, at, "the field is given twice")
		}
		seen[field.Number()] = true
		begin := w.start
		token, f := w.next(at)
		if f != nil {
			return f
		}
		if token == nil {
			continue // null is the same as leaving the field out
		}
		if of := field.ContainingOneof(); of != nil && !of.IsSynthetic() {
			if other := oneofs[of.Name()]; other != nil {
				return w.fault(begin, at, "%s is given already, and only one of the two may be", other.JSONName())
			}
			oneofs[of.Name()] = field
		}
		if f := w.field(m, field, token, at); f != nil {
			return f
		}
	}
}

// field reads the value of a field, its first token being read already.
func (w *walker) field(m protoreflect.Message, field protoreflect.FieldDescriptor, token json.Token, path string) *fault.Error {
	switch {
	case field.IsMap():
		return w.mapping(m, field, token, path)
	case field.IsList():
		return w.list(m, field, token, path)
	default:
		return w.single(m, field, token, path)
	}
}

func (w *walker) list(m protoreflect.Message, field protoreflect.FieldDescriptor, token json.Token, path string) *fault.Error {
	if token != json.Delim('[') {
		return w.fault(w.start, path, "must be an array, [...]")
	}
	for i := 0; ; i++ {
		at := path + "[" + strconv.Itoa(i) + "]"
		token, f := w.next(at)
		if f != nil {
			return f
		}
		if token == json.Delim(']') {
			return nil
		}
		if f := w.single(m, field, token, at); f != nil {
			return f
		}
	}
}

func (w *walker) mapping(m protoreflect.Message, field protoreflect.FieldDescriptor, token json.Token, path string) *fault.Error {
	if token != json.Delim('{') {
		return w.fault(w.start, path, "must be an object, {...}")
	}
	seen := make(map[string]bool)
	for {
		key, f := w.next(path)
		if f != nil {
			return f
		}
		if key == json.Delim('}') {
			return nil
		}
		name, _ := key.(string)
		at := path + "[" + strconv.Quote(name) + "]"
		if seen[name] {
			return w.fault(w.start, at, "the key is given twice")
		}
		seen[name] = true
		value, f := w.next(at)
		if f != nil {
			return f
		}
		if f := w.single(m, field.MapValue(), value, at); f != nil {
			return f
		}
	}
}

// next reads a token and remembers where it begins.
func (w *walker) next(path string) (json.Token, *fault.Error) {
	at := int(w.decoder.InputOffset())
	for at < len(w.data) && bytes.IndexByte([]byte(" \t\r\n,:"), w.data[at]) >= 0 {
		at++
	}
	w.start = at
	token, err := w.decoder.Token()
	if err == nil {
		return token, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, w.fault(len(w.data), path, "the JSON ends in the middle")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, w.fault(at, path, "this is not JSON: %s", syntax.Error())
	}
	return nil, w.fault(at, path, "this is not JSON")
}

// fault makes the refusal of what stands at an offset.
func (w *walker) fault(offset int, path, format string, args ...any) *fault.Error {
	before := w.data[:min(offset, len(w.data))]
	line := w.line + bytes.Count(before, []byte("\n"))
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	text := fmt.Sprintf(format, args...)
	if path == "" {
		return fault.New(cmiv1.ErrorReason_MALFORMED_JSON, "line %d, column %d: %s", line, column, text)
	}
	f := fault.New(cmiv1.ErrorReason_MALFORMED_JSON, "line %d, column %d: %s: %s", line, column, path, text)
	f.Violations = []fault.Violation{{Field: path, Description: text}}
	return f
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
