package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/customer-momentum/cmi/server/fault"
)

// maxAsked bounds how many values of one body are tried one by one.
const maxAsked = 1000

// shown is how much of a refused value is repeated to the client.
const shown = 60

// single reads one value of a field, an element of a list or a value of a map, its first token being read already.
func (w *walker) single(m protoreflect.Message, field protoreflect.FieldDescriptor, token json.Token, path string) *fault.Error {
	begin := w.start
	if field.Message() != nil && !wellKnown(field.Message()) {
		if token != json.Delim('{') {
			return w.fault(begin, path, "must be an object, {...}")
		}
		return w.object(element(m, field), path)
	}
	if delim, open := token.(json.Delim); open {
		if field.Message() == nil || scalarWellKnown(field.Message()) {
			return w.fault(begin, path, "must be %s", wanted(field))
		}
		if f := w.skip(delim, path); f != nil {
			return f
		}
	}
	raw := w.data[begin:w.decoder.InputOffset()]
	if plainlyGood(field, token, raw) || w.accepted(m, field, raw) {
		return nil
	}
	return w.fault(begin, path, "must be %s, not %s", wanted(field), clip(raw))
}

// skip reads to the end of a value that is free in its form, such as that of a google.protobuf.Struct.
func (w *walker) skip(open json.Delim, path string) *fault.Error {
	for depth := 1; depth > 0; {
		token, f := w.next(path)
		if f != nil {
			return f
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// element makes a message of the kind that the field holds.
func element(m protoreflect.Message, field protoreflect.FieldDescriptor) protoreflect.Message {
	switch parent := field.ContainingMessage(); {
	case parent.IsMapEntry():
		for i := range m.Descriptor().Fields().Len() {
			if f := m.Descriptor().Fields().Get(i); f.IsMap() && f.Message() == parent {
				return m.New().NewField(f).Map().NewValue().Message()
			}
		}
		return nil
	case field.IsList():
		return m.New().NewField(field).List().NewElement().Message()
	default:
		return m.New().NewField(field).Message()
	}
}

// plainlyGood spares the usual values the way through accepted.
func plainlyGood(field protoreflect.FieldDescriptor, token json.Token, raw []byte) bool {
	switch v := token.(type) {
	case string:
		return field.Kind() == protoreflect.StringKind && bytes.IndexByte(raw, '\\') < 0
	case bool:
		return field.Kind() == protoreflect.BoolKind
	case json.Number:
		return field.Kind() == protoreflect.DoubleKind && len(v) < 16 && !strings.ContainsAny(string(v), "eE")
	default:
		return false
	}
}

// accepted asks protojson whether it takes the value for this field, unless it was asked very often already: a refusal must
// not cost much more than the body that it is for.
func (w *walker) accepted(m protoreflect.Message, field protoreflect.FieldDescriptor, raw []byte) bool {
	if w.asked++; w.asked > maxAsked {
		return true
	}
	value := raw
	switch {
	case field.ContainingMessage().IsMapEntry():
		return acceptedInMap(m, field, raw)
	case field.IsList():
		value = []byte("[" + string(raw) + "]")
	}
	return protojson.Unmarshal(object(field.JSONName(), value), m.New().Interface()) == nil
}

func acceptedInMap(m protoreflect.Message, value protoreflect.FieldDescriptor, raw []byte) bool {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		if f.IsMap() && f.Message() == value.ContainingMessage() {
			return protojson.Unmarshal(object(f.JSONName(), object("1", raw)), m.New().Interface()) == nil
		}
	}
	return true
}

func object(key string, value []byte) []byte {
	return []byte(`{"` + key + `":` + string(value) + `}`)
}

// lookup finds a field by the names that protojson takes.
func lookup(m protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := m.Fields().ByJSONName(name); f != nil {
		return f
	}
	return m.Fields().ByTextName(name)
}

// names lists the fields of a message as JSON spells them.
func names(m protoreflect.MessageDescriptor) string {
	all := make([]string, 0, m.Fields().Len())
	for i := range m.Fields().Len() {
		all = append(all, m.Fields().Get(i).JSONName())
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// wanted says in words what values the field takes.
func wanted(field protoreflect.FieldDescriptor) string {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.StringKind:
		return "a string"
	case protoreflect.BytesKind:
		return "a string in base64"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	case protoreflect.EnumKind:
		return "one of " + enumNames(field.Enum())
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return wantedMessage(field.Message())
	default:
		return fmt.Sprintf("a whole number (%s)", field.Kind())
	}
}

func wantedMessage(m protoreflect.MessageDescriptor) string {
	switch m.FullName() {
	case "google.protobuf.Timestamp":
		return "a time such as 2026-01-31T09:30:00Z (RFC 3339)"
	case "google.protobuf.Duration":
		return `a duration in seconds such as "1.5s"`
	case "google.protobuf.FieldMask":
		return `the names of fields in one string, such as "title,items"`
	default:
		return "the JSON of " + string(m.FullName())
	}
}

func enumNames(e protoreflect.EnumDescriptor) string {
	all := make([]string, 0, e.Values().Len())
	for i := range e.Values().Len() {
		all = append(all, string(e.Values().Get(i).Name()))
	}
	return strings.Join(all, ", ")
}

// wellKnown tells whether a message has a JSON form of its own.
func wellKnown(m protoreflect.MessageDescriptor) bool {
	return m.FullName().Parent() == "google.protobuf"
}

// scalarWellKnown tells whether that form is a single string.
func scalarWellKnown(m protoreflect.MessageDescriptor) bool {
	switch m.FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask":
		return true
	default:
		return false
	}
}

// clip answers the beginning of a value, whole characters only.
func clip(raw []byte) string {
	if len(raw) <= shown {
		return string(raw)
	}
	end := shown
	for end > 0 && !utf8.RuneStart(raw[end]) {
		end--
	}
	return string(raw[:end]) + "..."
}
