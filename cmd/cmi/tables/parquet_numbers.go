package tables

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// mostWords is how many words a dictionary has at most; with more it would save little.
const mostWords = 1 << 15

// parquetNumbers are values of 4 or 8 bytes. Scores are few: means of a handful of answers on a scale of a few.
type parquetNumbers[T uint32 | uint64] struct {
	raw   func(values []byte) []T
	order order[T]
	plain func(to []byte, value T) []byte

	places []uint16 // in words
	words  []T
	slots  []uint16 // of words, by their hash: places from 1 on
	shift  int      // what of a hash is the slot
	// many tells that there were too many words once: values are kept as they are, from then on.
	many   bool
	values []T

	low, high T
	known     bool // low and high
	room      []byte
}

func newParquetNumbers[T uint32 | uint64](raw func([]byte) []T, by order[T], plain func([]byte, T) []byte) *parquetNumbers[T] {
	n := &parquetNumbers[T]{raw: raw, order: by, plain: plain}
	const first = 1 << 9
	n.widen(first)
	return n
}

func (n *parquetNumbers[T]) add(from arrow.Array) {
	values := n.raw(from.Data().Buffers()[1].Bytes())[from.Data().Offset():][:from.Len()]
	if from.NullN() == 0 {
		n.take(values)
		return
	}
	bits, offset := from.NullBitmapBytes(), from.Data().Offset()
	for at := 0; at < len(values); {
		begin := at
		for at < len(values) && bitutil.BitIsSet(bits, offset+at) {
			at++
		}
		n.take(values[begin:at])
		for at < len(values) && !bitutil.BitIsSet(bits, offset+at) {
			at++
		}
	}
}

// take takes values that are there.
func (n *parquetNumbers[T]) take(values []T) {
	for k, x := range values {
		if n.many {
			n.keep(values[k:])
			return
		}
		slot := n.slot(x)
		place := n.slots[slot]
		if place == 0 {
			if len(n.words) == mostWords {
				n.spill()
				n.keep(values[k:])
				return
			}
			place = n.learn(x, slot)
		}
		n.places = append(n.places, place-1)
	}
}

// slot finds the slot of a word: its own, or the empty one that it would have. Half of them are empty at least.
func (n *parquetNumbers[T]) slot(x T) int {
	const golden = 0x9e3779b97f4a7c15
	slot := int(uint64(x) * golden >> n.shift)
	for {
		place := n.slots[slot]
		if place == 0 || n.words[place-1] == x {
			return slot
		}
		slot = (slot + 1) & (len(n.slots) - 1)
	}
}

// learn takes a new word into the dictionary and answers its place, from 1 on.
func (n *parquetNumbers[T]) learn(x T, slot int) uint16 {
	n.bound(x)
	n.words = append(n.words, x)
	n.slots[slot] = uint16(len(n.words))
	if 2*len(n.words) > len(n.slots) {
		n.widen(2 * len(n.slots))
	}
	return uint16(len(n.words))
}

func (n *parquetNumbers[T]) widen(slots int) {
	n.slots, n.shift = make([]uint16, slots), 64-bits.Len(uint(slots-1))
	for k, x := range n.words {
		n.slots[n.slot(x)] = uint16(k + 1)
	}
}

// spill gives the dictionary up.
func (n *parquetNumbers[T]) spill() {
	n.many = true
	for _, place := range n.places {
		n.values = append(n.values, n.words[place])
	}
	n.places = n.places[:0]
}

func (n *parquetNumbers[T]) keep(values []T) {
	n.values = append(n.values, values...)
	for _, x := range values {
		n.bound(x)
	}
}

// bound widens the bounds for a value, unless it has no order.
func (n *parquetNumbers[T]) bound(x T) {
	if _, ordered := n.order(x, x); !ordered {
		return
	}
	if !n.known {
		n.low, n.high, n.known = x, x, true
	}
	if below, _ := n.order(x, n.low); below {
		n.low = x
	}
	if above, _ := n.order(n.high, x); above {
		n.high = x
	}
}

func (n *parquetNumbers[T]) dictionary() (words []byte, count int, coded bool) {
	if n.many || len(n.words) == 0 {
		return nil, 0, false
	}
	n.room = n.room[:0]
	for _, x := range n.words {
		n.room = n.plain(n.room, x)
	}
	return n.room, len(n.words), true
}

func (n *parquetNumbers[T]) encode(to []byte, from, end int) []byte {
	if len(n.words) > 0 && !n.many {
		return appendPlaces(to, n.places[from:end], len(n.words))
	}
	for _, x := range n.values[from:end] {
		to = n.plain(to, x)
	}
	return to
}

func (n *parquetNumbers[T]) bounds() (low, high []byte, known bool) {
	return n.plain(nil, n.low), n.plain(nil, n.high), n.known
}

func (n *parquetNumbers[T]) size() int { return 2*len(n.places) + 8*len(n.values) }

func (n *parquetNumbers[T]) reset() {
	n.places, n.words, n.values, n.known = n.places[:0], n.words[:0], n.values[:0], false
	clear(n.slots)
}
