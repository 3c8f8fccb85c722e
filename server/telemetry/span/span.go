// Package span marks a part of a call in its trace. Use cases and stores both use it, so it knows no exporter and no
// provider: the tracer comes from the span that the context already carries.
package span

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope is what traces name as the source of these spans.
const scope = "github.com/customer-momentum/cmi"

// Start begins a span under the one in ctx; the caller ends it. Where that one is not recorded (the call was not sampled,
// or there is none) nothing is recorded here either, and Start costs a look into ctx and no allocation.
func Start(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, noop.Span{}
	}
	child, s := parent.TracerProvider().Tracer(scope).Start(ctx, name)
	s.SetAttributes(attrs...)
	return child, s
}

// Fail marks a span as failed, and leaves it alone when err is nil. Only what kind of failure it was goes into the trace:
// an error's text may carry what customers answered, and traces are read by more people than the store.
func Fail(s trace.Span, err error, kind string) {
	if err == nil {
		return
	}
	s.SetStatus(codes.Error, kind)
}
