package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// A slot holds a text about a customer so that it can be erased from the disk. SQLite leaves copies behind where it moves
// a row to another page, and overwriting the row later does not reach them. So no slot ever moves: it is appended behind
// all others, which moves none of them, and from then on only overwritten by as many bytes, which SQLite does in place. A
// text that no longer fits goes to a new slot, and the old one is filled with zeros.

const (
	appendSlot    = "INSERT INTO slots (seq, body) VALUES (?, ?)"
	overwriteSlot = "UPDATE slots SET body = ? WHERE seq = ?"
	zeroSlot      = "UPDATE slots SET body = zeroblob(length(body)) WHERE seq = ?"
)

// slotRound is what sizes of slots are multiples of.
const slotRound = 128

// slotSize is how large a slot is made for a text: an eighth more than it takes, so that it can grow in place, and round.
func slotSize(text int) int {
	need := uvarintLen(text) + text
	return (need + need/8 + slotRound - 1) / slotRound * slotRound
}

// uvarintLen is how many bytes a length takes.
func uvarintLen(n int) int { return len(binary.AppendUvarint(nil, uint64(n))) }

// fillSlot lays a text out in a slot of a size that it fits in: its length, the text, and zeros to the end.
func fillSlot(text []byte, size int) []byte {
	body := make([]byte, size)
	n := binary.PutUvarint(body, uint64(len(text)))
	copy(body[n:], text)
	return body
}

// slotText reads the text of a slot. No body at all is an empty text.
func slotText(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	length, n := binary.Uvarint(body)
	if n <= 0 || length > uint64(len(body)-n) {
		return nil, errors.New("a slot is damaged")
	}
	return body[n : n+int(length)], nil
}

// appendSlot puts a text into a new slot and answers its number.
func (w *writer) appendSlot(ctx context.Context, text []byte) (int64, error) {
	slot := w.nextSlot
	w.nextSlot++
	if _, err := w.addSlot.ExecContext(ctx, slot, fillSlot(text, slotSize(len(text)))); err != nil {
		return 0, fmt.Errorf("append a slot: %w", err)
	}
	return slot, nil
}

// replaceSlot puts a text in the place of what a slot of a size holds, and answers the slot that holds it now.
func (w *writer) replaceSlot(ctx context.Context, slot int64, size int, text []byte) (int64, error) {
	if uvarintLen(len(text))+len(text) > size {
		if err := w.eraseSlot(ctx, slot); err != nil {
			return 0, err
		}
		return w.appendSlot(ctx, text)
	}
	if _, err := w.overwriteSlot.ExecContext(ctx, fillSlot(text, size), slot); err != nil {
		return 0, fmt.Errorf("overwrite a slot: %w", err)
	}
	return slot, nil
}

// eraseSlot fills a slot with zeros.
func (w *writer) eraseSlot(ctx context.Context, slot int64) error {
	if _, err := w.zeroSlot.ExecContext(ctx, slot); err != nil {
		return fmt.Errorf("erase a slot: %w", err)
	}
	return nil
}
