package tables

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrowType is the type of what a field's builder makes.
func (f *field) arrowType() arrow.DataType {
	switch f.kind {
	case numbers:
		return arrow.PrimitiveTypes.Float64
	case yesNo:
		return arrow.FixedWidthTypes.Boolean
	case words:
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String}
	case sets:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.BinaryTypes.String})
	case times:
		return arrow.FixedWidthTypes.Timestamp_us
	}
	return arrow.BinaryTypes.String
}

// wordsOf are options as the words of a dictionary.
func wordsOf(options []string) arrow.ArrayData {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(options, nil)
	all := b.NewArray()
	all.Data().Retain()
	return all.Data()
}

// array is the column, of the builder's memory: it is good until the next reset.
func (b *builder) array() arrow.Array {
	var validity *memory.Buffer
	if b.nulls > 0 {
		validity = memory.NewBufferBytes(b.valid)
	}
	kind := b.field.arrowType()
	buffers := []*memory.Buffer{validity}
	var data *array.Data
	switch b.field.kind {
	case numbers:
		data = array.NewData(kind, b.rows, append(buffers, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(b.numbers))), nil, b.nulls, 0)
	case times:
		data = array.NewData(kind, b.rows, append(buffers, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(b.moments))), nil, b.nulls, 0)
	case yesNo:
		data = array.NewData(kind, b.rows, append(buffers, memory.NewBufferBytes(b.bits(&b.truth))), nil, b.nulls, 0)
	case words:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int16Traits.CastToBytes(b.index)))
		data = array.NewDataWithDictionary(kind, b.rows, buffers, b.nulls, 0, b.dictionary.(*array.Data))
	case sets:
		chosen := b.strings(nil, len(b.ends)-1, 0)
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.counts)))
		data = array.NewData(kind, b.rows, buffers, []arrow.ArrayData{chosen}, b.nulls, 0)
	default:
		data = b.strings(validity, b.rows, b.nulls)
	}
	return array.MakeFromData(data)
}

func (b *builder) strings(validity *memory.Buffer, rows, nulls int) *array.Data {
	return array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{
		validity, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.ends)), memory.NewBufferBytes(b.text),
	}, nil, nulls, 0)
}

// exclusions is the column that tells where the item does not apply.
func (b *builder) exclusions() arrow.Array {
	bits := memory.NewBufferBytes(b.bits(&b.na))
	return array.MakeFromData(array.NewData(arrow.FixedWidthTypes.Boolean, b.rows, []*memory.Buffer{nil, bits}, nil, 0, 0))
}

// bits fills a bitmap up to the number of rows.
func (b *builder) bits(bitmap *[]byte) []byte {
	for len(*bitmap) < (b.rows+7)/8 {
		*bitmap = append(*bitmap, 0)
	}
	return *bitmap
}
