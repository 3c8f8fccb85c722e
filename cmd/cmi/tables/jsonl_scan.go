package tables

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner reads one JSON object, member by member.
type scanner struct {
	text []byte
	at   int
	// room holds a string whose escapes were resolved, and key such a one that is a key.
	room, key []byte
	escaped   bool // the last string
}

// valueKind is what a value begins as.
type valueKind byte

const (
	jsonText valueKind = iota
	jsonPlain
	jsonNull
	jsonList
	jsonObject
)

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// skip passes over a byte, where it comes next.
func (s *scanner) skip(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// str reads a string, behind its opening quote. The answer is good until the next one.
func (s *scanner) str() ([]byte, bool) {
	start := s.at
	s.escaped = false
	plain := true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			raw := s.text[start:s.at]
			s.at++
			if !s.escaped {
				return raw, plain || utf8.Valid(raw)
			}
			var text string
			if json.Unmarshal(s.text[start-1:s.at], &text) != nil {
				return nil, false
			}
			s.room = append(s.room[:0], text...)
			return s.room, true
		case c == '\\':
			s.escaped = true
			s.at += 2
		case c < ' ':
			return nil, false
		default:
			plain = plain && c < utf8.RuneSelf
			s.at++
		}
	}
	return nil, false
}

// value reads the next value. A list or an object is answered as it is written.
func (s *scanner) value() (kind valueKind, value []byte, ok bool) {
	s.space()
	if s.at >= len(s.text) {
		return 0, nil, false
	}
	start := s.at
	switch s.text[s.at] {
	case '"':
		s.at++
		value, ok = s.str()
		return jsonText, value, ok
	case '{', '[':
		kind = jsonList
		if s.text[s.at] == '{' {
			kind = jsonObject
		}
		ok = s.nested() && json.Valid(s.text[start:s.at])
		return kind, s.text[start:s.at], ok
	}
	for s.at < len(s.text) && s.text[s.at] != ',' && s.text[s.at] != '}' && s.text[s.at] > ' ' {
		s.at++
	}
	value = s.text[start:s.at]
	if string(value) == "null" {
		return jsonNull, nil, true
	}
	return jsonPlain, value, plain(value)
}

// plain tells whether a value is true, false or a number.
func plain(value []byte) bool {
	if string(value) == "true" || string(value) == "false" {
		return true
	}
	digits := func() (n int) {
		for n < len(value) && '0' <= value[n] && value[n] <= '9' {
			n++
		}
		value = value[n:]
		return n
	}
	skip := func(either string) bool {
		found := len(value) > 0 && strings.IndexByte(either, value[0]) >= 0
		if found {
			value = value[1:]
		}
		return found
	}
	skip("-")
	zero := len(value) > 0 && value[0] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if skip(".") && digits() == 0 {
		return false
	}
	if skip("eE") {
		skip("+-")
		if digits() == 0 {
			return false
		}
	}
	return len(value) == 0
}

// nested passes over a list or an object.
func (s *scanner) nested() bool {
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			s.at++
			if _, ok := s.str(); !ok {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.at++
		if depth == 0 {
			return true
		}
	}
	return false
}

// each goes over the members of the object, and says what is wrong with it.
func (s *scanner) each(take func(key []byte, kind valueKind, value []byte) string) (wrong string) {
	if !s.skip('{') {
		return "an object is expected here, such as {\"item\": 5}; each line is one"
	}
	if s.skip('}') {
		return s.end()
	}
	for {
		if !s.skip('"') {
			return s.broken("the name of a column")
		}
		key, ok := s.str()
		if !ok {
			return s.broken("the name of a column")
		}
		if s.escaped {
			s.room, s.key = s.key, s.room // the value may need room too
		}
		if !s.skip(':') {
			return s.broken("a colon")
		}
		kind, value, ok := s.value()
		if !ok {
			return s.broken("a value")
		}
		if wrong := take(key, kind, value); wrong != "" {
			return wrong
		}
		if s.skip('}') {
			return s.end()
		}
		if !s.skip(',') {
			return s.broken("a comma or a closing brace")
		}
	}
}

func (s *scanner) end() string {
	if s.space(); s.at < len(s.text) {
		return s.broken("the end of the line")
	}
	return ""
}

func (s *scanner) broken(expected string) string {
	return fmt.Sprintf("not JSON at byte %d, where %s is expected; each line is one object", min(s.at, len(s.text))+1, expected)
}
