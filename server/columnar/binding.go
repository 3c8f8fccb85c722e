package columnar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/customer-momentum/cmi/scoring"
)

// Fault is what is wrong with a table: its schema, or a batch that does not keep to it. It is the sender's.
type Fault struct{ Message string }

func (f *Fault) Error() string { return f.Message }

// wrong makes a fault. What is quoted of a table may be as long as the table is, so there is an end to it.
func wrong(format string, args ...any) error {
	const most = 500
	text := fmt.Sprintf(format, args...)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return &Fault{text}
}

// Binding ties the columns of a schema to the items of a questionnaire. One goroutine at a time may use it.
type Binding struct {
	items []boundItem
	heads Heads
}

// boundItem is an item with the places of its columns, -1 where there is none.
type boundItem struct {
	id            string
	values        int
	notApplicable int
	words         dictionary
	bitmap        []byte // of not applicable, as far as it is not null
}

// Bind finds the columns of a questionnaire in a schema. Columns that are neither an item's nor one of the reserved names are
// refused, unless ignore lists them; a column may stand there once. The error is a [*Fault].
func Bind(scorer *scoring.Scorer, schema *arrow.Schema, ignore []string) (*Binding, error) {
	b := &Binding{heads: noHeads()}
	places := map[string]int{}
	item := func(id string) *boundItem {
		k, known := places[id]
		if !known {
			k = len(b.items)
			places[id] = k
			b.items = append(b.items, boundItem{id: id, values: -1, notApplicable: -1})
		}
		return &b.items[k]
	}
	seen := map[string]bool{}
	for at, field := range schema.Fields() {
		if slices.Contains(ignore, field.Name) {
			continue
		}
		if seen[field.Name] {
			return nil, wrong("column %q stands there twice; each column is allowed once", field.Name)
		}
		seen[field.Name] = true
		id, without := strings.CutSuffix(field.Name, NotApplicable)
		switch {
		case strings.HasPrefix(field.Name, "@"):
			if err := b.heads.bind(field, at); err != nil {
				return nil, err
			}
		case scorer.HasItem(field.Name):
			if err := fits(scorer, field); err != nil {
				return nil, err
			}
			item(field.Name).values = at
		case without && scorer.HasItem(id):
			if field.Type.ID() != arrow.BOOL {
				return nil, wrong("column %q: %s is not allowed; bool is, true where the item does not apply", field.Name, field.Type)
			}
			item(id).notApplicable = at
		default:
			return nil, wrong("column %q is neither an item of questionnaire %q version %d nor one of %s, %s, %s, %s; list it under ignore to leave it out",
				field.Name, scorer.QuestionnaireID(), scorer.Version(), ResponseID, CustomerID, SubmittedAt, Channel)
		}
	}
	return b, nil
}

// fits tries whether the type of a column may answer an item.
func fits(scorer *scoring.Scorer, field arrow.Field) error {
	if err := answerable(field.Name, field.Type); err != nil {
		return err
	}
	empty := array.MakeArrayOfNull(memory.DefaultAllocator, field.Type, 0)
	defer empty.Release()
	values, err := valuesOf(field.Name, empty, &dictionary{})
	if err != nil {
		return err
	}
	if err := scorer.Columns().Set(field.Name, scoring.Column{Values: values}); err != nil {
		return wrong("column %q of %s: %v", field.Name, field.Type, err)
	}
	return nil
}

// Set gives the answers of a batch to the engine. They must not be released before it has scored them. The batch must have the
// schema that was bound. The error is a [*Fault].
func (b *Binding) Set(batch arrow.RecordBatch, to *scoring.Columns) error {
	to.Clear()
	if n := batch.NumRows(); n > MostRows {
		return wrong("a batch of %d rows is not allowed; up to %d rows are", n, MostRows)
	}
	if err := b.whole(batch); err != nil {
		return err
	}
	for k := range b.items {
		it := &b.items[k]
		var column scoring.Column
		var err error
		if it.values >= 0 {
			if column, err = it.answers(batch.Column(it.values)); err != nil {
				return err
			}
		}
		if it.notApplicable >= 0 {
			if column.NotApplicable, err = it.exclusions(batch.Column(it.notApplicable)); err != nil {
				return err
			}
		}
		if err := to.Set(it.id, column); err != nil {
			return wrong("column %q: %v", it.id, err)
		}
	}
	return b.heads.load(batch)
}

