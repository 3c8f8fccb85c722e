// Package questionnaire keeps questionnaires as files. A file is the contract's own message, as YAML 1.2 or as JSON, and
// the nine built-in questionnaires are such files too. Reading is strict: a typo is an error with its line and path, and
// never silence.
package questionnaire

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	// maxBytes bounds a file. The largest questionnaire that the contract allows is far smaller.
	maxBytes = 1 << 20
	// maxDepth bounds how deep mappings and lists may be nested. The contract needs 8.
	maxDepth = 16
	// maxKey bounds the bytes of a key. The longest are language tags.
	maxKey = 128
	// maxTokens bounds the words and signs of a YAML file: more than any questionnaire of 1 MiB has, fewer than a file
	// of nothing but commas.
	maxTokens = 200_000
)

// Read reads one questionnaire from the bytes of a file. The name decides the format (.json is JSON, .yaml and .yml are
// YAML; under any other name, what starts with a brace is JSON) and is repeated in errors. The fields are those of the
// contract in the JSON mapping of protobuf: lowerCamelCase, or snake_case as in the contract.
//
// What is refused is an *Error that lists every problem found. Read checks the form only: whether the questionnaire can be
// scored is for scoring.Compile to say.
func Read(name string, data []byte) (*cmiv1.Questionnaire, error) {
	if len(data) > maxBytes {
		return nil, problem(name, 0, "the file has %d bytes; at most %d are allowed", len(data), maxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, problem(name, firstInvalidLine(data), "the file is not UTF-8; save it as UTF-8")
	}
	parse := parseYAML
	if isJSON(name, data) {
		parse = parseJSON
	}
	root, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	q := &cmiv1.Questionnaire{}
	d := decoder{}
	d.message(q.ProtoReflect(), root, "")
	if len(d.problems) > 0 {
		return nil, &Error{Name: name, Problems: d.problems}
	}
	return q, nil
}

// isJSON decides the format by the name, and by the first character where the name does not say.
func isJSON(name string, data []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	}
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
}

// firstInvalidLine finds the line of the first byte that is not UTF-8.
func firstInvalidLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

// problem makes an error of a single problem that no field can be named for.
func problem(name string, line int, format string, args ...any) *Error {
	return &Error{Name: name, Problems: []Problem{{Line: line, Message: fmt.Sprintf(format, args...)}}}
}
