package chain

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/server/telemetry"
)

// tracing puts a span around every call and measures how long it takes. Without Calls it does nothing.
type tracing struct {
	calls *telemetry.Calls
}

func (t *tracing) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if t.calls == nil {
		return handler(ctx, req)
	}
	call := t.calls.Begin(ctx, info.FullMethod)
	if call == nil {
		return handler(ctx, req)
	}
	answer, err := handler(call, req)
	call.End(status.Code(err))
	return answer, err
}

func (t *tracing) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if t.calls == nil {
		return handler(srv, ss)
	}
	call := t.calls.Begin(ss.Context(), info.FullMethod)
	if call == nil {
		return handler(srv, ss)
	}
	err := handler(srv, &scoped{ss, call})
	call.End(status.Code(err))
	return err
}
