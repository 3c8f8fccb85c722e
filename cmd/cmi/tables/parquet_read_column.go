package tables

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// parquetNumber is a type of numbers in memory.
type parquetNumber interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// columnReader reads a column of a Parquet file.
type columnReader interface {
	// read reads the next rows.
	read(rows int) (arrow.Array, error)
	close() error
}

// numberReader reads a column of numbers, from its pages: what is kept of them is as many values as there are rows, at once where
// they belong.
type numberReader[T parquetNumber] struct {
	file     *file.Reader
	budget   *budget
	column   int
	kind     arrow.DataType
	nullable bool
	physical int // bytes of a value in the file
	value    func([]byte) T

	groups int // how many row groups were begun
	pages  file.PageReader
	inPage int // rows of the page that are left
	left   int64

	levels runs // whether rows have a value
	coded  bool // values are places in the dictionary
	places runs
	words  []T
	plain  []byte // values, where they are not coded
	room   []uint32
}

// newColumnReader answers nil for columns that are for the library.
func newColumnReader(from *file.Reader, column int, field arrow.Field, b *budget) columnReader {
	about := from.MetaData().Schema.Column(column)
	if about.MaxRepetitionLevel() > 0 || about.MaxDefinitionLevel() > 1 || !plainlyEncoded(from, column) {
		return nil
	}
	switch about.PhysicalType() {
	case parquet.Types.Int32:
		return newInt32Reader(from, column, field, b)
	case parquet.Types.Int64:
		switch field.Type.ID() {
		case arrow.INT64:
			return newNumberReader(from, column, field, b, 8, func(v []byte) int64 { return int64(binary.LittleEndian.Uint64(v)) })
		case arrow.UINT64:
			return newNumberReader(from, column, field, b, 8, binary.LittleEndian.Uint64)
		}
	case parquet.Types.Float:
		if field.Type.ID() == arrow.FLOAT32 {
			return newNumberReader(from, column, field, b, 4, func(v []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(v)) })
		}
	case parquet.Types.Double:
		if field.Type.ID() == arrow.FLOAT64 {
			return newNumberReader(from, column, field, b, 8, func(v []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(v)) })
		}
	}
	return nil
}

func newInt32Reader(from *file.Reader, column int, field arrow.Field, b *budget) columnReader {
	switch field.Type.ID() {
	case arrow.INT8:
		return newNumberReader(from, column, field, b, 4, func(v []byte) int8 { return int8(binary.LittleEndian.Uint32(v)) })
	case arrow.INT16:
		return newNumberReader(from, column, field, b, 4, func(v []byte) int16 { return int16(binary.LittleEndian.Uint32(v)) })
	case arrow.INT32:
		return newNumberReader(from, column, field, b, 4, func(v []byte) int32 { return int32(binary.LittleEndian.Uint32(v)) })
	case arrow.UINT8:
		return newNumberReader(from, column, field, b, 4, func(v []byte) uint8 { return uint8(binary.LittleEndian.Uint32(v)) })
	case arrow.UINT16:
		return newNumberReader(from, column, field, b, 4, func(v []byte) uint16 { return uint16(binary.LittleEndian.Uint32(v)) })
	case arrow.UINT32:
		return newNumberReader(from, column, field, b, 4, binary.LittleEndian.Uint32)
	}
	return nil
}

func newNumberReader[T parquetNumber](from *file.Reader, column int, field arrow.Field, b *budget, physical int, value func([]byte) T) columnReader {
	return &numberReader[T]{
		file: from, budget: b, column: column, kind: field.Type, physical: physical, value: value,
		nullable: from.MetaData().Schema.Column(column).MaxDefinitionLevel() > 0,
	}
}

// plainlyEncoded tells whether a column has but values as they are, and places in dictionaries.
func plainlyEncoded(from *file.Reader, column int) bool {
	for k := range from.NumRowGroups() {
		chunk, err := from.MetaData().RowGroup(k).ColumnChunk(column)
		if err != nil {
			return false
		}
		// Packed levels are an old kind. Where there are newer ones too, they tell how values repeat, which these do not.
		packed, levels := false, false
		for _, encoding := range chunk.Encodings() {
			switch encoding {
			case parquet.Encodings.RLE:
				levels = true
			case parquet.Encodings.BitPacked:
				packed = true
			case parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
			default:
				return false
			}
		}
		if packed && !levels {
			return false
		}
	}
	return true
}

