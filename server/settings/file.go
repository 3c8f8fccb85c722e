package settings

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// file is a settings file that was read and found right. Values are texts, []any of texts, or Keys, by the names of the
// settings.
type file map[string]any

// readFile reads a settings file and names everything that is wrong with it at once, each with file, line and key. Unknown
// keys are refused: a typing error must not pass for a choice.
func readFile(path string) (file, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the settings file cannot be read: %w", err)
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		// The parser draws the lines around the fault, which may hold hashes of keys: only its sentence is passed on.
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s: this is not YAML: %s", path, first)
	}
	r := &reader{path: path, values: file{}}
	for i, doc := range parsed.Docs {
		switch {
		case doc.Body == nil:
		case i > 0:
			r.fault(doc.Body, "", "a settings file holds one document")
		default:
			r.document(doc.Body)
		}
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	return r.values, nil
}

// reader gathers values and faults.
type reader struct {
	path   string
	values file
	faults []error
}

// fault notes what is wrong at a node.
func (r *reader) fault(at ast.Node, key, format string, args ...any) {
	where := fmt.Sprintf("%s:%d: ", r.path, at.GetToken().Position.Line)
	if key != "" {
		where += key + ": "
	}
	r.faults = append(r.faults, fmt.Errorf("%s%w", where, fmt.Errorf(format, args...)))
}

func (r *reader) document(body ast.Node) {
	mapping, ok := body.(ast.MapNode)
	if !ok {
		r.fault(body, "", "a settings file is a list of `key: value`")
		return
	}
	for entries := mapping.MapRange(); entries.Next(); {
		name, ok := scalar(entries.Key())
		f, known := find(name)
		switch {
		case !ok || !known:
			r.fault(entries.Key(), name, "there is no such setting")
		case name == "config":
			r.fault(entries.Key(), name, "a settings file cannot name another")
		case f.typ == reflect.TypeFor[Keys]():
			r.keys(entries.Value())
		case f.list():
			r.list(f, entries.Value())
		default:
			r.single(f, entries.Value())
		}
	}
}

func (r *reader) single(f field, value ast.Node) {
	text, ok := scalar(value)
	if !ok {
		r.fault(value, f.name, "it takes one value (%s)", f.kind())
		return
	}
	if err := f.set(reflect.New(f.typ).Elem(), text); err != nil {
		r.fault(value, f.name, "%w", err)
		return
	}
	r.values[f.name] = text
}

func (r *reader) list(f field, value ast.Node) {
	sequence, ok := value.(*ast.SequenceNode)
	if !ok {
		r.fault(value, f.name, "it takes a list, such as [a, b]")
		return
	}
	texts := make([]any, 0, len(sequence.Values))
	for _, one := range sequence.Values {
		text, ok := scalar(one)
		if !ok {
			r.fault(one, f.name, "it takes a list of texts")
			return
		}
		texts = append(texts, text)
	}
	r.values[f.name] = texts
}

// scalar answers the text of a plain value as it was written: an id or hash of digits alone is a text here, not a number.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	default:
		return "", false
	}
}
