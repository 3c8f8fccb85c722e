package sqlite

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/store"
)

// start begins a span below the one in ctx, by the provider of that one: the store needs no provider of its own, and
// makes no spans for callers that make none.
func start(ctx context.Context, name string) (context.Context, trace.Span) {
	provider := trace.SpanFromContext(ctx).TracerProvider()
	return provider.Tracer("github.com/customer-momentum/cmi/server/store/sqlite").Start(ctx, name)
}

// end closes a span. It names the kind of failure only, never its text: what is traced may be seen by people who may not
// see what is stored.
func end(span trace.Span, err error) {
	switch {
	case err == nil, errors.Is(err, store.ErrNotFound):
	case errors.Is(err, context.Canceled):
		span.SetStatus(codes.Error, "cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		span.SetStatus(codes.Error, "deadline exceeded")
	case errors.Is(err, store.ErrUnavailable):
		span.SetStatus(codes.Error, "store unavailable")
	default:
		span.SetStatus(codes.Error, "refused")
	}
	span.End()
}

// count says how many of something a call was about.
func count(span trace.Span, key string, n int) { span.SetAttributes(attribute.Int(key, n)) }
