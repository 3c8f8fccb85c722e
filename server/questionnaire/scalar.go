package questionnaire

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// coreNumber is how YAML 1.2 writes a decimal number (its core schema). Octal and hexadecimal have no place here.
var coreNumber = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// jsonNumber is how JSON writes a number.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// scalar reads one value as what the field is.
func (d *decoder) scalar(field protoreflect.FieldDescriptor, n *node, path string) (protoreflect.Value, bool) {
	switch field.Kind() {
	case protoreflect.StringKind:
		if n.kind == kindPlain || n.kind == kindString {
			return protoreflect.ValueOfString(n.text), true
		}
		d.fail(n.line, path, "must be text; this is %s", n.describe())
	case protoreflect.BoolKind:
		if value, ok := boolean(n); ok {
			return protoreflect.ValueOfBool(value), true
		}
		d.fail(n.line, path, "must be true or false, without quotes; this is %s", n.describe())
	case protoreflect.DoubleKind:
		if value, ok := number(n); ok {
			return protoreflect.ValueOfFloat64(value), true
		}
		d.fail(n.line, path, "must be a number; this is %s", n.describe())
	case protoreflect.Int32Kind:
		if value, ok := number(n); ok && value == math.Trunc(value) && math.Abs(value) <= math.MaxInt32 {
			return protoreflect.ValueOfInt32(int32(value)), true
		}
		d.fail(n.line, path, "must be a whole number; this is %s", n.describe())
	case protoreflect.EnumKind:
		if value, ok := enumNumber(field.Enum(), n); ok {
			return protoreflect.ValueOfEnum(value), true
		}
		d.fail(n.line, path, "must be one of %s; this is %s", enumNames(field.Enum()), n.describe())
	default:
		d.fail(n.line, path, "fields of kind %s cannot be read from a file", field.Kind())
	}
	return protoreflect.Value{}, false
}

func boolean(n *node) (value, ok bool) {
	if n.kind != kindBool && n.kind != kindPlain {
		return false, false
	}
	switch n.text {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// number reads a number, or the text that stands for one in the JSON mapping of protobuf. What does not fit a double is
// refused, not rounded to infinity.
func number(n *node) (float64, bool) {
	switch n.kind {
	case kindPlain:
		switch strings.ToLower(strings.TrimPrefix(n.text, "+")) {
		case ".inf":
			return math.Inf(1), true
		case "-.inf":
			return math.Inf(-1), true
		case ".nan":
			return math.NaN(), true
		}
		if !coreNumber.MatchString(n.text) {
			return 0, false
		}
	case kindString:
		switch n.text {
		case "Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		case "NaN":
			return math.NaN(), true
		}
		if !jsonNumber.MatchString(n.text) {
			return 0, false
		}
	case kindNumber:
	default:
		return 0, false
	}
	value, err := strconv.ParseFloat(n.text, 64)
	return value, err == nil
}

// enumNumber reads the name of an enum value, or its number as the JSON mapping of protobuf allows.
func enumNumber(enum protoreflect.EnumDescriptor, n *node) (protoreflect.EnumNumber, bool) {
	if n.kind == kindPlain || n.kind == kindString {
		if value := enum.Values().ByName(protoreflect.Name(n.text)); value != nil {
			return value.Number(), true
		}
	}
	if n.kind == kindString {
		return 0, false
	}
	value, ok := number(n)
	if !ok || value != math.Trunc(value) || math.Abs(value) > math.MaxInt32 {
		return 0, false
	}
	return protoreflect.EnumNumber(value), true
}

// enumNames lists the names that a file may use; the unspecified one says nothing and is left out.
func enumNames(enum protoreflect.EnumDescriptor) string {
	var names []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			names = append(names, string(value.Name()))
		}
	}
	return strings.Join(names, ", ")
}

// quote writes text as a JSON string.
func quote(text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // Cannot happen: text is always marshalled.
	}
	return quoted
}
