package questionnaire

import (
	"encoding/json"
	"math"
	"sort"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// outlineOf turns a message into the tree that is written, fields in the order of the contract and keys of maps sorted, so
// that the same questionnaire always gives the same bytes.
func outlineOf(m protoreflect.Message) *node {
	tree := &node{kind: kindMapping}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !m.Has(field) && !alwaysWritten(field) {
			continue
		}
		tree.entries = append(tree.entries, entry{key: field.JSONName(), value: outlineField(field, m.Get(field))})
	}
	return tree
}

// alwaysWritten names the fields that a reader looks for even when they are 0: a rating shows both of its ends.
func alwaysWritten(field protoreflect.FieldDescriptor) bool {
	return field.FullName() == "cmi.v1.Rating.min" || field.FullName() == "cmi.v1.Rating.max"
}

func outlineField(field protoreflect.FieldDescriptor, value protoreflect.Value) *node {
	switch {
	case field.IsMap():
		tree := &node{kind: kindMapping}
		value.Map().Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
			tree.entries = append(tree.entries, entry{key: key.String(), value: outlineValue(field.MapValue(), value)})
			return true
		})
		sort.Slice(tree.entries, func(i, j int) bool { return tree.entries[i].key < tree.entries[j].key })
		return tree
	case field.IsList():
		tree := &node{kind: kindList}
		for i := range value.List().Len() {
			tree.items = append(tree.items, outlineValue(field, value.List().Get(i)))
		}
		return tree
	}
	return outlineValue(field, value)
}

func outlineValue(field protoreflect.FieldDescriptor, value protoreflect.Value) *node {
	switch field.Kind() {
	case protoreflect.MessageKind:
		if stamp, ok := value.Message().Interface().(*timestamppb.Timestamp); ok {
			return &node{kind: kindString, text: stampText(stamp)}
		}
		return outlineOf(value.Message())
	case protoreflect.StringKind:
		return &node{kind: kindString, text: value.String()}
	case protoreflect.BoolKind:
		return &node{kind: kindBool, text: strconv.FormatBool(value.Bool())}
	case protoreflect.EnumKind:
		if name := field.Enum().Values().ByNumber(value.Enum()); name != nil {
			return &node{kind: kindString, text: string(name.Name())}
		}
		return &node{kind: kindNumber, text: strconv.Itoa(int(value.Enum()))}
	case protoreflect.DoubleKind:
		return outlineDouble(value.Float())
	}
	return &node{kind: kindNumber, text: value.String()}
}

// outlineDouble writes the shortest text that reads back as the same number; what JSON has no number for is text there.
func outlineDouble(value float64) *node {
	switch {
	case math.IsNaN(value):
		return &node{kind: kindString, text: "NaN"}
	case math.IsInf(value, 1):
		return &node{kind: kindString, text: "Infinity"}
	case math.IsInf(value, -1):
		return &node{kind: kindString, text: "-Infinity"}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return &node{kind: kindNumber, text: strconv.FormatFloat(value, 'g', -1, 64)}
	}
	return &node{kind: kindNumber, text: string(text)}
}

// stampText writes a time as the JSON mapping of protobuf does. A time that it cannot write, beyond the year 9999, is
// written as the number of its seconds, which Read then refuses by name.
func stampText(stamp *timestamppb.Timestamp) string {
	quoted, err := protojson.Marshal(proto.Message(stamp))
	var text string
	if err != nil || json.Unmarshal(quoted, &text) != nil {
		return strconv.FormatInt(stamp.GetSeconds(), 10)
	}
	return text
}
