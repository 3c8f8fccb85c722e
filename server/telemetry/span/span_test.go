package span_test

import (
	"errors"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/telemetry/span"
)

func TestStartIsAChildOfTheSpanInTheContext(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	ctx, root := provider.Tracer("test").Start(t.Context(), "root")
	_, child := span.Start(ctx, "record", attribute.Int("entries", 3))
	span.Fail(child, errors.New("secret"), "STORE_UNAVAILABLE")
	child.End()
	root.End()

	ended := recorder.Ended()
	if len(ended) != 2 {
		t.Fatalf("%d spans ended, want 2", len(ended))
	}
	got := ended[0]
	if got.Parent().SpanID() != root.SpanContext().SpanID() {
		t.Error("the span is not a child of the one in the context")
	}
	if attrs := got.Attributes(); len(attrs) != 1 || attrs[0] != attribute.Int("entries", 3) {
		t.Errorf("attributes %v", attrs)
	}
	if s := got.Status(); s.Code != codes.Error || s.Description != "STORE_UNAVAILABLE" {
		t.Errorf("status %v", s)
	}
}

// Not parallel: allocations are counted for the whole process.
func TestStartWithoutARecordedParentDoesNothing(t *testing.T) {
	ctx, s := span.Start(t.Context(), "record")
	span.Fail(s, nil, "")
	s.End()
	if ctx != t.Context() || s.IsRecording() || trace.SpanContextFromContext(ctx).IsValid() {
		t.Error("a span was started outside of any trace")
	}
	got := testing.AllocsPerRun(100, func() {
		_, s := span.Start(ctx, "record")
		s.End()
	})
	if got != 0 {
		t.Errorf("%v allocations outside of a sampled trace, want 0", got)
	}
}