// whole checks that the columns that are bound have what they announce: bitmaps and values for all of their rows.
func (b *Binding) whole(batch arrow.RecordBatch) error {
	check := func(at int) error {
		if at < 0 {
			return nil
		}
		column := batch.Column(at)
		if err := array.Validate(column); err != nil {
			return wrong("column %q is broken: %v", batch.ColumnName(at), err)
		}
		if int64(column.Len()) != batch.NumRows() {
			return wrong("column %q has %d rows in a batch of %d", batch.ColumnName(at), column.Len(), batch.NumRows())
		}
		return nil
	}
	for _, at := range b.heads.columns() {
		if err := check(at); err != nil {
			return err
		}
	}
	for k := range b.items {
		if err := check(b.items[k].values); err != nil {
			return err
		}
		if err := check(b.items[k].notApplicable); err != nil {
			return err
		}
	}
	return nil
}

// Heads answers what a batch says of its responses beside their answers.
func (b *Binding) Heads() *Heads { return &b.heads }

func (it *boundItem) answers(column arrow.Array) (scoring.Column, error) {
	if column.DataType().ID() == arrow.NULL {
		return scoring.Column{}, nil // every row skipped it
	}
	valid, err := validity(it.id, column)
	if err != nil {
		return scoring.Column{}, err
	}
	values, err := valuesOf(it.id, column, &it.words)
	return scoring.Column{Values: values, Valid: valid}, err
}

// exclusions are the rows that are true; null is false.
func (it *boundItem) exclusions(column arrow.Array) (scoring.Bits, error) {
	name := it.id + NotApplicable
	valid, err := validity(name, column)
	if err != nil {
		return scoring.Bits{}, err
	}
	set, err := bitsOf(name, column)
	if err != nil || valid.Bytes == nil {
		return set, err
	}
	n := column.Len()
	it.bitmap = append(it.bitmap[:0], make([]byte, (n+7)/8)...)
	for row := range n {
		if set.Has(row) && valid.Has(row) {
			it.bitmap[row/8] |= 1 << (row % 8)
		}
	}
	return scoring.Bits{Bytes: it.bitmap}, nil
}

// validity is the bitmap of a column, checked; none where nothing is null.
func validity(name string, column arrow.Array) (scoring.Bits, error) {
	bitmap := column.NullBitmapBytes()
	if len(bitmap) == 0 {
		return scoring.Bits{}, nil
	}
	if at := column.Data().Offset(); at < 0 || len(bitmap)*8 < at+column.Len() {
		return scoring.Bits{}, wrong("column %q is broken: its bitmap of nulls has %d bits for %d rows", name, len(bitmap)*8, column.Len())
	}
	if column.NullN() == 0 { // asked for last: it may count the bits
		return scoring.Bits{}, nil
	}
	return scoring.Bits{Bytes: bitmap, From: column.Data().Offset()}, nil
}

// bitsOf is the bitmap of the values of a bool column, checked.
func bitsOf(name string, column arrow.Array) (scoring.Bits, error) {
	data := column.Data()
	if data.Len() == 0 {
		return scoring.Bits{Bytes: []byte{}}, nil
	}
	if len(data.Buffers()) < 2 || data.Buffers()[1] == nil || data.Buffers()[1].Len()*8 < data.Offset()+data.Len() {
		return scoring.Bits{}, wrong("column %q is broken: it has fewer values than its %d rows", name, data.Len())
	}
	return scoring.Bits{Bytes: data.Buffers()[1].Bytes(), From: data.Offset()}, nil
}
