package tables

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// mostWidth is how many bits a place in a dictionary may have.
const mostWidth = 32

// runs reads whole numbers of some bits each, which stand there as runs of one number and as stretches of packed ones.
type runs struct {
	data  []byte
	width int // bits of a number, mostWidth at most

	same   int // how many of value are left
	value  uint32
	packed int // how many are left
	bit    int // where the next one begins
}

var errRuns = errors.New("a page is cut off, or has wrong lengths or numbers")

// begin begins with the next run.
func (r *runs) begin() error {
	// What was packed is followed by whole bytes.
	r.data = r.data[min(len(r.data), (r.bit+7)/8):]
	r.bit = 0
	head, size := binary.Uvarint(r.data)
	const most = 1 << 32
	if size <= 0 || head >= most {
		return errRuns
	}
	r.data = r.data[size:]
	if head&1 != 0 {
		// The last numbers of a group of eight may be left out at the end of a page.
		r.packed = min(int(head>>1)*8, len(r.data)*8/r.width)
		if r.packed == 0 {
			return errRuns
		}
		return nil
	}
	whole := (r.width + 7) / 8
	if head == 0 || len(r.data) < whole {
		return errRuns
	}
	var room [4]byte
	copy(room[:], r.data[:whole])
	r.data, r.same, r.value = r.data[whole:], int(head>>1), binary.LittleEndian.Uint32(room[:])
	if r.width < mostWidth && r.value>>r.width != 0 {
		return errRuns
	}
	return nil
}

// take reads numbers.
func (r *runs) take(to []uint32) error {
	if r.width == 0 {
		clear(to)
		return nil
	}
	for len(to) > 0 {
		if r.same == 0 && r.packed == 0 {
			if err := r.begin(); err != nil {
				return err
			}
		}
		if r.same > 0 {
			n := min(r.same, len(to))
			for k := range n {
				to[k] = r.value
			}
			r.same -= n
			to = to[n:]
			continue
		}
		n := min(r.packed, len(to))
		unpack(to[:n], r.data, r.bit, r.width)
		r.packed -= n
		r.bit += n * r.width
		to = to[n:]
	}
	return nil
}

// bits reads numbers of one bit into bits.
func (r *runs) bits(to []byte, at, rows int) error {
	for rows > 0 {
		if r.same == 0 && r.packed == 0 {
			if err := r.begin(); err != nil {
				return err
			}
		}
		n := min(max(r.same, r.packed), rows)
		if r.same > 0 {
			bitutil.SetBitsTo(to, int64(at), int64(n), r.value != 0)
			r.same -= n
		} else {
			bitutil.CopyBitmap(r.data, r.bit, n, to, at)
			r.packed -= n
			r.bit += n
		}
		at, rows = at+n, rows-n
	}
	return nil
}

// unpack reads packed numbers from a bit on: as many at once as are whole in eight bytes, wherever in a byte they begin.
func unpack(to []uint32, data []byte, bit, width int) {
	const whole = 64 - 7
	mask := uint32(1)<<width - 1
	for len(to) > 0 {
		var x uint64
		if from := data[bit/8:]; len(from) >= 8 {
			x = binary.LittleEndian.Uint64(from)
		} else {
			var room [8]byte
			copy(room[:], from)
			x = binary.LittleEndian.Uint64(room[:])
		}
		x >>= bit % 8
		n := min(whole/width, len(to))
		for k := range to[:n] {
			to[k] = uint32(x) & mask
			x >>= width
		}
		to = to[n:]
		bit += n * width
	}
}
