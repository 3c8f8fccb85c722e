package sqlite

import (
	"bytes"
	"context"
	"testing"
)

// TestSlotsAreRoundAndRoomy checks sizes by hand: 1 byte of length up to 127 bytes of text, 2 from there on; an eighth of
// room; the next multiple of 128.
func TestSlotsAreRoundAndRoomy(t *testing.T) {
	t.Parallel()
	for text, want := range map[int]int{
		0:     128,
		40:    128,   // 41 + 5
		113:   128,   // 114 + 14 = 128
		114:   256,   // 115 + 14 = 129
		127:   256,   // 128 + 16
		128:   256,   // 130 + 16
		1_000: 1_152, // 1002 + 125 = 1127
	} {
		if got := slotSize(text); got != want {
			t.Errorf("%d bytes: got a slot of %d, want %d", text, got, want)
		}
	}
}

func FuzzSlotText(f *testing.F) {
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte("text"), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add(bytes.Repeat([]byte("long"), 100), []byte{0x80})
	f.Fuzz(func(t *testing.T, text, damaged []byte) {
		got, err := slotText(fillSlot(text, slotSize(len(text))))
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("got %q, %v; want %q", got, err, text)
		}
		if got, err := slotText(damaged); err == nil && len(got) > len(damaged) {
			t.Errorf("%x: read beyond the slot", damaged)
		}
	})
}

// inWriter runs do as the only thing of a transaction.
func inWriter(t *testing.T, s *Store, do func(context.Context, *writer) error) {
	t.Helper()
	r := newRequest()
	r.apply = do
	if err := s.writer.submit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func TestSlotsGrowInPlaceOrMove(t *testing.T) {
	t.Parallel()
	s := open(t)
	text := func(ctx context.Context, w *writer, slot int64) (int, string) {
		var body []byte
		if err := w.conn.QueryRowContext(ctx, "SELECT body FROM slots WHERE seq = ?", slot).Scan(&body); err != nil {
			t.Fatal(err)
		}
		text, err := slotText(body)
		if err != nil {
			t.Fatal(err)
		}
		return len(body), string(text)
	}
	inWriter(t, s, func(ctx context.Context, w *writer) error {
		first, err := w.appendSlot(ctx, bytes.Repeat([]byte("a"), 100))
		if err != nil {
			return err
		}
		same, err := w.replaceSlot(ctx, first, 128, bytes.Repeat([]byte("b"), 127))
		if err != nil {
			return err
		}
		if size, got := text(ctx, w, same); same != first || size != 128 || got != string(bytes.Repeat([]byte("b"), 127)) {
			t.Errorf("a text that fits: slot %d of %d bytes holds %q", same, size, got)
		}
		next, err := w.replaceSlot(ctx, first, 128, bytes.Repeat([]byte("c"), 128))
		if err != nil {
			return err
		}
		if size, got := text(ctx, w, next); next == first || size != 256 || got != string(bytes.Repeat([]byte("c"), 128)) {
			t.Errorf("a text that does not: slot %d of %d bytes holds %q", next, size, got)
		}
		if size, got := text(ctx, w, first); size != 128 || got != "" {
			t.Errorf("the slot that was left: %d bytes, %q", size, got)
		}
		return nil
	})
}
