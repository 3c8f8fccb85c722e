package questionnaire

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parseYAML reads the one document of a YAML 1.2 file. What a questionnaire never needs and what makes small files grow or
// mean something else (anchors, aliases, merge keys, tags, directives, several documents) is refused by name.
func parseYAML(name string, data []byte) (root *node, err error) {
	// The parser is not ours, and the file may come from anybody: whatever trips it is the file's problem, not ours.
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, problem(name, 0, "the file is not YAML: %v", r)
		}
	}()
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	tokens := lexer.Tokenize(text)
	if err := checkTokens(name, tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxProblem(name, err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, problem(name, lineOf(doc.Body), "a second document starts here; a file holds one questionnaire")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, problem(name, 0, "the file is empty; a questionnaire has at least questionnaireId and items")
	}
	y := yamlReader{name: name}
	root = y.node(body, "", 1)
	if y.err != nil {
		return nil, y.err
	}
	return root, nil
}

// checkTokens refuses what must not reach the parser: what makes parsing cost out of proportion (the parser keeps the whole
// path of every value, so deep nesting, long keys and many values multiply), and the parts of YAML that a questionnaire
// does not use.
func checkTokens(name string, tokens token.Tokens) error {
	if len(tokens) > maxTokens {
		return problem(name, 0, "the file has %d words and signs; at most %d are allowed", len(tokens), maxTokens)
	}
	var depth nesting
	headers := 0
	for _, t := range tokens {
		if refusal := refusedToken(t); refusal != "" {
			return problem(name, t.Position.Line, "%s", refusal)
		}
		if depth.take(t) > maxDepth {
			return problem(name, t.Position.Line, "values are nested more than %d deep", maxDepth)
		}
		if t.Type == token.DocumentHeaderType {
			headers++
		}
		if headers > 1 {
			return problem(name, t.Position.Line, "a second document starts here; a file holds one questionnaire")
		}
	}
	return nil
}

// refusedToken says why a part of YAML is not allowed, and nothing where it is.
func refusedToken(t *token.Token) string {
	switch t.Type {
	case token.AnchorType, token.AliasType:
		return "anchors (&) and aliases (*) are not allowed; write the value out, or quote the text"
	case token.MergeKeyType:
		return "merge keys (<<) are not allowed; write the fields out"
	case token.TagType:
		return "tags (!) are not allowed; the field decides the type. Quote text that starts with an exclamation mark"
	case token.DirectiveType:
		return "directives (%) are not allowed; every file is read as YAML 1.2"
	case token.MappingKeyType:
		return "keys written with a question mark are not allowed; write `key: value`"
	case token.MappingValueType:
		if t.Prev != nil && len(t.Prev.Value) > maxKey {
			return fmt.Sprintf("a key of %d bytes is not allowed; at most %d are. Quote text that contains a colon and a space", len(t.Prev.Value), maxKey)
		}
	case token.InvalidType:
		return "the file is not YAML: " + t.Error
	}
	return ""
}

// nesting follows how deep the tokens of a file are nested: by brackets, and by the columns where keys and hyphens stand.
type nesting struct {
	brackets int
	columns  []int
}

// take goes one token further and answers the depth there.
func (n *nesting) take(t *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.brackets++
	case token.SequenceEndType, token.MappingEndType:
		n.brackets--
	case token.SequenceEntryType:
		n.stand(t.Position.Column)
	case token.MappingValueType:
		if t.Prev != nil {
			n.stand(t.Prev.Position.Column)
		}
	}
	return n.brackets + len(n.columns)
}

// stand notes that a key or hyphen stands at a column: what stood further right has ended.
func (n *nesting) stand(column int) {
	if n.brackets > 0 {
		return
	}
	for len(n.columns) > 0 && n.columns[len(n.columns)-1] > column {
		n.columns = n.columns[:len(n.columns)-1]
	}
	if len(n.columns) == 0 || n.columns[len(n.columns)-1] < column {
		n.columns = append(n.columns, column)
	}
}

// syntaxProblem takes the line and the sentence out of the parser's error, and leaves its drawing of the source behind.
func syntaxProblem(name string, err error) *Error {
	line := 0
	text := err.Error()
	if first, _, found := strings.Cut(text, "\n"); found {
		text = first
	}
	var column int
	if _, scanErr := fmt.Sscanf(text, "[%d:%d]", &line, &column); scanErr == nil {
		if _, after, found := strings.Cut(text, "] "); found {
			text = after
		}
	}
	return problem(name, line, "the file is not YAML: %s", text)
}

// lineOf answers the line of a value, 0 where the parser did not keep it.
func lineOf(n ast.Node) int {
	if n == nil {
		return 0
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// yamlReader turns the parser's tree into ours and keeps the first problem.
type yamlReader struct {
	name string
	err  *Error
}

func (y *yamlReader) fail(line int, path, format string, args ...any) *node {
	if y.err == nil {
		y.err = &Error{Name: y.name, Problems: []Problem{{Line: line, Path: path, Message: fmt.Sprintf(format, args...)}}}
	}
	return &node{kind: kindEmpty, line: line}
}

func (y *yamlReader) node(n ast.Node, path string, depth int) *node {
	line := lineOf(n)
	if depth > maxDepth {
		return y.fail(line, path, "values are nested more than %d deep", maxDepth)
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return y.mapping(n.Values, line, path, depth)
	case *ast.MappingValueNode:
		return y.mapping([]*ast.MappingValueNode{n}, line, path, depth)
	case *ast.SequenceNode:
		list := &node{kind: kindList, line: line}
		for i, value := range n.Values {
			list.items = append(list.items, y.node(value, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return list
	case *ast.LiteralNode:
		return &node{kind: kindString, text: n.Value.Value, line: line}
	case *ast.StringNode:
		if n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType {
			return &node{kind: kindString, text: n.Value, line: line}
		}
		return &node{kind: kindPlain, text: n.Value, line: line}
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return &node{kind: kindEmpty, line: line}
		}
		return &node{kind: kindPlain, text: n.Token.Value, line: line}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: kindPlain, text: n.GetToken().Value, line: line}
	case nil:
		return &node{kind: kindEmpty, line: line}
	}
	return y.fail(line, path, "%s is not allowed here", n.Type())
}

func (y *yamlReader) mapping(values []*ast.MappingValueNode, line int, path string, depth int) *node {
	m := &node{kind: kindMapping, line: line}
	seen := map[string]int{}
	for _, v := range values {
		at := lineOf(v.Key)
		key, ok := keyText(v.Key)
		if !ok {
			return y.fail(at, path, "a key must be text")
		}
		if first, twice := seen[key]; twice {
			return y.fail(at, join(path, key), "the key stands twice, first on line %d", first)
		}
		seen[key] = at
		value := y.node(v.Value, join(path, key), depth+1)
		if value.line == 0 {
			value.line = at
		}
		m.entries = append(m.entries, entry{key: key, line: at, value: value})
	}
	if m.line == 0 && len(m.entries) > 0 {
		m.line = m.entries[0].line
	}
	return m
}

// keyText answers a key as it is written: a language tag such as no stays text.
func keyText(key ast.MapKeyNode) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// join appends a field to a path.
func join(path, field string) string {
	field = shorten(field)
	if path == "" {
		return field
	}
	return path + "." + field
}
