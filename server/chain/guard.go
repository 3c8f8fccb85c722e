package chain

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// guard lets a handler return from a stream that does not move. gRPC's own RecvMsg and SendMsg wait for as long as the
// call lives, and the call lives for as long as the handler does; so each runs in a goroutine of its own, one a stream and
// direction, and the handler waits for it, for the drain and for the idle limit alike. When the handler has returned, gRPC
// cancels the stream, which ends those goroutines.
//
// A message that RecvMsg or SendMsg was given belongs to the guard for good once they answered an error: the goroutine may
// still use it.
type guard struct {
	grpc.ServerStream
	limit   time.Duration
	retry   time.Duration
	drain   *Drain
	receive *worker
	send    *worker
	start   time.Time
	// moved is when a message last went either way, as time since start: a client that only reads is not idle.
	moved atomic.Int64
	// over is closed when the handler has returned.
	over chan struct{}
}

func newGuard(ss grpc.ServerStream, limit, retry time.Duration, drain *Drain) *guard {
	over := make(chan struct{})
	return &guard{
		ServerStream: ss, limit: limit, retry: retry, drain: drain, start: time.Now(), over: over,
		receive: newWorker(ss.RecvMsg, over), send: newWorker(ss.SendMsg, over),
	}
}

// close ends the goroutines as soon as they are no longer inside gRPC.
func (g *guard) close() { close(g.over) }

// RecvMsg answers the next message, unless the drain has started: what is not taken is not answered, and the client sends
// it again elsewhere. A message that came in before the drain was noticed is answered, not lost.
func (g *guard) RecvMsg(m any) error {
	if g.drain.Started() && g.receive.ended == nil {
		g.receive.ended = draining(g.retry)
	}
	if err := g.receive.hand(m, g.limit); err != nil {
		return err
	}
	for {
		select {
		case err := <-g.receive.done:
			g.touch()
			return err
		case <-g.drain.Done():
			return g.receive.end(draining(g.retry))
		case <-g.receive.timer.C:
			if rest := g.limit - g.still(); rest > 0 {
				g.receive.timer.Reset(rest)
				continue
			}
			return g.receive.end(idle("No message came", g.limit))
		}
	}
}

// SendMsg sends a message. It gives up when the client does not read for the idle limit. A drain does not stop it: what was
// taken is answered.
func (g *guard) SendMsg(m any) error {
	if err := g.send.hand(m, g.limit); err != nil {
		return err
	}
	select {
	case err := <-g.send.done:
		g.touch()
		if errors.Is(err, io.EOF) {
			// Some transports say so when the client is gone.
			return context.Canceled
		}
		return err
	case <-g.send.timer.C:
		return g.send.end(idle("The answers were not read", g.limit))
	}
}

func (g *guard) touch() { g.moved.Store(int64(time.Since(g.start))) }

// still is how long nothing has moved.
func (g *guard) still() time.Duration { return time.Since(g.start) - time.Duration(g.moved.Load()) }
