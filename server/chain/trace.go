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

func (t *tracing) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if t.calls == nil {
		return handler(ctx, req)
	}
	call := t.calls.Begin(ctx, spoken(ctx))
	if call == nil {
		return handler(ctx, req)
	}
	answer, err := handler(call, req)
	call.End(status.Code(err))
	return answer, err
}

func (t *tracing) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if t.calls == nil {
		return handler(srv, ss)
	}
	call := t.calls.Begin(ss.Context(), spoken(ss.Context()))
	if call == nil {
		return handler(srv, ss)
	}
	err := handler(srv, &scoped{ss, call})
	call.End(status.Code(err))
	return err
}

// other is what spans and metrics call the methods that clients make up.
const other = "_OTHER"

// spoken answers the name of the called method as far as it is one of ours: what strangers make up has no end, and whoever
// may not call at all could fill the metrics with it.
func spoken(ctx context.Context) string {
	if m := callOf(ctx).method; m.rule != 0 {
		return m.name
	}
	return other
}
