package sample

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
)

// Batch is the response as columns, over and over, under ids that are written anew.
type Batch struct {
	batch               arrow.RecordBatch
	rows                int
	responses, customer []byte // the texts of the ids, one after the other
}

// NewBatch makes a batch of some rows.
func NewBatch(rows int) *Batch {
	b := &Batch{rows: rows}
	var fields []arrow.Field
	var columns []arrow.Array
	add := func(name string, column arrow.Array) {
		fields = append(fields, arrow.Field{Name: name, Type: column.DataType(), Nullable: true})
		columns = append(columns, column)
	}
	for _, answer := range Response().GetAnswers() {
		add(answer.GetItemId(), repeated(answer, rows))
	}
	b.responses, b.customer = []byte(strings.Repeat(responseID, rows)), []byte(strings.Repeat(customerID, rows))
	add(columnar.ResponseID, ids(b.responses, rows))
	add(columnar.CustomerID, ids(b.customer, rows))
	b.batch = array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, int64(rows))
	return b
}

// Schema answers its columns.
func (b *Batch) Schema() *arrow.Schema { return b.batch.Schema() }

// From gives the rows the ids of the responses from n on, and answers the batch; it is the same each time.
func (b *Batch) From(n uint64) arrow.RecordBatch {
	for row := range b.rows {
		renumber(b.responses[row*len(responseID):], responseID, n+uint64(row))
		renumber(b.customer[row*len(customerID):], customerID, (n+uint64(row))%customers)
	}
	return b.batch
}

// renumber writes the id of a number at the beginning of a text.
func renumber(to []byte, id string, n uint64) { digits(to[:copy(to, id)], n) }

// ids is a column of texts of the same length, of the memory that it is given.
func ids(text []byte, rows int) arrow.Array {
	offsets := make([]int32, rows+1)
	for row := range offsets {
		offsets[row] = int32(row * len(text) / rows)
	}
	data := array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{
		nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(text),
	}, nil, 0, 0)
	return array.MakeFromData(data)
}

// repeated is a column of one answer.
func repeated(answer *cmiv1.Answer, rows int) arrow.Array {
	pool := memory.DefaultAllocator
	switch value := answer.GetValue().(type) {
	case *cmiv1.Answer_Choice:
		words := array.NewStringBuilder(pool)
		words.Append(value.Choice)
		index := array.NewInt8Builder(pool)
		index.AppendValues(make([]int8, rows), nil)
		return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
			index.NewArray(), words.NewArray())
	case *cmiv1.Answer_Choices:
		lists := array.NewListBuilder(pool, arrow.BinaryTypes.String)
		words := lists.ValueBuilder().(*array.StringBuilder)
		for range rows {
			lists.Append(true)
			words.AppendValues(value.Choices.GetValues(), nil)
		}
		return lists.NewArray()
	case *cmiv1.Answer_Text:
		texts := array.NewStringBuilder(pool)
		texts.AppendValues(slices.Repeat([]string{value.Text}, rows), nil)
		return texts.NewArray()
	default:
		numbers := array.NewFloat64Builder(pool)
		numbers.AppendValues(slices.Repeat([]float64{answer.GetNumber()}, rows), nil)
		return numbers.NewArray()
	}
}
