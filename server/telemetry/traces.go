package telemetry

import (
	"context"
	"log/slog"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// startTraces exports traces where OTEL_TRACES_EXPORTER or an OTLP endpoint says where to. The SDK reads OTEL_TRACES_SAMPLER
// and the OTEL_BSP_* variables itself.
func (t *Telemetry) startTraces(ctx context.Context, res *resource.Resource, extra []sdktrace.SpanProcessor) error {
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	for _, p := range extra {
		options = append(options, sdktrace.WithSpanProcessor(p))
	}
	exports := wanted("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if exports {
		exporter, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return err
		}
		if exports = !autoexport.IsNoneSpanExporter(exporter); exports {
			options = append(options, sdktrace.WithBatcher(&audible{exporter, t.log}))
		}
	}
	if !exports && len(extra) == 0 {
		// Without anybody to send them to, making spans would be for nothing. Incoming trace ids still reach the log.
		t.tracers = noop.NewTracerProvider()
		return nil
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.tracers = provider
	t.shutdown = append(t.shutdown, provider.Shutdown)
	return nil
}

// wanted tells whether the environment asks for a signal: by naming its exporter, or by saying where a collector is.
func wanted(exporter, endpoint string) bool {
	if os.Getenv("OTEL_SDK_DISABLED") == "true" {
		return false
	}
	for _, name := range []string{exporter, endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// audible writes failed exports to the service's own log; left to the SDK, they would go to stderr in a form of its own.
type audible struct {
	sdktrace.SpanExporter
	log *slog.Logger
}

// ExportSpans exports, and answers nil whatever happened: the failure was told.
func (a *audible) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := a.SpanExporter.ExportSpans(ctx, spans); err != nil {
		a.log.WarnContext(ctx, "spans were not exported", slog.Int("spans", len(spans)), slog.String("error", err.Error()))
	}
	return nil
}
