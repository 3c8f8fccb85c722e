package tables

import (
	"bytes"
	"time"
)

// setSeparator stands between what was chosen in one cell of text.
const setSeparator = ';'

// answer takes the next row from a cell, without rules.
func (b *builder) answer(cell []byte) verdict {
	switch b.field.kind {
	case numbers:
		return b.plain(cell)
	case yesNo:
		return b.yes(cell)
	case words:
		return b.option(cell)
	case sets:
		return b.set(bytes.Split(cell, []byte{setSeparator}))
	case times:
		return b.moment(cell)
	}
	b.text = append(b.text, cell...)
	b.ends = append(b.ends, int32(len(b.text)))
	b.present()
	return taken
}

// yes takes yes or no.
func (b *builder) yes(cell []byte) verdict {
	yes, ok := parseYesNo(cell)
	if !ok {
		b.absent()
		return unreadable
	}
	for len(b.truth) <= b.rows/8 {
		b.truth = append(b.truth, 0)
	}
	if yes {
		b.truth[b.rows/8] |= 1 << (b.rows % 8)
	}
	b.present()
	return taken
}

// parseYesNo reads what tables write for yes and for no, in any case.
func parseYesNo(cell []byte) (yes, ok bool) {
	var room [8]byte
	if len(cell) > len(room) {
		return false, false
	}
	switch string(lower(room[:0], cell)) {
	case "true", "yes", "1", "t", "y":
		return true, true
	case "false", "no", "0", "f", "n":
		return false, true
	}
	return false, false
}

func lower(to, cell []byte) []byte {
	for _, c := range cell {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

// option takes the value of one. What is none makes no answer: the engine says what it says of it.
func (b *builder) option(cell []byte) verdict {
	for k, option := range b.field.options {
		if option == string(cell) {
			b.index = append(b.index, int16(k))
			b.present()
			return taken
		}
	}
	b.absent()
	return unknownOption
}

// set takes what was chosen.
func (b *builder) set(chosen [][]byte) verdict {
	for _, one := range chosen {
		one = bytes.TrimSpace(one)
		if answer, ok := b.field.rules.label(one); ok {
			one = []byte(answer)
		}
		b.text = append(b.text, one...)
		b.ends = append(b.ends, int32(len(b.text)))
	}
	b.counts = append(b.counts, int32(len(b.ends)-1))
	b.present()
	return taken
}

// moment takes a time: as RFC 3339 has it, or a date alone, which begins in UTC.
func (b *builder) moment(cell []byte) verdict {
	text := string(cell)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		at, err = time.Parse(time.DateTime, text)
	}
	if err != nil {
		b.absent()
		return unreadable
	}
	b.moments = append(b.moments, at.UnixMicro())
	b.present()
	return taken
}

// unreadableAs says why a cell makes no answer.
func (f *field) unreadableAs() string {
	switch f.kind {
	case yesNo:
		return "is neither yes nor no"
	case times:
		return "is not a time"
	case numbers:
		return "is not a number"
	}
	return "is not an answer"
}
