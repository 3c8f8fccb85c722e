package server

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// attendance counts the connections of the HTTP port and the calls on them. net/http forgets both when it is closed while they
// still run, and then nobody knows when the store may be closed.
type attendance struct {
	mu   sync.Mutex
	here int
	// empty is closed and made anew when the last one leaves.
	empty chan struct{}
}

// around counts everything that a server does. It is told once, before the server serves.
func (a *attendance) around(s *http.Server) {
	a.empty = make(chan struct{})
	s.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			a.enter()
		case http.StateClosed, http.StateHijacked:
			a.leave()
		}
	}
	// On HTTP/2 a call can outlive its connection.
	calls := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.enter()
		defer a.leave()
		calls.ServeHTTP(w, r)
	})
}

func (a *attendance) enter() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.here++
}

func (a *attendance) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.here--; a.here == 0 {
		close(a.empty)
		a.empty = make(chan struct{})
	}
}

// wait waits until everybody has left. New connections must not come any more.
func (a *attendance) wait(ctx context.Context) error {
	for {
		a.mu.Lock()
		here, empty := a.here, a.empty
		a.mu.Unlock()
		if here == 0 {
			return nil
		}
		select {
		case <-empty:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
