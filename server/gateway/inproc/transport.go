package inproc

import (
	"errors"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// transportStream is what grpc.SetHeader, grpc.SendHeader and grpc.SetTrailer write to during a call.
type transportStream struct {
	method string

	mu      sync.Mutex
	header  metadata.MD
	trailer metadata.MD
	sent    bool
	// onSend, where set, is told once that the header is complete.
	onSend func()
}

var errHeaderSent = errors.New("inproc: the header was sent already")

// Method answers the full name of the method.
func (t *transportStream) Method() string { return t.method }

// SetHeader adds to the header.
func (t *transportStream) SetHeader(md metadata.MD) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent {
		return errHeaderSent
	}
	t.header = metadata.Join(t.header, md)
	return nil
}

// SendHeader adds to the header and completes it.
func (t *transportStream) SendHeader(md metadata.MD) error {
	if err := t.SetHeader(md); err != nil {
		return err
	}
	t.complete()
	return nil
}

// complete sends the header if it was not sent yet.
func (t *transportStream) complete() {
	t.mu.Lock()
	first := !t.sent
	t.sent = true
	t.mu.Unlock()
	if first && t.onSend != nil {
		t.onSend()
	}
}

// SetTrailer adds to the trailer.
func (t *transportStream) SetTrailer(md metadata.MD) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trailer = metadata.Join(t.trailer, md)
	return nil
}

// metadata answers what was set so far.
func (t *transportStream) metadata() (header, trailer metadata.MD) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.header, t.trailer
}

// answer hands header and trailer to the call options that ask for them.
func (t *transportStream) answer(opts []grpc.CallOption) {
	header, trailer := t.metadata()
	for _, opt := range opts {
		switch o := opt.(type) {
		case grpc.HeaderCallOption:
			*o.HeaderAddr = header
		case grpc.TrailerCallOption:
			*o.TrailerAddr = trailer
		}
	}
}
