package tables

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/customer-momentum/cmi/server/columnar"
)

// builders gather the rows of a table of text.
type builders struct {
	plan *plan
	// of are those of the plan's fields; nil: the field has no column.
	of     []*builder
	copies []*builder // of the columns to keep
	// targets say of each column of the input what its cells are for.
	targets [][]target
	out     answers
	names   *arrow.Schema
}

// target is something that a cell is for.
type target struct {
	to     *builder
	field  int
	column int
	what   purpose
}

type purpose int

const (
	forAnswer purpose = iota
	// forNumber is forAnswer of a number without rules.
	forNumber
	forExclusion
	forCopy
)

func newBuilders(p *plan, columns int) *builders {
	b := &builders{plan: p, targets: make([][]target, columns), of: make([]*builder, len(p.fields))}
	aim := func(column int, t target) {
		if t.column = column; column >= 0 {
			b.targets[column] = append(b.targets[column], t)
		}
	}
	for k := range p.fields {
		f := &p.fields[k]
		if f.column < 0 && f.na < 0 {
			continue
		}
		b.of[k] = newBuilder(f)
		what := forAnswer
		if f.kind == numbers && f.rules == nil {
			what = forNumber
		}
		aim(f.column, target{to: b.of[k], field: k, what: what})
		aim(f.na, target{to: b.of[k], field: k, what: forExclusion})
	}
	for k, column := range p.kept {
		copied := newBuilder(&field{name: p.names[k], kind: texts, column: column, na: -1})
		b.copies = append(b.copies, copied)
		aim(column, target{to: copied, field: -1, what: forCopy})
	}
	b.names = b.fields()
	return b
}

// fields is the schema of the answers.
func (b *builders) fields() *arrow.Schema {
	var all []arrow.Field
	for _, one := range b.of {
		if one == nil {
			continue
		}
		if one.field.column >= 0 {
			all = append(all, arrow.Field{Name: one.field.name, Type: one.field.arrowType(), Nullable: true})
		}
		if one.field.excludes() {
			all = append(all, arrow.Field{Name: one.field.name + columnar.NotApplicable, Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
		}
	}
	return arrow.NewSchema(all, nil)
}

func (b *builders) schema() *arrow.Schema { return b.names }

func (b *builders) kept() []arrow.Field {
	all := make([]arrow.Field, len(b.copies))
	for k, c := range b.copies {
		all[k] = arrow.Field{Name: c.field.name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	return all
}

func (b *builders) begin() {
	b.out.release()
	b.out.bad = b.out.bad[:0]
	for _, one := range b.of {
		if one != nil {
			one.reset()
		}
	}
	for _, one := range b.copies {
		one.reset()
	}
}

// put takes a cell of a row for all that it is for.
func (b *builders) put(row int, targets []target, cell []byte) {
	for k := range targets {
		t := &targets[k]
		if t.what == forNumber {
			if x, ok := parseNumber(cell); ok {
				t.to.number(x)
				continue
			}
		}
		if t.what == forExclusion {
			b.exclude(row, t, cell)
			continue
		}
		if what := t.to.read(cell); what != taken {
			b.out.bad = append(b.out.bad, badCell{row, t.field, t.column, what})
		}
	}
}

// exclude takes a cell that tells whether an item does not apply.
func (b *builders) exclude(row int, t *target, cell []byte) {
	if len(cell) == 0 {
		return
	}
	excluded, ok := parseYesNo(cell)
	switch {
	case !ok:
		b.out.bad = append(b.out.bad, badCell{row, t.field, t.column, unreadable})
	case excluded:
		t.to.exclude(row)
	}
}

// end makes columns of the rows.
func (b *builders) end(rows int) *answers {
	var all []arrow.Array
	for _, one := range b.of {
		if one == nil {
			continue
		}
		if one.field.column < 0 {
			one.rows = rows
		} else {
			all = append(all, one.array())
		}
		if one.field.excludes() {
			all = append(all, one.exclusions())
		}
	}
	b.out.batch = array.NewRecordBatch(b.names, all, int64(rows))
	for _, column := range all {
		column.Release()
	}
	for _, one := range b.copies {
		b.out.kept = append(b.out.kept, one.array())
	}
	return &b.out
}
