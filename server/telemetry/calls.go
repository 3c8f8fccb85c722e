package telemetry

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
)

// scope is what traces and metrics name as their source.
const scope = "github.com/customer-momentum/cmi/server/telemetry"

// Calls traces and measures gRPC calls by the conventions of OpenTelemetry, as otelgrpc does: spans named by the method, and
// the histogram rpc.server.call.duration. It differs in what a call costs that is not sampled. A stats.Handler, which is
// what otelgrpc offers, makes gRPC describe every step of every call to it, and that alone takes a fifth of a call as short
// as scoring one response; so the interceptor chain tells Calls when a call begins and ends. Attribute sets are made once a
// method instead of once a call, and headers are looked at instead of copied.
type Calls struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	duration   metric.Float64Histogram
	methods    sync.Map // of string to *measured
	known      atomic.Int64
	others     *measured
}

func newCalls(tracers trace.TracerProvider, meters metric.MeterProvider, p propagation.TextMapPropagator) (*Calls, error) {
	duration, err := meters.Meter(scope).Float64Histogram("rpc.server.call.duration",
		metric.WithDescription("How long calls took, by method and code."), metric.WithUnit("s"),
		// Scoring one response takes fractions of a millisecond, a stream minutes.
		metric.WithExplicitBucketBoundaries(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
	if err != nil {
		return nil, err
	}
	return &Calls{tracer: tracers.Tracer(scope), propagator: p, duration: duration, others: newMeasured("_OTHER")}, nil
}

// Call is one call from Begin to End. It is the context that its handler gets, with the span in it.
type Call struct {
	context.Context
	by    *Calls
	of    *measured
	begin time.Time
}

// Begin begins the span of a call: under the span that ctx carries already (the gateway's), else under the one that the
// headers name. It answers nil for health checks and reflection: machines call them every few seconds, and nobody looks for
// them.
func (c *Calls) Begin(ctx context.Context, fullMethod string) *Call {
	if overhead(fullMethod) {
		return nil
	}
	m := c.method(fullMethod)
	if !trace.SpanContextFromContext(ctx).IsValid() {
		if headers := (incoming{ctx}); headers.Get("traceparent") != "" || headers.Get("baggage") != "" {
			ctx = c.propagator.Extract(ctx, headers)
		}
	}
	ctx, span := c.tracer.Start(ctx, m.name, m.start...)
	if span.IsRecording() {
		span.SetAttributes(m.attrs...)
	}
	return &Call{Context: ctx, by: c, of: m, begin: time.Now()}
}

// End ends the span and counts the call.
func (c *Call) End(result codes.Code) {
	record := c.of.fine
	if result != codes.OK {
		record = c.of.outcome(result)
	}
	c.by.duration.Record(c.Context, time.Since(c.begin).Seconds(), record...)
	span := trace.SpanFromContext(c.Context)
	if span.IsRecording() {
		name := code.Code(result).String()
		span.SetAttributes(attribute.String("rpc.response.status_code", name))
		if fault(result) {
			// The message of the error may quote what a customer answered; the code says enough here.
			span.SetStatus(otelcodes.Error, name)
		}
	}
	span.End()
}

// method answers what is known of a method. Clients make up names of methods that do not exist, so only so many are kept.
func (c *Calls) method(full string) *measured {
	if m, ok := c.methods.Load(full); ok {
		return m.(*measured)
	}
	if c.known.Load() >= maxMethods {
		return c.others
	}
	m, loaded := c.methods.LoadOrStore(full, newMeasured(strings.TrimPrefix(full, "/")))
	if !loaded {
		c.known.Add(1)
	}
	return m.(*measured)
}
