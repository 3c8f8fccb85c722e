// Package telemetry shows what the service does: traces and metrics by the standard OTEL_* variables, metrics for
// Prometheus, and a log that names the call and the trace. Nothing in it is global: who needs a provider is given one.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options are what Start is given. The zero value will do.
type Options struct {
	// ServiceVersion is what traces and metrics name as the version.
	ServiceVersion string
	// Logger hears of exports that fail. Nil: slog.Default().
	Logger *slog.Logger
	// SpanProcessors see every span, beside what the OTEL_* variables ask for: for tests, say.
	SpanProcessors []sdktrace.SpanProcessor
	// Readers read the metrics, beside Prometheus and what the OTEL_* variables ask for.
	Readers []sdkmetric.Reader
}

// Telemetry is what was started.
type Telemetry struct {
	tracers  trace.TracerProvider
	meters   *sdkmetric.MeterProvider
	scrape   http.Handler
	calls    *Calls
	log      *slog.Logger
	shutdown []func(context.Context) error
}

// Start reads the OTEL_* variables and starts what they ask for. Without any of them there are no traces, at no cost, and
// the metrics wait for Prometheus to fetch them.
func Start(ctx context.Context, options Options) (*Telemetry, error) {
	t := &Telemetry{log: options.Logger}
	if t.log == nil {
		t.log = slog.Default()
	}
	res, err := describe(ctx, options.ServiceVersion)
	if err != nil {
		// What could be found out about this process is still there.
		t.log.WarnContext(ctx, "part of the OTEL_* description of this process is not usable", slog.String("error", err.Error()))
	}
	if err := t.startTraces(ctx, res, options.SpanProcessors); err != nil {
		return nil, fmt.Errorf("start traces: %w", err)
	}
	if err := t.startMetrics(ctx, res, options.Readers); err != nil {
		return nil, errors.Join(fmt.Errorf("start metrics: %w", err), t.Shutdown(ctx))
	}
	if t.calls, err = newCalls(t.tracers, t.meters, t.Propagator()); err != nil {
		return nil, errors.Join(fmt.Errorf("start metrics of calls: %w", err), t.Shutdown(ctx))
	}
	return t, nil
}

// TracerProvider makes tracers; it does nothing where nobody asked for traces.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.tracers }

// MeterProvider makes meters.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.meters }

// Propagator reads and writes the headers traceparent, tracestate and baggage, as the W3C has them.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// MetricsHandler answers Prometheus.
func (t *Telemetry) MetricsHandler() http.Handler { return t.scrape }

// ErrorHandler writes the troubles of OpenTelemetry itself to the log. The library knows one handler for the whole process,
// so setting it (otel.SetErrorHandler) is left to main; failed trace exports reach the log without it.
func (t *Telemetry) ErrorHandler() otel.ErrorHandler {
	return otel.ErrorHandlerFunc(func(err error) {
		t.log.Warn("telemetry", slog.String("error", err.Error()))
	})
}

// Calls traces and measures gRPC calls; it goes into the interceptor chain.
func (t *Telemetry) Calls() *Calls { return t.calls }

// shutdownLimit bounds a shutdown whose caller set no bound.
const shutdownLimit = 5 * time.Second

// Shutdown exports what is left and stops. A collector that does not answer holds it up until ctx ends, or for five seconds
// where ctx has no end.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, shutdownLimit)
		defer cancel()
	}
	var failed []error
	for _, stop := range t.shutdown {
		failed = append(failed, stop(ctx))
	}
	t.shutdown = nil
	return errors.Join(failed...)
}
