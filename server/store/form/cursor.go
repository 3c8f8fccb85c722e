package form

import (
	"encoding/binary"
	"math"

	"github.com/customer-momentum/cmi/server/store"
)

// CursorAt has the number of a row for the tie-break: rows of one microsecond are listed in the order in which they came, the
// last first.
func CursorAt(at, seq int64) store.Cursor {
	c := store.Cursor{SubmittedAt: at}
	binary.BigEndian.PutUint64(c.Key[8:], uint64(seq))
	return c
}

// SeqOf reads back what CursorAt wrote. A key beyond every number stands behind them all.
func SeqOf(c store.Cursor) int64 {
	return int64(min(binary.BigEndian.Uint64(c.Key[8:]), math.MaxInt64))
}
