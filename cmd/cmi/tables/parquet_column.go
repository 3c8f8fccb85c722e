package tables

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// parquetColumn gathers a column of a row group.
type parquetColumn struct {
	codec  compress.Compression
	valid  []byte // bits
	values parquetValues
}

// parquetValues are the values of a column of a row group; nulls are none. They are places in a dictionary as long as that is
// worth it.
type parquetValues interface {
	// add adds those rows of an array that have a value.
	add(from arrow.Array)
	// dictionary answers its words, encoded, and how many there are; none where values stand for themselves.
	dictionary() (words []byte, count int, coded bool)
	// encode writes a range of values.
	encode(to []byte, from, end int) []byte
	// bounds are the smallest value and the largest one, encoded.
	bounds() (low, high []byte, known bool)
	// size is about how many bytes they take.
	size() int
	reset()
}

// newParquetColumn answers nil where the type is for the library.
func newParquetColumn(field arrow.Field) *parquetColumn {
	c := &parquetColumn{}
	kind := field.Type
	if d, ok := kind.(*arrow.DictionaryType); ok {
		kind = d.ValueType
	}
	switch {
	case !field.Nullable:
		return nil
	case kind.ID() == arrow.STRING:
		c.codec, c.values = compress.Codecs.Snappy, newParquetTexts()
	case kind != field.Type:
		return nil
	case kind.ID() == arrow.FLOAT64:
		// There is little to compress: of figures that repeat themselves there are but the places.
		c.codec = compress.Codecs.Uncompressed
		c.values = newParquetNumbers(arrow.Uint64Traits.CastFromBytes, orderOfFloats, binary.LittleEndian.AppendUint64)
	case kind.ID() == arrow.INT64:
		c.codec = compress.Codecs.Snappy
		c.values = newParquetNumbers(arrow.Uint64Traits.CastFromBytes, orderOfInt64, binary.LittleEndian.AppendUint64)
	case kind.ID() == arrow.INT32:
		c.codec = compress.Codecs.Snappy
		c.values = newParquetNumbers(arrow.Uint32Traits.CastFromBytes, orderOfInt32, binary.LittleEndian.AppendUint32)
	default:
		return nil
	}
	c.reset()
	return c
}

// order tells whether a value is less than another one, and whether they have an order at all.
type order[T uint32 | uint64] func(a, b T) (less, known bool)

func orderOfFloats(a, b uint64) (less, known bool) {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	if x == 0 && y == 0 {
		return a > b, true // what is below zero comes first
	}
	return x < y, !math.IsNaN(x) && !math.IsNaN(y)
}

func orderOfInt64(a, b uint64) (less, known bool) { return int64(a) < int64(b), true }

func orderOfInt32(a, b uint32) (less, known bool) { return int32(a) < int32(b), true }

// add adds the rows of an array behind those that are there.
func (c *parquetColumn) add(from arrow.Array, rows int) {
	if coded, ok := from.(*array.Dictionary); ok && coded.Dictionary().NullN() > 0 {
		texts := spelledOut(coded)
		defer texts.Release()
		from = texts
	}
	size := (rows + from.Len() + 7) / 8
	for len(c.valid) < size {
		c.valid = append(c.valid, 0)
	}
	if bits := from.NullBitmapBytes(); from.NullN() > 0 {
		bitutil.CopyBitmap(bits, from.Data().Offset(), from.Len(), c.valid, rows)
	} else {
		bitutil.SetBitsTo(c.valid, int64(rows), int64(from.Len()), true)
	}
	if from.NullN() < from.Len() {
		c.values.add(from)
	}
}

// spelledOut are the texts of places in a dictionary in which one of the words is null, as are the rows with that word.
func spelledOut(from *array.Dictionary) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	words := from.Dictionary().(*array.String)
	for row := range from.Len() {
		if from.IsNull(row) || words.IsNull(from.GetValueIndex(row)) {
			b.AppendNull()
		} else {
			b.Append(words.Value(from.GetValueIndex(row)))
		}
	}
	return b.NewArray()
}

// statistics are what readers pick row groups by.
func (c *parquetColumn) statistics(nulls int) metadata.EncodedStatistics {
	var s metadata.EncodedStatistics
	s.SetNullCount(int64(nulls))
	if low, high, ok := c.values.bounds(); ok {
		s.SetMin(low).SetMax(high)
		const most = 4 << 10
		s.ApplyStatSizeLimits(most)
	}
	if _, texts := c.values.(*parquetTexts); !texts {
		s.Signed = true
	}
	return s
}

func (c *parquetColumn) reset() {
	c.valid = c.valid[:0]
	c.values.reset()
}
