// Package requestid names a call, so that what a client saw, what the log says and what a trace shows can be brought
// together. It stands alone, so that whatever logs or answers errors can read the name without knowing the chain.
package requestid

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// Header is the metadata key and HTTP header that carries the id, both ways.
const Header = "x-request-id"

// maxLength bounds an id that a client chose: long enough for two UUIDs and a prefix, short enough for every log line.
const maxLength = 128

// Key is what a context answers a *string for. With uses it; so may a context of one's own that carries more than the id,
// to save allocations on every call.
type Key struct{}

// With answers a context that carries the id.
func With(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, Key{}, &id)
}

// From answers the id of the call that ctx belongs to, empty when there is none.
func From(ctx context.Context) string {
	if id, ok := ctx.Value(Key{}).(*string); ok {
		return *id
	}
	return ""
}

// Sane tells whether an id that a client chose may be taken over: it goes into log lines and headers, so it is short and
// made of letters, digits and a few marks.
func Sane(id string) bool {
	if id == "" || len(id) > maxLength {
		return false
	}
	for i := range len(id) {
		if !plain(id[i]) {
			return false
		}
	}
	return true
}

func plain(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=', c == '@':
		return true
	default:
		return false
	}
}

// New makes an id: a UUID of version 7, which sorts by time. It need not be unguessable, so it takes the fast generator
// of math/rand/v2 instead of asking the kernel on every call.
func New(now time.Time) string {
	var u [16]byte
	ms := now.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	a, b := rand.Uint64(), rand.Uint64()
	for i := range 8 {
		u[6+i] = byte(a >> (8 * i))
	}
	u[14], u[15] = byte(b), byte(b>>8)
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80

	var text [36]byte
	hex.Encode(text[0:8], u[0:4])
	hex.Encode(text[9:13], u[4:6])
	hex.Encode(text[14:18], u[6:8])
	hex.Encode(text[19:23], u[8:10])
	hex.Encode(text[24:36], u[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
