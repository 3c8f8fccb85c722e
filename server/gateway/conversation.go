package gateway

import (
	"context"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway/ndjson"
	"github.com/customer-momentum/cmi/server/gateway/spool"
)

// conversation is one stream.
type conversation struct {
	log     *slog.Logger
	call    grpc.BidiStreamingClient[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]
	cancel  context.CancelFunc
	body    io.Reader
	lines   *ndjson.Reader
	maxLine int
	spool   *spool.Spool
	limit   int64
	out     *outlet
	id      string

	// began is closed when the call was let in, ended when final is decided, read and received when the goroutines that
	// send and receive are through.
	began, ended, read, received chan struct{}
	// final is why the call ended, nil after a clean end.
	final error

	mu sync.Mutex
	// sent and answered count chunks.
	sent, answered int
	// stopped is what was wrong with the input; cancelled says that the call was cancelled for it.
	stopped   error
	cancelled bool
}

// stop ends the input with a fault: nothing more is sent, and when the chunks that were sent are answered, the call is
// cancelled, never half-closed, which would be taken for a clean end. What was sent is not waited for when the client is gone.
func (c *conversation) stop(err error, gone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = err
	c.cancelIfDone(gone)
}

// chunkSent counts a chunk on its way.
func (c *conversation) chunkSent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
}

// chunkAnswered counts an answer that was put where the client finds it.
func (c *conversation) chunkAnswered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered++
	c.cancelIfDone(false)
}

func (c *conversation) cancelIfDone(now bool) {
	if c.stopped != nil && (now || c.answered >= c.sent) {
		c.cancelled = true
		c.cancel()
	}
}

func (c *conversation) wasStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped != nil
}

// verdict answers why the call ended: because of its input where that is why it was cancelled.
func (c *conversation) verdict(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancelled {
		return c.stopped
	}
	return err
}

// finish ends whatever still goes on and waits for it, so that nothing outlives the request.
func (c *conversation) finish() {
	c.cancel()
	c.spool.Discard(errGone)
	c.out.linger(c.read)
	<-c.read
	<-c.received
	c.lines.Release()
	c.out.reset()
}

// panicked turns the panic of a goroutine, which would end the process, into the end of this stream.
func (c *conversation) panicked(p any) {
	c.log.Error("panic in a stream over HTTP", "panic", p, "request_id", c.id, "stack", string(debug.Stack()))
	c.stop(fault.New(cmiv1.ErrorReason_INTERNAL_ERROR, "Internal error."), true)
}

const (
	// shortPatience is how long the input waits for a client that stopped reading while little is spooled, longPatience
	// when the spool is full. One that reads at all, however slowly, is waited for and never refused; one that only writes
	// is found out by its stillness.
	shortPatience = 100 * time.Millisecond
	longPatience  = 5 * time.Second
)

// holdBack keeps the input from running ahead of a client that reads. It lets go when the spool is short, or when the client
// does not read at all: then it may be one that reads only once it has written everything, and waiting would be for ever.
func (c *conversation) holdBack() {
	for {
		waiting := c.spool.Len()
		if waiting <= spoolMemory {
			return
		}
		full := float64(waiting) / float64(c.limit)
		patience := shortPatience + time.Duration(full*float64(longPatience-shortPatience))
		left := patience - c.out.still()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-c.spool.Drained():
		case <-timer.C:
		case <-c.ended:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}
