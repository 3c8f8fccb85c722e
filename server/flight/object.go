package flight

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// mostCommand is how many bytes a command may have: many times the names of a questionnaire's columns.
const mostCommand = 64 << 10

// rawJSON is a member that is read later.
type rawJSON = json.RawMessage

// members are those that an object may have, each with where its value goes: *string, *int32, *bool, *[]string or *rawJSON.
type members map[string]any

// readObject reads one JSON object and answers which members it has. What is unknown, given twice or of another kind is refused.
func readObject(data []byte, where string, into members) (map[string]bool, error) {
	malformed := func(format string, args ...any) error {
		return fault.Field(cmiv1.ErrorReason_MALFORMED_JSON, where, format, args...)
	}
	switch {
	case len(data) > mostCommand:
		return nil, invalid(where, "a command of %d bytes is not allowed; up to %d are", len(data), mostCommand)
	case !utf8.Valid(data):
		return nil, malformed("this is not valid UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, malformed(`a JSON object is expected, such as {"questionnaireId": "..."}`)
	}
	given := map[string]bool{}
	for decoder.More() {
		name, value, err := member(decoder)
		if err != nil {
			return nil, malformed("%s", sentence(err))
		}
		target, known := into[name]
		if !known {
			return nil, malformed("there is no member %.100q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(into)), ", "))
		}
		if given[name] {
			return nil, malformed("%q stands there twice", name)
		}
		given[name] = true
		if err := json.Unmarshal(value, target); err != nil {
			return nil, fault.Field(cmiv1.ErrorReason_MALFORMED_JSON, where+"."+name, "%.100s is not allowed; %s is", value, kindOf(target))
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, malformed("%s", sentence(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("there is something after the object")
	}
	return given, nil
}

// member reads a name and its value.
func member(decoder *json.Decoder) (string, rawJSON, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", nil, err
	}
	name, ok := token.(string)
	if !ok {
		return "", nil, fmt.Errorf("%v where a name is expected", token)
	}
	var value rawJSON
	err = decoder.Decode(&value)
	return name, value, err
}

func sentence(err error) string {
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("this is not JSON, at byte %d", bad.Offset)
	}
	return "this is not JSON, or the end of it is missing"
}

func kindOf(target any) string {
	switch target.(type) {
	case *string:
		return "a string"
	case *int32:
		return "a whole number"
	case *bool:
		return "true or false"
	case *[]string:
		return "a list of strings"
	}
	return "an object"
}
