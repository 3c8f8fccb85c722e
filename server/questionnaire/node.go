package questionnaire

import "strconv"

// kind is what a value looks like in the file, before the contract says what it must be.
type kind int

const (
	// kindPlain is an unquoted YAML scalar. What it is depends on the field it stands in, so its text is kept as written.
	kindPlain kind = iota
	// kindString is quoted text, or a block of text.
	kindString
	// kindNumber is a JSON number, as written.
	kindNumber
	// kindBool is a JSON true or false.
	kindBool
	// kindNull is a JSON null.
	kindNull
	// kindEmpty is a YAML key with nothing behind it.
	kindEmpty
	// kindMapping is a set of named values.
	kindMapping
	// kindList is a list of values.
	kindList
)

// node is one value of a file with its place: what YAML and JSON have in common.
type node struct {
	kind    kind
	text    string
	line    int
	entries []entry
	items   []*node
}

// entry is a named value of a mapping. No two entries of a mapping have the same key.
type entry struct {
	key   string
	line  int
	value *node
}

// isNull tells whether the value says that there is none.
func (n *node) isNull() bool {
	switch n.kind {
	case kindNull, kindEmpty:
		return true
	case kindPlain:
		switch n.text {
		case "", "~", "null", "Null", "NULL":
			return true
		}
	}
	return false
}

// describe names the value for an error, shortened.
func (n *node) describe() string {
	switch n.kind {
	case kindMapping:
		return "a set of fields"
	case kindList:
		return "a list"
	case kindNull, kindEmpty:
		return "no value"
	case kindString:
		return "the text " + strconv.Quote(shorten(n.text))
	}
	return shorten(n.text)
}

// shorten cuts text that is too long for an error.
func shorten(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "..."
}
