package tables

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/customer-momentum/cmi/scoring"
)

// mostMapping is how many bytes a mapping file may have.
const mostMapping = 1 << 20

// ReadMapping reads a mapping for a questionnaire from YAML. The error is a [*MappingError].
func ReadMapping(name string, data []byte, scorer *scoring.Scorer) (m *Mapping, err error) {
	m = &Mapping{name: name, items: map[string]*rules{}, heads: map[string]named{}}
	if len(data) > mostMapping {
		return nil, m.wrong(0, "a mapping of %d bytes is not allowed; up to %d are", len(data), mostMapping)
	}
	// The parser is not ours, and the file may come from anybody: whatever trips it is the file's problem.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, &MappingError{name, 0, fmt.Sprintf("the file is not YAML: %v", r)}
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, m.wrong(0, "the file is not YAML: %v", err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, m.wrong(0, "the file is empty or holds several documents; it holds one mapping, such as items: {nps: {minus: 1}}")
	}
	r := mappingReader{m, scorer}
	return m, r.read(file.Docs[0].Body)
}

// mappingReader walks a mapping file.
type mappingReader struct {
	*Mapping
	scorer *scoring.Scorer
}

func (r *mappingReader) read(body ast.Node) error {
	return r.each(body, "the mapping", func(key string, line int, value ast.Node) (err error) {
		if head, ok := headKeys()[key]; ok {
			column, err := r.text(value)
			r.heads[head] = named{column, line}
			return err
		}
		switch key {
		case "missing":
			return r.codes(value, &r.missing)
		case "notApplicable":
			return r.codes(value, &r.notApplicable)
		case "ignore":
			return r.list(value, func(column string, line int) { r.ignore = append(r.ignore, named{column, line}) })
		case "items":
			return r.each(value, "items", r.readItem)
		}
		return r.wrong(line, "%q is not a key of a mapping; items, missing, notApplicable, ignore, responseId, customerId, submittedAt and channel are", key)
	})
}

func (r *mappingReader) readItem(id string, line int, value ast.Node) error {
	if !r.scorer.HasItem(id) {
		return r.wrong(line, "item %q is not in questionnaire %q version %d", id, r.scorer.QuestionnaireID(), r.scorer.Version())
	}
	to := &rules{from: id, named: true, line: line, times: 1}
	r.items[id] = to
	return r.each(value, "item "+id, func(key string, line int, value ast.Node) (err error) {
		switch key {
		case "from":
			to.line = line
			to.from, err = r.text(value)
		case "missing":
			err = r.codes(value, &to.missing)
		case "notApplicable":
			err = r.codes(value, &to.notApplicable)
		case "labels":
			to.labels = map[string]string{}
			err = r.each(value, "labels", func(label string, _ int, value ast.Node) (err error) {
				to.labels[label], err = r.text(value)
				return err
			})
		case "minus", "plus", "times":
			err = r.arithmetic(key, value, to)
		default:
			err = r.wrong(line, "%q is not a key of an item; from, times, plus, minus, missing, notApplicable and labels are", key)
		}
		return err
	})
}

func (r *mappingReader) arithmetic(key string, value ast.Node, to *rules) error {
	word, err := r.text(value)
	if err != nil {
		return err
	}
	x, err := strconv.ParseFloat(word, 64)
	if err != nil || x-x != 0 {
		return r.wrong(lineOf(value), "%s: %q is not a number", key, word)
	}
	to.shift = true
	switch key {
	case "minus":
		to.plus -= x
	case "plus":
		to.plus += x
	default:
		to.times = x
	}
	return nil
}

// codes reads one code, or a list of them.
func (r *mappingReader) codes(value ast.Node, to *codes) error {
	return r.list(value, func(code string, _ int) { to.add(code) })
}

// list reads a list of texts and numbers; one alone is a list too.
func (r *mappingReader) list(value ast.Node, take func(text string, line int)) error {
	all := []ast.Node{value}
	if sequence, ok := value.(*ast.SequenceNode); ok {
		all = sequence.Values
	}
	for _, one := range all {
		text, err := r.text(one)
		if err != nil {
			return err
		}
		take(text, lineOf(one))
	}
	return nil
}

// each goes over the keys of a map, each of which may stand there once.
func (r *mappingReader) each(node ast.Node, what string, take func(key string, line int, value ast.Node) error) error {
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode:
	default:
		return r.wrong(lineOf(node), "%s: keys and values are expected here", what)
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key, err := r.text(pair.Key)
		if err != nil {
			return err
		}
		if seen[key] {
			return r.wrong(lineOf(pair.Key), "%q stands there twice", key)
		}
		seen[key] = true
		if err := take(key, lineOf(pair.Key), pair.Value); err != nil {
			return err
		}
	}
	return nil
}

// text reads a single value as it is written.
func (r *mappingReader) text(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", r.wrong(lineOf(node), "a text or a number is expected here")
}

func lineOf(node ast.Node) int {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return 0
	}
	return node.GetToken().Position.Line
}
