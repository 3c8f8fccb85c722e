package scoring

import (
	"encoding/binary"
	"math/bits"
)

// Bits are one for each row, the lowest of a byte first, as Apache Arrow has them. The zero value has none.
type Bits struct {
	Bytes []byte
	// From is where the first row stands.
	From int
}

// none tells whether there are no bits at all.
func (b Bits) none() bool { return b.Bytes == nil }

// Has tells whether the bit of a row is there and set.
func (b Bits) Has(row int) bool {
	if b.Bytes == nil {
		return false
	}
	at := b.From + row
	return b.Bytes[at>>3]>>(at&7)&1 != 0
}

// hasOr is Has, where no bits at all stand for all of them set.
func (b Bits) hasOr(row int) bool { return b.Bytes == nil || b.Has(row) }

// word gives the bits of 64 rows; beyond the end there are none.
func (b Bits) word(row int) uint64 {
	at := b.From + row
	bytes := b.Bytes[at>>3:]
	shift := at & 7
	if len(bytes) >= 9 {
		return binary.LittleEndian.Uint64(bytes)>>shift | uint64(bytes[8])<<(64-shift)
	}
	var some [9]byte
	copy(some[:], bytes)
	return binary.LittleEndian.Uint64(some[:])>>shift | uint64(some[8])<<(64-shift)
}

// gaps lists the rows of a block whose bit is not set.
func (b Bits) gaps(from, n int, rows []uint16) []uint16 {
	if b.Bytes == nil {
		return rows
	}
	for i := 0; i < n; i += 64 {
		missing := ^b.word(from + i)
		if left := n - i; left < 64 {
			missing &= 1<<left - 1
		}
		for ; missing != 0; missing &= missing - 1 {
			rows = append(rows, uint16(i+bits.TrailingZeros64(missing)))
		}
	}
	return rows
}
