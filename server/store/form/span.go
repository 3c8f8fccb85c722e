package form

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/store"
)

// Start begins a span below the one in ctx, by the provider of that one: a store needs no provider of its own, and makes no
// spans for callers that make none. driver is the last part of the import path of who makes it.
func Start(ctx context.Context, driver, name string) (context.Context, trace.Span) {
	provider := trace.SpanFromContext(ctx).TracerProvider()
	return provider.Tracer("github.com/customer-momentum/cmi/server/store/"+driver).Start(ctx, name)
}

// End closes a span. It names the kind of failure only, never its text: what is traced may be seen by people who may not
// see what is stored.
func End(span trace.Span, err error) {
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

// Count says how many of something a call was about.
func Count(span trace.Span, key string, n int) { span.SetAttributes(attribute.Int(key, n)) }

// Tally says how many of what was given met which end.
func Tally(span trace.Span, given string, results []store.Result) {
	if !span.IsRecording() {
		return
	}
	var by [store.Erased + 1]int
	for _, r := range results {
		by[r]++
	}
	Count(span, given, len(results))
	Count(span, "cmi.recorded", by[store.Recorded])
	Count(span, "cmi.replayed", by[store.Replayed])
	Count(span, "cmi.conflicts", by[store.Conflict])
	Count(span, "cmi.erased", by[store.Erased])
}
