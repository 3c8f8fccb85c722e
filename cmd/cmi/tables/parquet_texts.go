package tables

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// mostText is how many bytes the words of a dictionary have at most.
const mostText = 1 << 20

// parquetTexts are texts.
type parquetTexts struct {
	places []uint16
	words  map[string]uint16
	starts []int  // of words in text
	text   []byte // words, or values where there were too many words once: each after its length
	many   bool
	ends   []int // of values in text

	low, high []byte
	known     bool // low and high
}

func newParquetTexts() *parquetTexts { return &parquetTexts{words: map[string]uint16{}} }

func (t *parquetTexts) add(from arrow.Array) {
	switch from := from.(type) {
	case *array.Dictionary:
		t.coded(from)
	case *array.String:
		for row := range from.Len() {
			if from.IsValid(row) {
				t.take(from.Value(row))
			}
		}
	}
}

// coded takes what comes with a dictionary of its own: each word of it is looked up once.
func (t *parquetTexts) coded(from *array.Dictionary) {
	words := from.Dictionary().(*array.String)
	places := make([]uint16, words.Len()) // from 1 on; 0: not looked up yet
	index := from.GetValueIndex
	if few, ok := from.Indices().(*array.Int8); ok {
		values := few.Int8Values()
		index = func(row int) int { return int(values[row]) }
	}
	whole := from.NullN() == 0
	for row := range from.Len() {
		if !whole && from.IsNull(row) {
			continue
		}
		at := index(row)
		if place := places[at]; place > 0 && !t.many {
			t.places = append(t.places, place-1)
			continue
		}
		if t.take(words.Value(at)); !t.many {
			places[at] = t.places[len(t.places)-1] + 1
		}
	}
}

// take takes a text. It may stand in memory that is used again.
func (t *parquetTexts) take(text string) {
	if t.many {
		t.keep(text)
		return
	}
	place, ok := t.words[text]
	if !ok {
		if len(t.starts) == mostWords || len(t.text)+len(text) > mostText {
			t.spill()
			t.keep(text)
			return
		}
		place = uint16(len(t.starts))
		t.words[strings.Clone(text)] = place
		t.starts = append(t.starts, len(t.text))
		t.append(text)
	}
	t.places = append(t.places, place)
}

func (t *parquetTexts) append(text string) {
	t.text = append(binary.LittleEndian.AppendUint32(t.text, uint32(len(text))), text...)
	if !t.known || text < string(t.low) {
		t.low = append(t.low[:0], text...)
	}
	if !t.known || text > string(t.high) {
		t.high = append(t.high[:0], text...)
	}
	t.known = true
}

func (t *parquetTexts) keep(text string) {
	t.append(text)
	t.ends = append(t.ends, len(t.text))
}

// spill gives the dictionary up.
func (t *parquetTexts) spill() {
	words := bytes.Clone(t.text)
	starts := append(slices.Clone(t.starts), len(words))
	t.many, t.text = true, t.text[:0]
	for _, place := range t.places {
		t.text = append(t.text, words[starts[place]:starts[place+1]]...)
		t.ends = append(t.ends, len(t.text))
	}
	t.places = t.places[:0]
	clear(t.words)
}

func (t *parquetTexts) dictionary() (words []byte, count int, coded bool) {
	return t.text, len(t.starts), !t.many && len(t.starts) > 0
}

func (t *parquetTexts) encode(to []byte, from, end int) []byte {
	if len(t.places) > 0 {
		return appendPlaces(to, t.places[from:end], len(t.starts))
	}
	if from == end {
		return to
	}
	begin := 0
	if from > 0 {
		begin = t.ends[from-1]
	}
	return append(to, t.text[begin:t.ends[end-1]]...)
}

func (t *parquetTexts) bounds() (low, high []byte, known bool) {
	return bytes.Clone(t.low), bytes.Clone(t.high), t.known
}

func (t *parquetTexts) size() int { return len(t.text) + 2*len(t.places) + 8*len(t.ends) }

func (t *parquetTexts) reset() {
	t.places, t.starts, t.text, t.ends = t.places[:0], t.starts[:0], t.text[:0], t.ends[:0]
	t.known = false
	clear(t.words)
}
