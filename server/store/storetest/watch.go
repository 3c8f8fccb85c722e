package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// watchEnds ends one watch by its context and another by closing the store. What is told in between is the driver's own test:
// it takes a second process.
func watchEnds(t *testing.T, s store.Store) {
	nothing := func(store.Change) {}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Watch(ctx, nothing) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if err := s.Watch(ctx, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Watch(t.Context(), nothing); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after Close: got %v", err)
	}
}
