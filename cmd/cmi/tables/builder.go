package tables

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
)

// verdict says what became of a cell.
type verdict int

const (
	taken verdict = iota
	// unreadable cells make no answer; unknownOption ones the engine refuses with its own words.
	unreadable
	unknownOption
	// repeated ones are a second answer.
	repeated
)

// builder gathers a column of answers from cells, a row at a time. What the rules say stands for something else is applied.
type builder struct {
	field *field
	rows  int

	numbers []float64 // and times, in microseconds, as whole numbers
	moments []int64
	index   []int16 // of options
	truth   []byte  // bits
	text    []byte  // of texts, or of all that sets have
	ends    []int32 // of texts, or of what sets have
	counts  []int32 // of sets: where each ends among ends

	valid []byte // bits: what is answered
	nulls int
	na    []byte // bits: what does not apply

	dictionary arrow.ArrayData // of the options
}

func newBuilder(f *field) *builder {
	b := &builder{field: f}
	if f.kind == words {
		b.dictionary = wordsOf(f.options)
	}
	b.reset()
	return b
}

// reset takes all rows away, and keeps the memory.
func (b *builder) reset() {
	b.rows, b.nulls = 0, 0
	b.numbers, b.moments, b.index = b.numbers[:0], b.moments[:0], b.index[:0]
	b.truth, b.valid, b.na = b.truth[:0], b.valid[:0], b.na[:0]
	b.text, b.ends, b.counts = b.text[:0], append(b.ends[:0], 0), append(b.counts[:0], 0)
}

// number takes a number as it is, without rules.
func (b *builder) number(x float64) {
	b.numbers = append(b.numbers, x)
	b.present()
}

func (b *builder) present() {
	if b.rows&7 == 0 {
		b.valid = append(b.valid, 1)
	} else {
		b.valid[len(b.valid)-1] |= 1 << (b.rows & 7)
	}
	b.rows++
}

// absent is a row without an answer.
func (b *builder) absent() {
	if b.rows&7 == 0 {
		b.valid = append(b.valid, 0)
	}
	switch b.field.kind {
	case numbers:
		b.numbers = append(b.numbers, 0)
	case times:
		b.moments = append(b.moments, 0)
	case words:
		b.index = append(b.index, 0)
	case texts:
		b.ends = append(b.ends, int32(len(b.text)))
	case sets:
		b.counts = append(b.counts, int32(len(b.ends)-1))
	}
	b.nulls++
	b.rows++
}

// exclude says that the item does not apply to a row, which may have been taken already or comes next.
func (b *builder) exclude(row int) {
	for len(b.na) <= row/8 {
		b.na = append(b.na, 0)
	}
	b.na[row/8] |= 1 << (row % 8)
}

// read takes the next row from a cell of text.
func (b *builder) read(cell []byte) verdict {
	if len(cell) == 0 {
		b.absent()
		return taken
	}
	r := b.field.rules
	if r == nil {
		return b.answer(cell)
	}
	if r.missing.hasWord(cell) {
		b.absent()
		return taken
	}
	if r.notApplicable.hasWord(cell) {
		b.exclude(b.rows)
		b.absent()
		return taken
	}
	if b.field.kind == sets {
		return b.set(bytes.Split(cell, []byte{setSeparator}))
	}
	if answer, ok := r.label(cell); ok {
		return b.plain([]byte(answer))
	}
	if b.field.kind != numbers {
		return b.answer(cell)
	}
	x, ok := parseNumber(cell)
	if !ok {
		b.absent()
		return unreadable
	}
	return b.coded(x)
}

// coded takes the next row from a number, by the rules.
func (b *builder) coded(x float64) verdict {
	r := b.field.rules
	switch {
	case r == nil:
	case r.missing.hasNumber(x):
		b.absent()
		return taken
	case r.notApplicable.hasNumber(x):
		b.exclude(b.rows)
		b.absent()
		return taken
	default:
		if answer, ok := r.numberLabel(x); ok {
			return b.plain([]byte(answer))
		}
		x = r.number(x)
	}
	b.number(x)
	return taken
}

// plain takes an answer as the questionnaire has it.
func (b *builder) plain(cell []byte) verdict {
	if b.field.kind != numbers {
		return b.answer(cell)
	}
	x, ok := parseNumber(cell)
	if !ok {
		b.absent()
		return unreadable
	}
	b.number(x)
	return taken
}
