package columnar_test

import (
	"encoding/binary"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
)

func schemaOf(fields ...arrow.Field) *arrow.Schema { return arrow.NewSchema(fields, nil) }

// TestSchemasThatDoNotFit are refused, each with what is wrong and what is allowed.
func TestSchemasThatDoNotFit(t *testing.T) {
	t.Parallel()
	field := func(name string, kind arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: kind, Nullable: true}
	}
	number, text, flag := arrow.PrimitiveTypes.Float64, arrow.BinaryTypes.String, arrow.FixedWidthTypes.Boolean
	numbers := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: number}
	s := compiled(t, columnartest.Questionnaire())
	for want, schema := range map[string]*arrow.Schema{
		`column "colour" is neither an item`:                                      schemaOf(field("colour", text)),
		`column "trust" stands there twice`:                                       schemaOf(field("trust", number), field("trust", number)),
		`column "trust:na": float64 is not allowed; bool is`:                      schemaOf(field("trust:na", number)),
		`column "@colour" is not a reserved name`:                                 schemaOf(field("@colour", text)),
		`column "@submitted_at": utf8 is not allowed; timestamp is`:               schemaOf(field("@submitted_at", text)),
		`column "@channel": bool is not allowed; utf8 is`:                         schemaOf(field("@channel", flag)),
		`texts are not allowed; whole steps of 1 from 1`:                          schemaOf(field("trust", text)),
		`column "plan" of float64: item "plan": numbers are not allowed`:          schemaOf(field("plan", number)),
		`column "trust": decimal`:                                                 schemaOf(field("trust", &arrow.Decimal128Type{Precision: 5, Scale: 1})),
		`column "plan": dictionary<values=float64`:                                schemaOf(field("plan", numbers)),
		`column "features": list<item: list`:                                      schemaOf(field("features", arrow.ListOf(arrow.ListOf(text)))),
		`column "trust": struct<x: float64> is not a type of answers`:             schemaOf(field("trust", arrow.StructOf(arrow.Field{Name: "x", Type: number}))),
		`column "switch" of float64: item "switch": numbers are not allowed; yes`: schemaOf(field("switch", number)),
	} {
		_, err := columnar.Bind(s, schema, nil)
		faulty(t, err, want)
	}
	ignored := schemaOf(field("colour", text), field("colour", text), field("trust", number))
	if _, err := columnar.Bind(s, ignored, []string{"colour"}); err != nil {
		t.Error(err)
	}
}

