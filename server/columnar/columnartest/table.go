// Package columnartest makes tables of responses for tests, in every type that columns may have.
package columnartest

import (
	"math"
	"math/rand/v2"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
)

// Table makes record batches of responses to one questionnaire.
type Table struct {
	q      *cmiv1.Questionnaire
	Schema *arrow.Schema
}

// Plain makes tables of the types that the service lists as expected.
func Plain(q *cmiv1.Questionnaire) *Table { return &Table{q: q, Schema: columnar.Expected(q)} }

// Mixed makes tables of types that are drawn among those that have room for all answers of some responses, in an order that is
// drawn too.
func Mixed(rng *rand.Rand, q *cmiv1.Questionnaire, responses []*cmiv1.Response) *Table {
	var fields []arrow.Field
	for _, f := range columnar.Expected(q).Fields() {
		if kinds := kindsOf(f, q, responses); len(kinds) > 0 {
			f.Type = kinds[rng.IntN(len(kinds))]
		}
		fields = append(fields, f)
	}
	rng.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return &Table{q: q, Schema: arrow.NewSchema(fields, nil)}
}

// texts are the types of texts.
func texts() []arrow.DataType {
	kinds := []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView}
	for _, index := range []arrow.DataType{arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64} {
		kinds = append(kinds, &arrow.DictionaryType{IndexType: index, ValueType: arrow.BinaryTypes.String})
	}
	return kinds
}

// kindsOf are the types that a column may have.
func kindsOf(f arrow.Field, q *cmiv1.Questionnaire, responses []*cmiv1.Response) []arrow.DataType {
	switch f.Type.ID() {
	case arrow.STRING, arrow.DICTIONARY:
		return texts()
	case arrow.LIST:
		return []arrow.DataType{
			arrow.ListOf(arrow.BinaryTypes.String), arrow.ListOf(arrow.BinaryTypes.LargeString), arrow.ListOf(arrow.BinaryTypes.StringView),
			arrow.LargeListOf(arrow.BinaryTypes.String), arrow.LargeListOf(arrow.BinaryTypes.LargeString),
		}
	case arrow.TIMESTAMP:
		return []arrow.DataType{arrow.FixedWidthTypes.Timestamp_us, arrow.FixedWidthTypes.Timestamp_ns}
	case arrow.FLOAT64:
		return numbers(f.Name, responses)
	}
	return nil
}

// numbers are the types that have room for all numbers that were answered to an item.
func numbers(item string, responses []*cmiv1.Response) []arrow.DataType {
	low, high, whole := 0.0, 0.0, true
	for _, r := range responses {
		if n, ok := answerTo(r, item).GetValue().(*cmiv1.Answer_Number); ok {
			low, high = min(low, n.Number), max(high, n.Number)
			whole = whole && n.Number == math.Trunc(n.Number) && math.Abs(n.Number) < 1<<30
		}
	}
	kinds := []arrow.DataType{arrow.PrimitiveTypes.Float64}
	if !whole {
		return kinds
	}
	kinds = append(kinds, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64)
	if math.Abs(low) <= 100 && high <= 100 {
		kinds = append(kinds, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Float32)
	}
	if low >= 0 && high <= 200 {
		kinds = append(kinds, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64)
	}
	return kinds
}

func answerTo(r *cmiv1.Response, item string) *cmiv1.Answer {
	for _, a := range r.GetAnswers() {
		if a.GetItemId() == item {
			return a
		}
	}
	return nil
}

// Batch makes a batch, which the caller releases. With skip above 0 it is a part of a larger one, that many rows into it.
func (t *Table) Batch(responses []*cmiv1.Response, skip int) arrow.RecordBatch {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, t.Schema)
	defer builder.Release()
	for k, f := range t.Schema.Fields() {
		into := builder.Field(k)
		for range skip {
			into.AppendNull()
		}
		for _, r := range responses {
			t.put(into, f.Name, r)
		}
	}
	whole := builder.NewRecordBatch()
	if skip == 0 {
		return whole
	}
	defer whole.Release()
	return whole.NewSlice(int64(skip), int64(skip+len(responses)))
}
