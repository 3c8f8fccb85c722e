package chain

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// Drain tells streams that the server is shutting down: they take no more, answer what they took, and end. Unary calls just
// finish; they are bounded by their deadlines.
type Drain struct {
	ctx   context.Context
	start context.CancelFunc
}

// NewDrain makes one that has not started.
func NewDrain() *Drain {
	ctx, start := context.WithCancel(context.Background())
	return &Drain{ctx: ctx, start: start}
}

// Start sends the streams home. It may be called more than once and cannot be undone.
func (d *Drain) Start() { d.start() }

// Done is closed when the drain has started.
func (d *Drain) Done() <-chan struct{} { return d.ctx.Done() }

// Started tells whether it has.
func (d *Drain) Started() bool { return d.ctx.Err() != nil }

// notify runs f once the drain starts; stop takes that back. It costs no goroutine while nothing happens.
func (d *Drain) notify(f func()) (stop func() bool) { return context.AfterFunc(d.ctx, f) }

// draining is how a stream ends that was sent home.
func draining(retry time.Duration) *fault.Error {
	e := fault.New(cmiv1.ErrorReason_SERVER_DRAINING,
		"The server is shutting down. What it took is answered; send the rest again.")
	e.RetryAfter = retry
	return e
}
