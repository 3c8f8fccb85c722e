package tables

import (
	"fmt"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
)

// kind is what a column holds.
type kind int

const (
	numbers kind = iota
	yesNo
	words // of options
	sets  // of options
	texts
	times
)

// field is a column that the engine wants: an item, or what a response says of itself.
type field struct {
	name    string // the item's id, or a reserved name
	kind    kind
	options []string // of words
	// column is where it stands in the input, and na where the column stands that tells that it does not apply; -1: nowhere.
	column, na int
	rules      *rules // nil: it is coded as the questionnaire has it
}

// excludes tells whether rows can say that the item does not apply.
func (f *field) excludes() bool { return f.na >= 0 || f.rules != nil && !f.rules.notApplicable.none() }

// plan says which column of the input is what.
type plan struct {
	fields []field
	// kept are the columns to copy, as places in the input, and their names.
	kept  []int
	names []string
	// sent tells that rows are sent away, for which columns of dictionaries are read as texts: a service keeps small ones only.
	sent bool
	// unused are columns that nobody asked for, absent are items without a column.
	unused, absent []string
}

// known are the columns of an input. Those of lines of JSON show themselves only line by line: what the first lines have counts as
// seen, and items that come later are found all the same.
type known struct {
	names []string
	seen  int // of the names
	open  bool
}

// there answers the place of a column that was seen, -1 where there is none.
func (k *known) there(name string) int { return slices.Index(k.names[:k.seen], name) }

// has tells whether the column at a place was seen.
func (k *known) has(at int) bool { return at >= 0 && at < k.seen }

// find answers the place of a column that may be there, -1 where it cannot be.
func (k *known) find(name string) int {
	at := slices.Index(k.names, name)
	if at < 0 && k.open {
		k.names = append(k.names, name)
		return len(k.names) - 1
	}
	return at
}

// plan finds the columns.
func (j *Job) plan(columns *known) (*plan, error) {
	if err := columns.once(); err != nil {
		return nil, err
	}
	p := &plan{sent: j.Service != nil}
	for _, item := range j.Questionnaire.GetItems() {
		f := fieldOf(item)
		f.rules = j.Mapping.item(f.name)
		if err := j.place(&f, columns); err != nil {
			return nil, err
		}
		p.fields = append(p.fields, f)
	}
	for _, head := range []string{columnar.ResponseID, columnar.CustomerID, columnar.SubmittedAt, columnar.Channel} {
		f, err := j.head(head, columns)
		if err != nil {
			return nil, err
		}
		if f.column >= 0 {
			p.fields = append(p.fields, f)
		}
	}
	if err := j.keep(p, columns); err != nil {
		return nil, err
	}
	return p, j.leftovers(p, columns)
}

// once refuses a name that two columns have.
func (k *known) once() error {
	seen := make(map[string]bool, len(k.names))
	for at, name := range k.names {
		if name == "" {
			return fmt.Errorf("column %d has no name; every column needs one", at+1)
		}
		if seen[name] {
			return fmt.Errorf("column %q stands there twice; each column is allowed once", name)
		}
		seen[name] = true
	}
	return nil
}

// place finds the columns of an item.
func (j *Job) place(f *field, columns *known) error {
	f.na = columns.find(f.name + columnar.NotApplicable)
	if f.rules == nil || !f.rules.named {
		f.column = columns.find(f.name)
		return nil
	}
	if f.column = columns.there(f.rules.from); f.column < 0 {
		return j.Mapping.wrong(f.rules.line, "there is no column %q for item %q; the columns are %s", f.rules.from, f.name,
			some(columns.names[:columns.seen]))
	}
	return nil
}

// head finds the column of what a response says of itself.
func (j *Job) head(name string, columns *known) (field, error) {
	f := field{name: name, kind: texts, na: -1}
	if name == columnar.SubmittedAt {
		f.kind = times
	}
	from, line := j.Mapping.head(name)
	if from == "" {
		f.column = columns.find(name)
		return f, nil
	}
	if f.column = columns.there(from); f.column < 0 {
		return f, j.Mapping.wrong(line, "there is no column %q; the columns are %s", from, some(columns.names[:columns.seen]))
	}
	return f, nil
}

// keep finds the columns to copy: those that were asked for, and what a response says of itself wherever it is known.
func (j *Job) keep(p *plan, columns *known) error {
	for _, name := range j.Keep {
		at, as := columns.there(name), name
		if old, renamed, ok := strings.Cut(name, "="); ok && at < 0 {
			at, as = columns.there(old), renamed
		}
		switch {
		case at < 0:
			return fmt.Errorf("there is no column %q to keep; the columns are %s", name, some(columns.names[:columns.seen]))
		case slices.Contains(p.names, as):
			return fmt.Errorf("two columns are to be kept as %q; each name is allowed once", as)
		}
		p.kept, p.names = append(p.kept, at), append(p.names, as)
	}
	for _, f := range p.fields {
		if strings.HasPrefix(f.name, "@") && f.column < columns.seen && !slices.Contains(p.names, f.name) {
			p.kept, p.names = append(p.kept, f.column), append(p.names, f.name)
		}
	}
	return nil
}

// leftovers lists what is not used and what is not there.
func (j *Job) leftovers(p *plan, columns *known) error {
	used := make([]bool, len(columns.names))
	take := func(at int) {
		if at >= 0 {
			used[at] = true
		}
	}
	items := 0
	for k := range p.fields {
		f := &p.fields[k]
		take(f.column)
		take(f.na)
		switch {
		case strings.HasPrefix(f.name, "@"):
		case !columns.has(f.column) && !columns.has(f.na):
			p.absent = append(p.absent, f.name)
		default:
			items++
		}
	}
	for _, at := range p.kept {
		take(at)
	}
	for at, name := range columns.names[:columns.seen] {
		if !used[at] && !j.Mapping.ignores(name) {
			p.unused = append(p.unused, name)
		}
	}
	switch {
	case items == 0:
		return fmt.Errorf("no column is an item of questionnaire %q; its items are %s, the columns %s",
			j.Questionnaire.GetQuestionnaireId(), some(p.absent), some(columns.names[:columns.seen]))
	case j.Strict && len(p.unused) > 0:
		return fmt.Errorf("not used: %s; list them under ignore in the mapping, or leave --strict out", listed("column", p.unused))
	case j.Strict && len(p.absent) > 0:
		return fmt.Errorf("there is no column for %s", listed("item", p.absent))
	}
	return j.Mapping.checkIgnored(columns)
}

func fieldOf(item *cmiv1.Item) field {
	f := field{name: item.GetItemId()}
	switch s := item.GetScale().(type) {
	case *cmiv1.Item_YesNo:
		f.kind = yesNo
	case *cmiv1.Item_Choice:
		f.kind = words
		for _, o := range s.Choice.GetOptions() {
			f.options = append(f.options, o.GetValue())
		}
	case *cmiv1.Item_MultipleChoice:
		f.kind = sets
	case *cmiv1.Item_Text:
		f.kind = texts
	}
	return f
}
