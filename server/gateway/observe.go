package gateway

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// scope is what traces and metrics name as their source.
const scope = "github.com/customer-momentum/cmi/server/gateway"

// observer makes one span and one measurement of every call. It does what otelhttp does for a server, but begins after the
// route is known, so that the span has its name when it is decided whether to keep it, and so that probes, metrics and pages
// are not traced at all.
type observer struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	duration   metric.Float64Histogram
	// kinds keeps the attributes of what was measured before, by outcome: there are few, and making them costs more than
	// the measurement.
	kinds sync.Map
}

// outcome is what measurements are told apart by.
type outcome struct {
	method, template string
	code             int
}

func newObserver(opts Options) (*observer, error) {
	duration, err := opts.MeterProvider.Meter(scope).Float64Histogram("http.server.request.duration",
		metric.WithUnit("s"),
		metric.WithDescription("Duration of HTTP requests."),
		metric.WithExplicitBucketBoundaries(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	if err != nil {
		return nil, err
	}
	return &observer{
		tracer:     opts.TracerProvider.Tracer(scope),
		propagator: opts.Propagator,
		duration:   duration,
	}, nil
}

// begin starts the span of a call under the one that the client names. done ends it with the status that was written to out.
func (o *observer) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, found *route) (_ context.Context, out *recorder, done func()) {
	start := time.Now()
	ctx = o.propagator.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := o.tracer.Start(ctx, found.name, trace.WithSpanKind(trace.SpanKindServer), found.attributes)
	if span.IsRecording() {
		span.SetAttributes(requestAttributes(r)...)
	}
	out = &recorder{ResponseWriter: w, code: http.StatusOK}
	return ctx, out, func() {
		if span.IsRecording() {
			span.SetAttributes(attribute.Int("http.response.status_code", out.code))
			if out.code >= http.StatusInternalServerError {
				span.SetStatus(otelcodes.Error, "")
			}
		}
		span.End()
		o.measure(ctx, outcome{found.method, found.template, out.code}, time.Since(start))
	}
}

// unrouted measures a request for what does not exist. Paths of strangers do not become attributes: there is no end of them.
func (o *observer) unrouted(r *http.Request, code int) {
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "_OTHER"
	}
	o.measure(r.Context(), outcome{method: method, code: code}, 0)
}

func (o *observer) measure(ctx context.Context, what outcome, took time.Duration) {
	option, known := o.kinds.Load(what)
	if !known {
		attrs := []attribute.KeyValue{
			attribute.String("http.request.method", what.method),
			attribute.Int("http.response.status_code", what.code),
		}
		if what.template != "" {
			attrs = append(attrs, attribute.String("http.route", what.template))
		}
		option, _ = o.kinds.LoadOrStore(what, metric.WithAttributeSet(attribute.NewSet(attrs...)))
	}
	o.duration.Record(ctx, took.Seconds(), option.(metric.MeasurementOption))
}

// requestAttributes are those that only a span that is kept is worth. The path is not among them: it holds ids, and the route
// says what was called.
func requestAttributes(r *http.Request) []attribute.KeyValue {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	attrs := []attribute.KeyValue{
		attribute.String("url.scheme", scheme),
		attribute.String("server.address", hostName(r.Host)),
		attribute.String("network.protocol.version", protocolVersion(r)),
	}
	if host, port, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		attrs = append(attrs, attribute.String("client.address", host), attribute.String("network.peer.address", host))
		if n, err := strconv.Atoi(port); err == nil {
			attrs = append(attrs, attribute.Int("network.peer.port", n))
		}
	}
	if agent := r.UserAgent(); agent != "" {
		attrs = append(attrs, attribute.String("user_agent.original", agent))
	}
	return attrs
}

func protocolVersion(r *http.Request) string {
	if r.ProtoMajor >= 2 {
		return strconv.Itoa(r.ProtoMajor)
	}
	return "1." + strconv.Itoa(r.ProtoMinor)
}

// recorder remembers the status that was answered. Unwrap lets http.ResponseController reach the writer beneath it.
type recorder struct {
	http.ResponseWriter
	code  int
	wrote bool
}

// WriteHeader remembers the first status that is final.
func (w *recorder) WriteHeader(code int) {
	if !w.wrote && code >= http.StatusOK {
		w.code, w.wrote = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap answers the writer beneath.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