func (r *numberReader[T]) read(rows int) (arrow.Array, error) {
	r.budget.spend(rows * int(unsafe.Sizeof(*new(T))))
	values, valid := make([]T, rows), make([]byte, (rows+7)/8)
	nulls := 0
	for at := 0; at < rows; {
		for r.inPage == 0 {
			if err := r.page(); err != nil {
				return nil, err
			}
		}
		n := min(r.inPage, rows-at)
		present := n
		if r.nullable {
			if err := r.levels.bits(valid, at, n); err != nil {
				return nil, err
			}
			present = bitutil.CountSetBits(valid, at, n)
		}
		if err := r.take(values[at:at+n], valid, at, present); err != nil {
			return nil, err
		}
		nulls += n - present
		r.inPage -= n
		at += n
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.GetBytes(values))}
	if nulls > 0 {
		buffers[0] = memory.NewBufferBytes(valid)
	}
	data := array.NewData(r.kind, rows, buffers, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// take reads the values that are present, to the rows that have one.
func (r *numberReader[T]) take(to []T, valid []byte, at, present int) error {
	if present == 0 {
		return nil
	}
	if !r.coded {
		return r.takePlain(to, valid, at, present)
	}
	if cap(r.room) < present+1 {
		r.room = make([]uint32, present+1)
	}
	// After the last value there is one more, for rows behind it that have none.
	places := r.room[:present+1]
	if err := r.places.take(places[:present]); err != nil {
		return err
	}
	places[present] = 0
	words := r.words
	for _, place := range places {
		if int(place) >= len(words) {
			return fmt.Errorf("a value is the word %d of a dictionary of %d", place, len(words))
		}
	}
	if present == len(to) {
		for row := range to {
			to[row] = words[places[row]]
		}
		return nil
	}
	next := 0
	for row := range to {
		to[row] = words[places[next]]
		next += int(valid[(at+row)/8] >> ((at + row) % 8) & 1)
	}
	return nil
}

func (r *numberReader[T]) takePlain(to []T, valid []byte, at, present int) error {
	size := present * r.physical
	if size > len(r.plain) {
		return errRuns
	}
	from := r.plain[:size]
	r.plain = r.plain[size:]
	for row := range to {
		if present == len(to) || bitutil.BitIsSet(valid, at+row) {
			to[row] = r.value(from)
			from = from[r.physical:]
		}
	}
	return nil
}

// page goes to the next page, which may be in the next row group.
func (r *numberReader[T]) page() error {
	for r.pages == nil || r.left == 0 {
		if err := r.group(); err != nil {
			return err
		}
	}
	if !r.pages.Next() {
		if err := r.pages.Err(); err != nil {
			return err
		}
		return errors.New("a column has less rows than its row group")
	}
	data := r.pages.Page()
	switch data := data.(type) {
	case *file.DictionaryPage:
		return r.learn(data)
	case *file.DataPageV1:
		return r.open(data, data.Data(), int(data.NumValues()), parquet.Encoding(data.Encoding()))
	case *file.DataPageV2:
		skip := int(data.RepetitionLevelByteLen()) + int(data.DefinitionLevelByteLen())
		if skip > len(data.Data()) {
			return errRuns
		}
		r.levels = runs{data: data.Data()[data.RepetitionLevelByteLen():skip], width: 1}
		return r.begin(data.Data()[skip:], int(data.NumValues()), parquet.Encoding(data.Encoding()))
	}
	return nil
}

// group goes to the next row group.
func (r *numberReader[T]) group() (err error) {
	if err := r.close(); err != nil {
		return err
	}
	if r.groups == r.file.NumRowGroups() {
		return io.ErrUnexpectedEOF
	}
	group := r.file.RowGroup(r.groups)
	r.groups++
	r.left, r.words = group.NumRows(), nil
	r.pages, err = group.GetColumnPageReader(r.column)
	return err
}

// learn reads the words of a dictionary.
func (r *numberReader[T]) learn(from *file.DictionaryPage) error {
	count, data := int(from.NumValues()), from.Data()
	if encoding := parquet.Encoding(from.Encoding()); encoding != parquet.Encodings.Plain && encoding != parquet.Encodings.PlainDict {
		return fmt.Errorf("a dictionary is coded as %s", encoding)
	}
	if count*r.physical > len(data) {
		return errRuns
	}
	r.budget.spend(count * int(unsafe.Sizeof(*new(T))))
	r.words = make([]T, count)
	for k := range r.words {
		r.words[k] = r.value(data[k*r.physical:])
	}
	return nil
}

// open begins with a page of the first version, in which levels come after their length.
func (r *numberReader[T]) open(page *file.DataPageV1, data []byte, rows int, encoding parquet.Encoding) error {
	if r.nullable {
		if page.DefinitionLevelEncoding() != parquet.Encodings.RLE {
			return fmt.Errorf("levels are coded as %s", page.DefinitionLevelEncoding())
		}
		const head = 4
		if len(data) < head {
			return errRuns
		}
		size := int64(binary.LittleEndian.Uint32(data))
		if size > int64(len(data)-head) {
			return errRuns
		}
		r.levels = runs{data: data[head : head+size], width: 1}
		data = data[head+size:]
	}
	return r.begin(data, rows, encoding)
}

// begin begins with the values of a page.
func (r *numberReader[T]) begin(data []byte, rows int, encoding parquet.Encoding) error {
	if int64(rows) > r.left {
		return errors.New("a column has more rows than its row group")
	}
	r.inPage = rows
	r.left -= int64(rows)
	switch encoding {
	case parquet.Encodings.Plain:
		r.coded, r.plain = false, data
	case parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
		r.coded, r.places = true, runs{}
		if len(data) == 0 {
			return nil // no row has a value
		}
		if r.places = (runs{data: data[1:], width: int(data[0])}); r.places.width > mostWidth {
			return errRuns
		}
	default:
		return fmt.Errorf("a page is coded as %s, which its row group does not say", encoding)
	}
	return nil
}

// close lets go of the pages.
func (r *numberReader[T]) close() error {
	if r.pages == nil {
		return nil
	}
	pages := r.pages
	r.pages = nil
	return pages.Close()
}