func bytesOf[T any](values ...T) *memory.Buffer {
	var raw []byte
	for _, v := range values {
		var err error
		if raw, err = binary.Append(raw, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return memory.NewBufferBytes(raw)
}

// TestBatchesThatAreBroken are refused before the engine sees them.
func TestBatchesThatAreBroken(t *testing.T) {
	t.Parallel()
	s := compiled(t, columnartest.Questionnaire())
	text, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64
	words := func(values string, offsets ...int32) arrow.ArrayData {
		return array.NewData(text, len(offsets)-1, []*memory.Buffer{nil, bytesOf(offsets...), memory.NewBufferBytes([]byte(values))}, nil, 0, 0)
	}
	wordsWithNull := array.NewData(text, 2, []*memory.Buffer{memory.NewBufferBytes([]byte{1}), bytesOf[int32](0, 4, 4), memory.NewBufferBytes([]byte("free"))}, nil, 1, 0)
	coded := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: text}
	list := func(child arrow.ArrayData, offsets ...int32) arrow.ArrayData {
		return array.NewData(arrow.ListOf(text), len(offsets)-1, []*memory.Buffer{nil, bytesOf(offsets...)}, []arrow.ArrayData{child}, 0, 0)
	}
	dictionary := func(of arrow.ArrayData, index ...int8) arrow.ArrayData {
		return array.NewDataWithDictionary(coded, len(index), []*memory.Buffer{nil, bytesOf(index...)}, 0, 0, of.(*array.Data))
	}
	for _, c := range []struct {
		want, name string
		column     arrow.ArrayData
	}{
		{"ends at 4, where it begins at 9", "plan", words("freebasic", 0, 9, 4, 9)},
		{"ends at 4, where it begins at 4104", "plan", words("freebasic", 0, 4104, 4, 9)}, // beyond the text, but for the last
		{"ends at 4, where it begins at 4104", "features", list(words("freebasic", 0, 4104, 4, 9), 0, 3)},
		{"ends at 4, where it begins at 4104", "why", dictionary(words("freebasic", 0, 4104, 4, 9), 0)},
		{"negative", "why", words("free", -4, 4)},
		{"not valid utf8", "why", words("\xff", 0, 1)},
		{"has word 2 of a dictionary of 2", "plan", dictionary(words("freebasic", 0, 4, 9), 1, 2)},
		{"has word -1 of a dictionary of 2", "why", dictionary(words("freebasic", 0, 4, 9), 1, -1)},
		{"null in a dictionary is not allowed", "plan", dictionary(wordsWithNull, 0)},
		{"null in a list is not allowed", "features", list(wordsWithNull, 0, 2)},
		{"out of bounds", "features", list(words("free", 0, 4), 0, 7)},
		{"not monotonically", "features", list(words("free", 0, 4), 0, 1, 0, 1)},
		{"too small", "trust", array.NewData(number, 9, []*memory.Buffer{memory.NewBufferBytes([]byte{1}), bytesOf(make([]float64, 9)...)}, nil, 2, 0)},
		{"too small", "trust", array.NewData(number, 9, []*memory.Buffer{memory.NewBufferBytes([]byte{1}), bytesOf(make([]float64, 9)...)}, nil, array.UnknownNullCount, 0)},
		{"too small", "switch", array.NewData(arrow.FixedWidthTypes.Boolean, 9, []*memory.Buffer{nil, memory.NewBufferBytes([]byte{1})}, nil, 0, 0)},
		{"too small", "switch:na", array.NewData(arrow.FixedWidthTypes.Boolean, 9, []*memory.Buffer{nil, memory.NewBufferBytes([]byte{1})}, nil, 0, 0)},
		{"has word 3 of a dictionary of 1", "@response_id", dictionary(words("r", 0, 1), 3)},
		{"ends at 4, where it begins at 9", "@customer_id", words("freebasic", 0, 9, 4, 9)},
		{"is nil", "@submitted_at", array.NewData(arrow.FixedWidthTypes.Timestamp_us, 2, []*memory.Buffer{nil, nil}, nil, 0, 0)},
		{"up to 65536 rows are", "trust", array.NewData(arrow.Null, columnar.MostRows+1, []*memory.Buffer{nil}, nil, columnar.MostRows+1, 0)},
		{"up to 65536 rows are", "trust", array.NewData(arrow.Null, 1<<31, []*memory.Buffer{nil}, nil, 1<<31, 0)},
	} {
		column := array.MakeFromData(c.column)
		schema := schemaOf(arrow.Field{Name: c.name, Type: column.DataType(), Nullable: true})
		binding, err := columnar.Bind(s, schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		batch := array.NewRecordBatch(schema, []arrow.Array{column}, int64(column.Len()))
		faulty(t, binding.Set(batch, s.Columns()), c.want)
	}
}

// TestNullsAreSkipped: a column that is nothing but null, an exclusion that is null, and places in a dictionary that are null and
// nowhere.
func TestNullsAreSkipped(t *testing.T) {
	t.Parallel()
	s := compiled(t, columnartest.Questionnaire())
	coded := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	word := array.NewData(arrow.BinaryTypes.String, 1, []*memory.Buffer{nil, bytesOf[int32](0, 4), memory.NewBufferBytes([]byte("free"))}, nil, 0, 0)
	bits := func(b byte) *memory.Buffer { return memory.NewBufferBytes([]byte{b}) }
	columns := []arrow.Array{
		array.NewNull(2),
		array.MakeFromData(array.NewData(arrow.FixedWidthTypes.Boolean, 2, []*memory.Buffer{bits(0b01), bits(0b11)}, nil, 1, 0)),
		array.MakeFromData(array.NewDataWithDictionary(coded, 2, []*memory.Buffer{bits(0b10), bytesOf[int8](99, 0)}, 1, 0, word)),
	}
	schema := schemaOf(arrow.Field{Name: "trust", Type: arrow.Null, Nullable: true}, arrow.Field{Name: "nps:na", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		arrow.Field{Name: "plan", Type: coded, Nullable: true})
	binding, err := columnar.Bind(s, schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	to := s.Columns()
	if err := binding.Set(array.NewRecordBatch(schema, columns, 2), to); err != nil {
		t.Fatal(err)
	}
	first, second := to.Response(0), to.Response(1)
	if len(first.GetAnswers()) != 1 || first.GetAnswers()[0].GetNoAnswer() == 0 || len(second.GetAnswers()) != 1 || second.GetAnswers()[0].GetChoice() != "free" {
		t.Errorf("%v %v", first, second)
	}
}
