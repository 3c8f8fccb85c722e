// Package page makes page tokens: where a list goes on, bound to the filters that it was read with. A token is a keyset
// place, not an offset, so pages neither skip nor repeat while others write.
package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// DefaultSize is the size of a page whose request names none.
const DefaultSize = 100

// List is what the requests of paged lists have in common.
type List interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// token is what a page token holds. Short names keep it short.
type token struct {
	Filter []byte          `json:"f"`
	Place  json.RawMessage `json:"p"`
}

// Size answers how many entries the request asks for.
func Size(request List) int {
	if n := request.GetPageSize(); n > 0 {
		return int(n)
	}
	return DefaultSize
}

// Next makes the token of the page after place. place is any value that encoding/json carries without loss.
func Next(request List, place any) (string, error) {
	raw, err := json.Marshal(place)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(token{Filter: fingerprint(request), Place: raw})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(body), nil
}

// Cut answers what of entries is the page, and the token of the next one: entries are one more than the request asks for where
// there is one. place is where an entry stands.
func Cut[T any](request List, entries []T, place func(T) any) ([]T, string, error) {
	size := Size(request)
	if len(entries) <= size {
		return entries, "", nil
	}
	next, err := Next(request, place(entries[size-1]))
	if err != nil {
		return nil, "", fmt.Errorf("make page token: %w", err)
	}
	return entries[:size], next, nil
}

// Resume reads the request's token into place, and answers false where it has none. A token that is not one of this list
// with these filters is refused.
func Resume(request List, place any) (bool, error) {
	text := request.GetPageToken()
	if text == "" {
		return false, nil
	}
	var t token
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(body, &t)
	}
	if err == nil && !bytes.Equal(t.Filter, fingerprint(request)) {
		return false, refuse("this token belongs to a list with other filters; start again without it")
	}
	if err == nil {
		err = json.Unmarshal(t.Place, place)
	}
	if err != nil {
		return false, refuse("not a token of this list; send the next_page_token of the page before, whole")
	}
	return true, nil
}

func refuse(text string) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_PAGE_TOKEN, "page_token", "%s", text)
}

// fingerprint tells lists apart: the request without its place and size, which may change from page to page.
func fingerprint(request List) []byte {
	filter := proto.Clone(request)
	m := filter.ProtoReflect()
	fields := m.Descriptor().Fields()
	m.Clear(fields.ByName("page_token"))
	m.Clear(fields.ByName("page_size"))
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(filter)
	if err != nil {
		// Only a string that is not UTF-8 fails here, and none such gets past the decoders; no token matches it.
		return nil
	}
	sum := sha256.Sum256(append([]byte(m.Descriptor().FullName()+"\x00"), body...))
	return sum[:8]
}
