package load

import (
	"fmt"

	"google.golang.org/grpc/mem"
)

// raw is a codec that sends bytes as they are and looks at answers only where asked to.
type raw struct{}

// reply is an answer that was not decoded.
type reply struct {
	size int
	// body is the answer where it is no longer than keep.
	body []byte
	keep int
}

// Name says what the bytes are.
func (raw) Name() string { return "proto" }

// Marshal answers the bytes that it is given.
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	body, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is not bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(body)}, nil
}

// Unmarshal measures the answer.
func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	r, ok := v.(*reply)
	if !ok {
		return fmt.Errorf("%T is not a reply", v)
	}
	r.size = data.Len()
	r.body = nil
	if r.size <= r.keep {
		r.body = data.Materialize()
	}
	return nil
}
