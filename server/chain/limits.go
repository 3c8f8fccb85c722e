package chain

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// limiter keeps calls from lasting forever: unary calls by a deadline, streams by an idle limit. A stream is not bounded by
// its whole time, since a long one may be all that a client ever opens.
type limiter struct {
	limits Limits
	drain  *Drain
}

func (l *limiter) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	most := l.limits.MaxDeadline
	if most <= 0 {
		return handler(ctx, req)
	}
	if at, ok := ctx.Deadline(); ok && time.Until(at) <= most {
		return handler(ctx, req)
	}
	bounded := &deadline{Context: ctx, at: time.Now().Add(most)}
	defer bounded.cancel()
	return handler(bounded, req)
}

// stream puts a guard around the stream. A method that takes one message and then only sends (the health service's Watch)
// never asks for another, so neither an idle limit nor a drain could reach it there: its context is cancelled instead.
func (l *limiter) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	g := newGuard(ss, l.limits.StreamIdle, l.limits.DrainRetry, l.drain)
	defer g.close()
	if info.IsClientStream {
		return handler(srv, g)
	}
	ctx, cancel := context.WithCancelCause(ss.Context())
	defer cancel(nil)
	defer l.drain.notify(func() { cancel(draining(l.limits.DrainRetry)) })()
	err := handler(srv, &scoped{g, ctx})
	if sentHome, ok := errors.AsType[*fault.Error](context.Cause(ctx)); ok && err != nil {
		return sentHome
	}
	return err
}

// idle is how a stream ends on which nothing moved.
func idle(what string, limit time.Duration) *fault.Error {
	return fault.New(cmiv1.ErrorReason_STREAM_IDLE, "%s for %s; send again what was not answered.", what, limit)
}
