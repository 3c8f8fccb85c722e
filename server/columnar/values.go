package columnar

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/customer-momentum/cmi/scoring"
)

// valuesOf is a column in the form of the engine, of the same memory. The offsets of texts and lists are checked first.
func valuesOf(name string, column arrow.Array, words *dictionary) (scoring.Values, error) {
	switch c := column.(type) {
	case *array.Int8:
		return scoring.Numbers(c.Values()), nil
	case *array.Int16:
		return scoring.Numbers(c.Values()), nil
	case *array.Int32:
		return scoring.Numbers(c.Values()), nil
	case *array.Int64:
		return scoring.Numbers(c.Values()), nil
	case *array.Uint8:
		return scoring.Numbers(c.Values()), nil
	case *array.Uint16:
		return scoring.Numbers(c.Values()), nil
	case *array.Uint32:
		return scoring.Numbers(c.Values()), nil
	case *array.Uint64:
		return scoring.Numbers(c.Values()), nil
	case *array.Float32:
		return scoring.Numbers(c.Values()), nil
	case *array.Float64:
		return scoring.Numbers(c.Values()), nil
	case *array.Boolean:
		bits, err := bitsOf(name, c)
		return scoring.Bools(bits, c.Len()), err
	case *array.Null:
		return nil, nil
	case *array.Dictionary:
		return coded(name, c, words)
	}
	return wordsOf(name, column)
}

// answerable refuses types that no column of answers has.
func answerable(name string, kind arrow.DataType) error {
	of := kind
	switch t := kind.(type) {
	case *arrow.DictionaryType:
		of = t.ValueType
	case *arrow.ListType:
		of = t.Elem()
	case *arrow.LargeListType:
		of = t.Elem()
	}
	switch text := of.ID() == arrow.STRING || of.ID() == arrow.LARGE_STRING || of.ID() == arrow.STRING_VIEW; {
	case text, of == kind && (arrow.IsInteger(of.ID()) || of.ID() == arrow.FLOAT32 || of.ID() == arrow.FLOAT64 ||
		of.ID() == arrow.BOOL || of.ID() == arrow.NULL):
		return nil
	}
	return wrong("column %q: %s is not a type of answers; integers, floats, bool, utf8, a dictionary of utf8 and lists of utf8 are",
		name, kind)
}

// wordsOf is a column of texts, or of lists of texts.
func wordsOf(name string, column arrow.Array) (scoring.Values, error) {
	switch c := column.(type) {
	case *array.String:
		if err := sound(name, column); err != nil || c.Len() == 0 {
			return scoring.Words("", []int32(nil)), err
		}
		return scoring.Words(wholeText(c), c.ValueOffsets()), nil
	case *array.LargeString:
		if err := sound(name, column); err != nil || c.Len() == 0 {
			return scoring.Words("", []int64(nil)), err
		}
		return scoring.Words(wholeText(c), c.ValueOffsets()), nil
	case *array.StringView:
		return viewed(name, c)
	case *array.List:
		if err := sound(name, column); err != nil || c.Len() == 0 {
			return setsOf(name, []int32(nil), c.ListValues(), err)
		}
		return setsOf(name, c.Offsets()[c.Data().Offset():c.Data().Offset()+c.Len()+1], c.ListValues(), nil)
	case *array.LargeList:
		if err := sound(name, column); err != nil || c.Len() == 0 {
			return setsOf(name, []int64(nil), c.ListValues(), err)
		}
		return setsOf(name, c.Offsets()[c.Data().Offset():c.Data().Offset()+c.Len()+1], c.ListValues(), nil)
	}
	return nil, answerable(name, column.DataType())
}

// setsOf is a column of lists, of what they list.
func setsOf[O scoring.Offset](name string, offsets []O, all arrow.Array, err error) (scoring.Values, error) {
	if err != nil {
		return nil, err
	}
	if valid, err := validity(name, all); err != nil || valid.Bytes != nil {
		if err != nil {
			return nil, err
		}
		return nil, wrong("column %q: null in a list is not allowed; a list lists what was chosen", name)
	}
	words, err := wordsOf(name, all)
	if err != nil {
		return nil, err
	}
	switch all.(type) {
	case *array.String:
		return scoring.Sets[O, int32](offsets, words), nil
	case *array.LargeString, *array.StringView:
		return scoring.Sets[O, int64](offsets, words), nil
	}
	return nil, wrong("column %q: a list of %s is not a type of answers; a list of utf8 is", name, all.DataType())
}

