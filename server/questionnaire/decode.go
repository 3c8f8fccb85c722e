package questionnaire

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// maxProblems bounds how many problems of a file are listed.
const maxProblems = 50

// decoder fills a message from the tree of a file. The contract types every value: what an unquoted YAML scalar means is
// decided by the field that it stands in, so a version such as 1.10 or an option called no stays the text that it is.
type decoder struct {
	problems []Problem
}

func (d *decoder) fail(line int, path, format string, args ...any) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{Line: line, Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

// message fills m from a mapping.
func (d *decoder) message(m protoreflect.Message, n *node, path string) {
	what := noun(m.Descriptor())
	if n.kind != kindMapping {
		d.fail(n.line, path, "%s must be a set of fields, such as `%s: ...`; this is %s", what, firstField(m.Descriptor()), n.describe())
		return
	}
	setAt := map[protoreflect.FieldNumber]int{}
	for _, e := range n.entries {
		field := fieldOf(m.Descriptor(), e.key)
		if field == nil {
			d.fail(e.line, join(path, e.key), "there is no such field; %s", allowedFields(m.Descriptor(), e.key))
			continue
		}
		at := join(path, field.JSONName())
		if first, twice := setAt[field.Number()]; twice {
			d.fail(e.line, at, "the field stands twice, first on line %d", first)
			continue
		}
		setAt[field.Number()] = e.line
		if e.value.isNull() && !field.IsMap() && !field.IsList() {
			if e.value.kind == kindEmpty && field.Message() != nil {
				d.fail(e.line, at, "there is nothing behind the colon; write `%s: {}` when it has no fields to set, or leave it out", field.JSONName())
			}
			continue
		}
		if e.value.isNull() {
			continue
		}
		if oneof := field.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
			if other := m.WhichOneof(oneof); other != nil {
				d.fail(e.line, at, "%s has exactly one %s, and %s stands on line %d already", what, oneof.Name(), other.JSONName(), setAt[other.Number()])
				continue
			}
		}
		d.field(m, field, e.value, at)
	}
}

func (d *decoder) field(m protoreflect.Message, field protoreflect.FieldDescriptor, n *node, path string) {
	switch {
	case field.IsMap():
		d.mapField(m.Mutable(field).Map(), field, n, path)
	case field.IsList():
		d.listField(m.Mutable(field).List(), field, n, path)
	case field.Message() != nil:
		d.nested(m.Mutable(field).Message(), n, path)
	default:
		if value, ok := d.scalar(field, n, path); ok {
			m.Set(field, value)
		}
	}
}

func (d *decoder) mapField(m protoreflect.Map, field protoreflect.FieldDescriptor, n *node, path string) {
	if n.kind != kindMapping {
		d.fail(n.line, path, "must be a set of `key: text` pairs; this is %s", n.describe())
		return
	}
	for _, e := range n.entries {
		at := join(path, e.key)
		if e.value.isNull() {
			d.fail(e.line, at, "there is no value; write the text, or leave the key out")
			continue
		}
		if value, ok := d.scalar(field.MapValue(), e.value, at); ok {
			m.Set(protoreflect.ValueOfString(e.key).MapKey(), value)
		}
	}
}

func (d *decoder) listField(list protoreflect.List, field protoreflect.FieldDescriptor, n *node, path string) {
	if n.kind != kindList {
		d.fail(n.line, path, "must be a list; this is %s", n.describe())
		return
	}
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case item.isNull():
			d.fail(item.line, at, "there is no value; write one, or leave the entry out")
		case field.Message() != nil:
			d.nested(list.AppendMutable().Message(), item, at)
		default:
			if value, ok := d.scalar(field, item, at); ok {
				list.Append(value)
			}
		}
	}
}

// nested fills a message in a field. Times are text in JSON, by the mapping of protobuf.
func (d *decoder) nested(m protoreflect.Message, n *node, path string) {
	stamp, isTime := m.Interface().(*timestamppb.Timestamp)
	if !isTime {
		d.message(m, n, path)
		return
	}
	if n.kind != kindPlain && n.kind != kindString || protojson.Unmarshal(quote(n.text), stamp) != nil {
		d.fail(n.line, path, "must be a time such as 2026-11-01T00:00:00Z; this is %s", n.describe())
	}
}

// noun names a message in a sentence.
func noun(m protoreflect.MessageDescriptor) string {
	name := strings.ToLower(string(m.Name()))
	switch name {
	case "multiplechoice":
		name = "multiple choice"
	case "yesno":
		name = "yes/no scale"
	case "behaviourscale":
		name = "behaviour scale"
	case "pillarweights":
		return "the set of pillar weights"
	case "thresholds":
		return "the pair of thresholds"
	}
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// fieldOf finds a field by its JSON name or by its name in the contract.
func fieldOf(m protoreflect.MessageDescriptor, key string) protoreflect.FieldDescriptor {
	if !utf8.ValidString(key) {
		return nil
	}
	if f := m.Fields().ByJSONName(key); f != nil {
		return f
	}
	return m.Fields().ByName(protoreflect.Name(key))
}

// firstField answers a field to show as an example.
func firstField(m protoreflect.MessageDescriptor) string {
	if m.Fields().Len() == 0 {
		return "field"
	}
	return m.Fields().Get(0).JSONName()
}

// allowedFields says which fields a message has, and which of them was probably meant.
func allowedFields(m protoreflect.MessageDescriptor, key string) string {
	fields := m.Fields()
	if fields.Len() == 0 {
		return noun(m) + " has no fields"
	}
	names := make([]string, fields.Len())
	for i := range names {
		names[i] = fields.Get(i).JSONName()
	}
	text := fmt.Sprintf("%s has %s", noun(m), strings.Join(names, ", "))
	if meant := closest(key, names); meant != "" {
		text = fmt.Sprintf("did you mean %s? %s", meant, text)
	}
	return text
}

// closest answers the name that differs from the key by at most two letters, if there is one.
func closest(key string, names []string) string {
	if len(key) > 64 {
		return ""
	}
	key = strings.ToLower(strings.ReplaceAll(key, "_", ""))
	best, most := "", 3
	sorted := append([]string(nil), names...)
	sort.Strings(sorted)
	for _, name := range sorted {
		if distance := editDistance(key, strings.ToLower(name)); distance < most {
			best, most = name, distance
		}
	}
	return best
}

// editDistance counts the letters to insert, delete or replace to make b of a.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
