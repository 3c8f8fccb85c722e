package tables

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/customer-momentum/cmi/server/columnar"
)

// batchDecoder turns record batches into answers. Columns that are coded as the questionnaire has them are taken as they are; of
// the others each cell is read.
type batchDecoder struct {
	plan   *plan
	places []int // of the input's columns in the batches; -1: it is not read
	from   arrow.RecordBatch
	of     []batchColumn
	names  *arrow.Schema
	copies []arrow.Field
	out    answers
}

// batchColumn is a field of the plan and where it comes from.
type batchColumn struct {
	field  int
	at, na int      // in the batches; -1: nowhere
	read   *builder // nil: both are taken as they are
}

func newBatchDecoder(p *plan, schema *arrow.Schema, places []int) (*batchDecoder, error) {
	d := &batchDecoder{plan: p, places: places}
	var fields []arrow.Field
	for k := range p.fields {
		f := &p.fields[k]
		if f.column < 0 && f.na < 0 {
			continue
		}
		c := batchColumn{field: k, at: -1, na: -1}
		direct := f.rules == nil
		if f.column >= 0 {
			c.at = places[f.column]
			from := schema.Field(f.column)
			direct = direct && f.takes(from.Type) && !(p.sent && from.Type.ID() == arrow.DICTIONARY)
			if !direct && nested(from.Type) {
				return nil, fmt.Errorf("column %q: %s is not a type of answers to %q", from.Name, from.Type, f.name)
			}
			if direct {
				fields = append(fields, arrow.Field{Name: f.name, Type: from.Type, Nullable: true})
			} else {
				fields = append(fields, arrow.Field{Name: f.name, Type: f.arrowType(), Nullable: true})
			}
		}
		if f.na >= 0 {
			c.na = places[f.na]
			if kind := schema.Field(f.na).Type; kind.ID() != arrow.BOOL {
				return nil, fmt.Errorf("column %q: %s is not allowed; bool is, true where the item does not apply", schema.Field(f.na).Name, kind)
			}
		}
		if !direct {
			c.read = newBuilder(f)
		}
		if f.excludes() {
			fields = append(fields, arrow.Field{Name: f.name + columnar.NotApplicable, Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
		}
		d.of = append(d.of, c)
	}
	d.names = arrow.NewSchema(fields, nil)
	for k, at := range p.kept {
		d.copies = append(d.copies, arrow.Field{Name: p.names[k], Type: schema.Field(at).Type, Nullable: true})
	}
	return d, nil
}

// takes tells whether answers may come in a type as they are.
func (f *field) takes(kind arrow.DataType) bool {
	if d, ok := kind.(*arrow.DictionaryType); ok && (f.kind == words || f.kind == texts) {
		kind = d.ValueType
	}
	switch f.kind {
	case numbers:
		return arrow.IsInteger(kind.ID()) || kind.ID() == arrow.FLOAT32 || kind.ID() == arrow.FLOAT64 || kind.ID() == arrow.NULL
	case yesNo:
		return kind.ID() == arrow.BOOL
	case sets:
		return kind.ID() == arrow.LIST || kind.ID() == arrow.LARGE_LIST
	case times:
		return kind.ID() == arrow.TIMESTAMP
	}
	return kind.ID() == arrow.STRING || kind.ID() == arrow.LARGE_STRING || kind.ID() == arrow.STRING_VIEW
}

// nested tells whether a type has parts that are no single cells.
func nested(kind arrow.DataType) bool {
	return arrow.IsNested(kind.ID()) || arrow.IsBaseBinary(kind.ID()) && kind.ID() != arrow.STRING && kind.ID() != arrow.LARGE_STRING
}

func (d *batchDecoder) schema() *arrow.Schema { return d.names }

func (d *batchDecoder) kept() []arrow.Field { return d.copies }

func (d *batchDecoder) decode(from *piece) (out *answers, err error) {
	err = guarded(func() error {
		out, err = d.take(from.rows)
		return err
	})
	return out, err
}

func (d *batchDecoder) take(from arrow.RecordBatch) (*answers, error) {
	d.out.release()
	d.out.bad = d.out.bad[:0]
	d.from = from
	columns := make([]arrow.Array, 0, d.names.NumFields())
	for k := range d.of {
		columns = d.column(&d.of[k], columns)
	}
	d.out.sort()
	d.out.batch = array.NewRecordBatch(d.names, columns, from.NumRows())
	for _, c := range columns {
		c.Release()
	}
	for _, at := range d.plan.kept {
		c := from.Column(d.places[at])
		c.Retain()
		d.out.kept = append(d.out.kept, c)
	}
	return &d.out, nil
}

// column adds the columns of a field.
func (d *batchDecoder) column(c *batchColumn, to []arrow.Array) []arrow.Array {
	same := func(at int) {
		if at >= 0 {
			d.from.Column(at).Retain()
			to = append(to, d.from.Column(at))
		}
	}
	if c.read == nil {
		same(c.at)
		same(c.na)
		return to
	}
	c.read.reset()
	d.read(c)
	if c.at >= 0 {
		to = append(to, c.read.array())
	}
	if c.read.field.excludes() {
		to = append(to, c.read.exclusions())
	}
	return to
}

// read reads each cell of a column.
func (d *batchDecoder) read(c *batchColumn) {
	if c.at >= 0 {
		column := d.from.Column(c.at)
		one := readerOf(column, c.read)
		for row := range column.Len() {
			what := taken
			if column.IsNull(row) {
				c.read.absent()
			} else {
				what = one(row)
			}
			if what != taken {
				d.out.bad = append(d.out.bad, badCell{row, c.field, c.read.field.column, what})
			}
		}
	}
	if c.na < 0 {
		return
	}
	c.read.rows = int(d.from.NumRows())
	excluded := d.from.Column(c.na).(*array.Boolean)
	for row := range excluded.Len() {
		if excluded.IsValid(row) && excluded.Value(row) {
			c.read.exclude(row)
		}
	}
}

// readerOf answers what reads a cell of a column.
func readerOf(column arrow.Array, to *builder) func(row int) verdict {
	if to.field.kind == numbers {
		if number := numberOf(column); number != nil {
			return func(row int) verdict { return to.coded(number(row)) }
		}
	}
	if c, ok := column.(array.StringLike); ok {
		var cell []byte
		return func(row int) verdict {
			cell = append(cell[:0], c.Value(row)...)
			return to.read(cell)
		}
	}
	return func(row int) verdict { return to.read([]byte(column.ValueStr(row))) }
}

// numberOf answers what gives the number of a row; nil: the column has none.
func numberOf(column arrow.Array) func(row int) float64 {
	switch c := column.(type) {
	case *array.Int8:
		return numberIn(c.Values())
	case *array.Int16:
		return numberIn(c.Values())
	case *array.Int32:
		return numberIn(c.Values())
	case *array.Int64:
		return numberIn(c.Values())
	case *array.Uint8:
		return numberIn(c.Values())
	case *array.Uint16:
		return numberIn(c.Values())
	case *array.Uint32:
		return numberIn(c.Values())
	case *array.Uint64:
		return numberIn(c.Values())
	case *array.Float32:
		return numberIn(c.Values())
	case *array.Float64:
		return numberIn(c.Values())
	}
	return nil
}

func numberIn[T interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}](values []T) func(row int) float64 {
	return func(row int) float64 { return float64(values[row]) }
}

func (d *batchDecoder) cell(row, column int) string {
	c := d.from.Column(d.places[column])
	if c.IsNull(row) {
		return ""
	}
	return c.ValueStr(row)
}
