package gateway

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/customer-momentum/cmi/server/gateway/spool"
)

const (
	// piece is how much is written at once: small enough that a slow reader is seen to read.
	piece = 16 << 10
	// lingerQuiet is how long a client must send nothing to be taken to have stopped, once it was told that the stream
	// failed; lingerTotal bounds the wait for one that does not stop.
	lingerQuiet = 500 * time.Millisecond
	lingerTotal = 30 * time.Second
	// extendEvery is how often at most the patience with a client that writes, and does not read, is renewed.
	extendEvery = time.Second
)

// outlet is the way to the client of one stream, and knows how it is with the connection: whether a write waits, since when,
// and whether the client is alive otherwise.
type outlet struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	stall time.Duration

	mu       sync.Mutex
	since    time.Time // of the write that waits; zero when none does
	extended time.Time
	closing  time.Time // when all was written; zero before
}

func newOutlet(w http.ResponseWriter, stall time.Duration) *outlet {
	return &outlet{w: w, rc: http.NewResponseController(w), stall: stall}
}

// open lifts the limits that the server has for short calls, and lets answers be sent while the body still comes. On HTTP/2,
// and with writers that cannot, that needs no asking or does not matter.
func (o *outlet) open(r *http.Request) error {
	_ = o.rc.EnableFullDuplex()
	_ = o.rc.SetReadDeadline(time.Time{})
	_ = o.rc.SetWriteDeadline(time.Time{})
	if r.ProtoMajor == 1 && r.Header.Get("Expect") != "" {
		o.w.WriteHeader(http.StatusContinue) // before the 200, which would otherwise come first
	}
	return nil
}

// deliver writes what the spool gives until there is no more, flushing whenever it has caught up. When the client is gone the
// call is cancelled.
func (c *conversation) deliver() {
	buf := make([]byte, piece)
	err := c.out.write(nil, true)
	for err == nil {
		var n int
		if n, err = c.spool.Read(buf); err != nil {
			break
		}
		err = c.out.write(buf[:n], c.spool.Len() == 0)
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, spool.ErrClosed) {
		c.cancel()
	}
}

// write writes and perhaps flushes, for at most the time that a client may stay still.
func (o *outlet) write(p []byte, flush bool) error {
	o.begin()
	defer o.end()
	if len(p) > 0 {
		if _, err := o.w.Write(p); err != nil {
			return err
		}
	}
	if flush {
		return o.rc.Flush()
	}
	return nil
}

func (o *outlet) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Now()
	o.extended = o.since
	_ = o.rc.SetWriteDeadline(o.since.Add(o.stall))
}

func (o *outlet) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Time{}
	_ = o.rc.SetWriteDeadline(time.Time{}) // on HTTP/2 a deadline ends the stream even when nothing is being written
}

// inputMoved renews the patience with a write that waits: the client is busy writing.
func (o *outlet) inputMoved() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); !o.since.IsZero() && now.Sub(o.extended) > extendEvery {
		o.extended = now
		_ = o.rc.SetWriteDeadline(now.Add(o.stall))
	}
}

// still answers for how long a write has waited.
func (o *outlet) still() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	return time.Since(o.since)
}

// waitInput sets until when the next piece of a body that nobody wants is waited for: as long as answers are still to be
// read, with the patience of a stream; after that, briefly.
func (o *outlet) waitInput() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	switch {
	case o.closing.IsZero():
		return o.rc.SetReadDeadline(now.Add(o.stall))
	case now.Sub(o.closing) > lingerTotal:
		return http.ErrHandlerTimeout
	default:
		return o.rc.SetReadDeadline(now.Add(lingerQuiet))
	}
}

// linger makes a read of the body that still waits end soon: nothing comes of it any more. A body that was read to its end
// is left alone, since the connection can serve another request.
func (o *outlet) linger(read <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closing = time.Now()
	select {
	case <-read:
	default:
		_ = o.rc.SetReadDeadline(o.closing.Add(lingerQuiet))
	}
}

// reset leaves the connection without the deadlines of this stream.
func (o *outlet) reset() { _ = o.rc.SetWriteDeadline(time.Time{}) }
