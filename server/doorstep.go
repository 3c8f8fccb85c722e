package server

import (
	"net"
	"sync"
	"sync/atomic"
)

// doorstep is the listener of the gRPC port. It knows who stands at the door, because gRPC waits for whoever has connected
// and not yet finished greeting: up to its connection timeout, even when it is told to stop at once. A port scanner, or a
// balancer that keeps a bare connection open, would so hold up a shutdown beyond every bound.
type doorstep struct {
	net.Listener

	mu   sync.Mutex
	here map[*visitor]struct{}
}

func newDoorstep(l net.Listener) *doorstep {
	return &doorstep{Listener: l, here: make(map[*visitor]struct{})}
}

// Accept lets the next one in.
func (d *doorstep) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	v := &visitor{Conn: conn, at: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.here[v] = struct{}{}
	return v, nil
}

// Close lets nobody in any more, and sends away who has said nothing yet.
func (d *doorstep) Close() error {
	err := d.Listener.Close()
	d.dismiss(func(v *visitor) bool { return !v.spoke.Load() })
	return err
}

// clear sends everybody away.
func (d *doorstep) clear() { d.dismiss(func(*visitor) bool { return true }) }

func (d *doorstep) dismiss(whom func(*visitor) bool) {
	d.mu.Lock()
	var going []*visitor
	for v := range d.here {
		if whom(v) {
			going = append(going, v)
		}
	}
	d.mu.Unlock()
	for _, v := range going {
		_ = v.Close() // it may have gone by itself
	}
}

// visitor is one connection.
type visitor struct {
	net.Conn
	at    *doorstep
	spoke atomic.Bool
}

// Read reads, and notes that something was said.
func (v *visitor) Read(p []byte) (int, error) {
	n, err := v.Conn.Read(p)
	if n > 0 && !v.spoke.Load() {
		v.spoke.Store(true)
	}
	return n, err
}

// Close closes the connection and forgets it.
func (v *visitor) Close() error {
	v.at.mu.Lock()
	delete(v.at.here, v)
	v.at.mu.Unlock()
	return v.Conn.Close()
}
