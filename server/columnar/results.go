package columnar

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// output is a column of results.
type output struct {
	name string
	kind arrow.DataType
	make func(*Results, *scoring.ColumnScores) arrow.ArrayData
}

func named() arrow.DataType {
	return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
}

// outputs are all there are, in their order.
func outputs() []output {
	pillar := func(p int) func(*Results, *scoring.ColumnScores) arrow.ArrayData {
		return func(r *Results, s *scoring.ColumnScores) arrow.ArrayData { return r.figures(s.Pillars[p], p+1) }
	}
	return []output{
		{"status", named(), func(r *Results, s *scoring.ColumnScores) arrow.ArrayData { return coding(&r.status, s.Status) }},
		{"bucket", named(), func(r *Results, s *scoring.ColumnScores) arrow.ArrayData { return coding(&r.bucket, s.Bucket) }},
		{"cmi", arrow.PrimitiveTypes.Float64, func(r *Results, s *scoring.ColumnScores) arrow.ArrayData { return r.figures(s.CMI, 0) }},
		{"eci", arrow.PrimitiveTypes.Float64, pillar(0)},
		{"bei", arrow.PrimitiveTypes.Float64, pillar(1)},
		{"fii", arrow.PrimitiveTypes.Float64, pillar(2)},
		{"display_score", arrow.PrimitiveTypes.Int32, (*Results).display},
		{"error", arrow.BinaryTypes.String, nil},
	}
}

// Results turns scores into record batches. They share the memory of the scores, and its own: a batch must be written before
// the next one is made. One goroutine at a time may use it.
type Results struct {
	schema *arrow.Schema
	picked []output

	status, bucket coder
	present        [4][]byte // bitmaps of the CMI and the pillars
	shown          []byte
	// offsets, text and refused are the errors: where each begins, all of them, and which rows have one.
	offsets []int32
	text    []byte
	refused []byte
}

// NewResults picks the columns of results by their names, in the order of the names; none stands for all. The error is a [*Fault].
func NewResults(names []string) (*Results, error) {
	picked, err := pick(outputs(), names, func(o output) string { return o.name })
	if err != nil {
		return nil, err
	}
	r := &Results{picked: picked}
	fields := make([]arrow.Field, len(r.picked))
	for k, o := range r.picked {
		fields[k] = arrow.Field{Name: o.name, Type: o.kind, Nullable: true}
	}
	r.schema = arrow.NewSchema(fields, nil)
	r.status = newCoder("SCORE_STATUS_", cmiv1.ScoreStatus_name)
	r.bucket = newCoder("BUCKET_", cmiv1.Bucket_name)
	return r, nil
}

// Schema answers the columns of results.
func (r *Results) Schema() *arrow.Schema { return r.schema }

// Errors tells whether the error column was picked.
func (r *Results) Errors() bool {
	return slices.ContainsFunc(r.picked, func(o output) bool { return o.make == nil })
}

// Batch makes a record batch of scores; why says why each of the rows that were refused was. The caller releases it.
func (r *Results) Batch(scores *scoring.ColumnScores, why []string) arrow.RecordBatch {
	rows := len(scores.CMI)
	columns := make([]arrow.Array, len(r.picked))
	for k, o := range r.picked {
		var data arrow.ArrayData
		if o.make == nil {
			data = r.errors(scores, why)
		} else {
			data = o.make(r, scores)
		}
		columns[k] = array.MakeFromData(data)
		data.Release()
	}
	batch := array.NewRecordBatch(r.schema, columns, int64(rows))
	for _, c := range columns {
		c.Release()
	}
	return batch
}

// figures are numbers, null where they are NaN.
func (r *Results) figures(values []float64, bitmap int) arrow.ArrayData {
	bits := room(r.present[bitmap], (len(values)+7)/8)
	r.present[bitmap] = bits
	nulls := len(values) - numbers(values, bits)
	return fixed(arrow.PrimitiveTypes.Float64, len(values), bits, nulls, arrow.Float64Traits.CastToBytes(values))
}