// viewed copies texts that stand apart into one: the engine wants them so.
func viewed(name string, c *array.StringView) (scoring.Values, error) {
	if err := sound(name, c); err != nil {
		return nil, err
	}
	var all []byte
	offsets := make([]int64, 1, c.Len()+1)
	for row := range c.Len() {
		if c.IsValid(row) {
			all = append(all, c.Value(row)...)
		}
		if len(all) > MostDecompressed { // rows may share their text, so that little of it becomes much
			return nil, wrong("column %q: texts of more than %d bytes in one batch are not allowed; send fewer rows at once", name, MostDecompressed)
		}
		offsets = append(offsets, int64(len(all)))
	}
	return scoring.Words(string(all), offsets), nil
}

// wholeText is the whole text that the offsets of a column point into, of the same memory.
func wholeText(column arrow.Array) string {
	buffer := column.Data().Buffers()[2]
	if buffer == nil || buffer.Len() == 0 {
		return ""
	}
	return unsafe.String(unsafe.SliceData(buffer.Bytes()), buffer.Len()) //nolint:gosec // as long as the buffer is, and not written to while it is read
}

// sound checks the offsets of a column.
func sound(name string, column arrow.Array) error {
	if err := Sound(column); err != nil {
		return wrong("column %q is broken: %v", name, err)
	}
	return nil
}

// Sound checks the offsets of a column that comes from elsewhere. Those of texts are looked at here first: arrow-go cuts texts out by
// them before it knows that they rise.
func Sound(column arrow.Array) (err error) {
	switch of := column.(type) {
	case *array.String:
		err = rising(of)
	case *array.LargeString:
		err = rising(of)
	case *array.Dictionary:
		err = Sound(of.Dictionary())
	}
	if c, ok := column.(interface{ ValidateFull() error }); ok && err == nil {
		err = c.ValidateFull()
	}
	return err
}

// rising checks that the offsets of texts rise.
func rising[O int32 | int64](column interface {
	Len() int
	Validate() error
	ValueOffsets() []O
}) error {
	if err := column.Validate(); err != nil || column.Len() == 0 {
		return err
	}
	offsets := column.ValueOffsets()
	for k := 1; k < len(offsets); k++ {
		if offsets[k] < offsets[k-1] {
			return fmt.Errorf("text %d ends at %d, where it begins at %d", k-1, offsets[k], offsets[k-1])
		}
	}
	return nil
}

// dictionary keeps the words of a dictionary from batch to batch, as long as it is the same one.
type dictionary struct {
	of    arrow.ArrayData
	words []string
}

// take reads a dictionary's words.
func (d *dictionary) take(name string, of arrow.Array) error {
	// Every batch has an array of its own for it, but all of the same data.
	if d.of == of.Data() {
		return nil
	}
	c, ok := of.(array.StringLike)
	if !ok {
		return wrong("column %q: a dictionary of %s is not a type of answers; one of utf8 is", name, of.DataType())
	}
	if err := sound(name, of); err != nil {
		return err
	}
	if valid, err := validity(name, of); err != nil || valid.Bytes != nil {
		if err != nil {
			return err
		}
		return wrong("column %q: null in a dictionary is not allowed; a null index stands for a skipped question", name)
	}
	words := make([]string, c.Len())
	for k := range words {
		words[k] = c.Value(k)
	}
	d.of, d.words = of.Data(), words
	return nil
}

// coded is a column of places in a dictionary, each of which has its word. The places of rows that are null may be any.
func coded(name string, c *array.Dictionary, words *dictionary) (scoring.Values, error) {
	if err := words.take(name, c.Dictionary()); err != nil {
		return nil, err
	}
	valid, err := validity(name, c)
	if err != nil {
		return nil, err
	}
	switch index := c.Indices().(type) {
	case *array.Int8:
		return placed(name, index.Values(), valid, words.words)
	case *array.Int16:
		return placed(name, index.Values(), valid, words.words)
	case *array.Int32:
		return placed(name, index.Values(), valid, words.words)
	case *array.Int64:
		return placed(name, index.Values(), valid, words.words)
	case *array.Uint8:
		return placed(name, index.Values(), valid, words.words)
	case *array.Uint16:
		return placed(name, index.Values(), valid, words.words)
	case *array.Uint32:
		return placed(name, index.Values(), valid, words.words)
	case *array.Uint64:
		return placed(name, index.Values(), valid, words.words)
	}
	return nil, wrong("column %q: an index of %s is not allowed; integers are", name, c.Indices().DataType())
}

func placed[I scoring.Index](name string, index []I, valid scoring.Bits, words []string) (scoring.Values, error) {
	for row, at := range index {
		// What is below 0 is above everything so.
		if uint64(at) >= uint64(len(words)) && (valid.Bytes == nil || valid.Has(row)) {
			return nil, wrong("column %q is broken: row %d has word %d of a dictionary of %d", name, row, at, len(words))
		}
	}
	return scoring.Dictionary(index, words), nil
}
