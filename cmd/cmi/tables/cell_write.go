package tables

import (
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// cellWriter writes the cells of one column as text.
type cellWriter struct {
	nulls arrow.Array // nil: there are none
	// One of them writes: the usual kinds do without a call.
	floats []float64
	as     *shortest // of floats
	words  [][]byte  // of a dictionary, ready to be written
	index  []int8
	any    func(to []byte, row int) []byte
}

// append writes the cell of a row, null for what is not there.
func (c *cellWriter) append(to []byte, row int, null string) []byte {
	switch {
	case c.nulls != nil && c.nulls.IsNull(row):
		return append(to, null...)
	case c.floats != nil:
		if x := c.floats[row]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			return c.as.append(to, x)
		}
		return append(to, null...)
	case c.index != nil:
		return append(to, c.words[c.index[row]]...)
	}
	return c.any(to, row)
}

// writerOf answers what writes the cells of a column: as writes numbers, text texts.
func writerOf(column arrow.Array, as *shortest, text func(to []byte, cell string) []byte) cellWriter {
	w := cellWriter{as: as}
	if column.NullN() > 0 {
		w.nulls = column
	}
	switch c := column.(type) {
	case *array.Float64:
		w.floats = c.Values()
	case *array.Float32:
		w.any = func(to []byte, row int) []byte { return strconv.AppendFloat(to, float64(c.Value(row)), 'g', -1, 32) }
	case *array.Int32:
		w.any = func(to []byte, row int) []byte { return appendInt(to, int64(c.Value(row))) }
	case *array.Int64:
		w.any = func(to []byte, row int) []byte { return appendInt(to, c.Value(row)) }
	case *array.Boolean:
		w.any = func(to []byte, row int) []byte { return strconv.AppendBool(to, c.Value(row)) }
	case array.StringLike:
		w.any = func(to []byte, row int) []byte { return text(to, c.Value(row)) }
	case *array.Dictionary:
		w.dictionary(c, text)
	default:
		w.any = func(to []byte, row int) []byte { return text(to, column.ValueStr(row)) }
		if whole(column.DataType()) {
			w.any = func(to []byte, row int) []byte { return append(to, column.ValueStr(row)...) }
		}
	}
	return w
}

// whole tells whether the values of a type are whole numbers.
func whole(kind arrow.DataType) bool { return arrow.IsInteger(kind.ID()) }

// dictionary writes each word once, and its bytes for each row.
func (c *cellWriter) dictionary(column *array.Dictionary, text func(to []byte, cell string) []byte) {
	index, short := column.Indices().(*array.Int8)
	if !short {
		c.any = func(to []byte, row int) []byte { return text(to, column.ValueStr(row)) }
		return
	}
	for k := range column.Dictionary().Len() {
		c.words = append(c.words, text(nil, column.Dictionary().ValueStr(k)))
	}
	c.index = index.Values()
}

func appendInt(to []byte, n int64) []byte {
	if n >= 0 && n < 100 {
		return appendSmall(to, uint64(n))
	}
	return strconv.AppendInt(to, n, 10)
}