// display are whole points, null where there is no CMI.
func (r *Results) display(s *scoring.ColumnScores) arrow.ArrayData {
	r.shown = room(r.shown, (len(s.Display)+7)/8)
	nulls := len(s.CMI) - numbers(s.CMI, r.shown)
	return fixed(arrow.PrimitiveTypes.Int32, len(s.Display), r.shown, nulls, arrow.Int32Traits.CastToBytes(s.Display))
}

// mostAnswer is how many bytes the columns of a batch may have, so that its message is within the 4 MiB that stock clients take
// even with metadata of the sender's.
const mostAnswer = 4<<20 - 64<<10

// errors say why rows were refused. Where so many were that the answer would be too large, the later ones have the reason alone.
func (r *Results) errors(s *scoring.ColumnScores, why []string) arrow.ArrayData {
	reasons := 0
	for _, text := range why {
		reasons += len(reasonOf(text))
	}
	rows := len(s.CMI)
	left := mostAnswer - r.fixedBytes(rows) - reasons
	offsets, bits := room(r.offsets, rows+1), room(r.refused, (rows+7)/8)
	r.offsets, r.refused, r.text = offsets, bits, r.text[:0]
	clear(bits)
	next := 0 // the row whose text begins at the end
	for k, row := range s.Refused {
		text := why[k]
		reason := reasonOf(text)
		if left -= len(text) - len(reason); left < 0 {
			text, left = reason, 0
		}
		fill(offsets[next:row+1], int32(len(r.text)))
		r.text = append(r.text, text...)
		bits[row/8] |= 1 << (row % 8)
		next = row + 1
	}
	fill(offsets[next:], int32(len(r.text)))
	return array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{
		memory.NewBufferBytes(bits), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(r.text),
	}, nil, rows-len(s.Refused), 0)
}

func fill(all []int32, x int32) {
	for k := range all {
		all[k] = x
	}
}

// reasonOf is the part of a text that programs branch on.
func reasonOf(text string) string {
	reason, _, _ := strings.Cut(text, ":")
	return reason
}

// fixedBytes is how many bytes the picked columns have for a number of rows, the texts of errors left out.
func (r *Results) fixedBytes(rows int) int {
	const bitmapBits, padding = 1, 2 * 64
	bits := 0
	for _, o := range r.picked {
		bits += bitmapBits + 32 // display_score, and the offsets of errors
		switch o.kind.ID() {
		case arrow.FLOAT64:
			bits += 32
		case arrow.DICTIONARY:
			bits -= 24
		}
	}
	return rows*bits/8 + padding*len(r.picked)
}

// coder turns the numbers of an enum into places in a dictionary of its names.
type coder struct {
	words arrow.ArrayData
	index []int8
	bits  []byte
}

func newCoder(prefix string, names map[int32]string) coder {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for n := int32(1); int(n) < len(names); n++ { // 0 is unspecified, and null
		b.Append(strings.TrimPrefix(names[n], prefix))
	}
	words := b.NewArray()
	words.Data().Retain()
	return coder{words: words.Data()}
}

func coding[E ~int32](c *coder, values []E) arrow.ArrayData {
	c.index = room(c.index, len(values))
	for i, x := range values {
		c.index[i] = int8(max(x, 1) - 1)
	}
	c.bits = room(c.bits, (len(values)+7)/8)
	nulls := len(values) - known(values, c.bits)
	return array.NewDataWithDictionary(named(), len(values), buffers(c.bits, nulls, arrow.Int8Traits.CastToBytes(c.index)), nulls, 0,
		c.words.(*array.Data))
}

func fixed(kind arrow.DataType, rows int, bits []byte, nulls int, values []byte) arrow.ArrayData {
	return array.NewData(kind, rows, buffers(bits, nulls, values), nil, nulls, 0)
}

func buffers(bits []byte, nulls int, values []byte) []*memory.Buffer {
	if nulls == 0 {
		return []*memory.Buffer{nil, memory.NewBufferBytes(values)}
	}
	return []*memory.Buffer{memory.NewBufferBytes(bits), memory.NewBufferBytes(values)}
}

func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
