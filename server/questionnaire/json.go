package questionnaire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// parseJSON reads the one value of a JSON file.
func parseJSON(name string, data []byte) (*node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	j := jsonReader{name: name, data: data, tokens: d, line: 1}
	root, err := j.value("", 1)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, problem(name, j.lineAt(d.InputOffset()), "something follows the questionnaire; a file holds one")
	}
	return root, nil
}

// jsonReader turns the tokens of a JSON text into nodes.
type jsonReader struct {
	name   string
	data   []byte
	tokens *json.Decoder
	offset int64
	line   int
}

// lineAt answers the line of an offset; offsets must not go down from call to call.
func (j *jsonReader) lineAt(offset int64) int {
	offset = min(offset, int64(len(j.data)))
	if offset > j.offset {
		j.line += bytes.Count(j.data[j.offset:offset], []byte("\n"))
		j.offset = offset
	}
	return j.line
}

// next answers the next token and its line.
func (j *jsonReader) next(path string) (json.Token, int, error) {
	before := j.tokens.InputOffset()
	t, err := j.tokens.Token()
	after := j.tokens.InputOffset()
	line := j.lineAt(after)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, line, problem(j.name, j.lineAt(int64(len(j.data))), "the file is not JSON: it ends too early")
		}
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line = j.lineAt(syntax.Offset)
		}
		return nil, line, problem(j.name, line, "the file is not JSON: %v", err)
	}
	if _, isText := t.(string); isText && loneSurrogate(j.data[before:after]) {
		return nil, line, &Error{Name: j.name, Problems: []Problem{{Line: line, Path: path, Message: "the text holds half of a \\u surrogate pair, which is no character"}}}
	}
	return t, line, nil
}

func (j *jsonReader) value(path string, depth int) (*node, error) {
	t, line, err := j.next(path)
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, &Error{Name: j.name, Problems: []Problem{{Line: line, Path: path, Message: fmt.Sprintf("values are nested more than %d deep", maxDepth)}}}
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return j.object(line, path, depth)
		}
		return j.array(line, path, depth)
	case string:
		return &node{kind: kindString, text: t, line: line}, nil
	case json.Number:
		return &node{kind: kindNumber, text: t.String(), line: line}, nil
	case bool:
		return &node{kind: kindBool, text: strconv.FormatBool(t), line: line}, nil
	}
	return &node{kind: kindNull, line: line}, nil
}

func (j *jsonReader) object(line int, path string, depth int) (*node, error) {
	m := &node{kind: kindMapping, line: line}
	seen := map[string]int{}
	for j.tokens.More() {
		t, at, err := j.next(path)
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, problem(j.name, at, "the file is not JSON: a key must be text in quotes")
		}
		if len(key) > maxKey {
			return nil, &Error{Name: j.name, Problems: []Problem{{Line: at, Path: path, Message: fmt.Sprintf("a key of %d bytes is not allowed; at most %d are", len(key), maxKey)}}}
		}
		if first, twice := seen[key]; twice {
			return nil, &Error{Name: j.name, Problems: []Problem{{Line: at, Path: join(path, key), Message: fmt.Sprintf("the key stands twice, first on line %d", first)}}}
		}
		seen[key] = at
		value, err := j.value(join(path, key), depth+1)
		if err != nil {
			return nil, err
		}
		m.entries = append(m.entries, entry{key: key, line: at, value: value})
	}
	_, _, err := j.next(path)
	return m, err
}

func (j *jsonReader) array(line int, path string, depth int) (*node, error) {
	list := &node{kind: kindList, line: line}
	for j.tokens.More() {
		value, err := j.value(fmt.Sprintf("%s[%d]", path, len(list.items)), depth+1)
		if err != nil {
			return nil, err
		}
		list.items = append(list.items, value)
	}
	_, _, err := j.next(path)
	return list, err
}

// loneSurrogate tells whether a JSON string, as written, escapes half of a surrogate pair. The standard decoder would put
// a replacement character there without a word.
func loneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 >= len(raw) {
			continue
		}
		unit, ok := escapedUnit(raw[i:])
		if !ok {
			i++ // Skip the escaped character, which may be a backslash itself.
			continue
		}
		i += 5
		if unit < 0xd800 || unit > 0xdfff {
			continue
		}
		low, ok := escapedUnit(raw[i+1:])
		if unit > 0xdbff || !ok || low < 0xdc00 || low > 0xdfff {
			return true
		}
		i += 6
	}
	return false
}

// escapedUnit reads a \uXXXX escape at the start of raw.
func escapedUnit(raw []byte) (uint64, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return unit, err == nil
}
