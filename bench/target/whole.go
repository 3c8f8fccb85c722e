package target

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// startWhole starts the service as `cmi serve` does, with an API key and with traces of which 1 % are kept. Those are handed
// to an exporter that throws them away, so that no collector shares the cores.
func startWhole(ctx context.Context, store string) (*Target, error) {
	plain, sum, err := access.NewKey("bench")
	if err != nil {
		return nil, err
	}
	log, err := telemetry.NewLogger(io.Discard, slog.LevelInfo, "json")
	if err != nil {
		return nil, err
	}
	observed, err := startTelemetry(ctx, log)
	if err != nil {
		return nil, err
	}
	running, err := server.New(ctx, settings.Settings{
		GRPCAddress: "127.0.0.1:0",
		HTTPAddress: "127.0.0.1:0",
		Store:       store,
		Keys:        []access.Key{{ID: "bench", SHA256: sum, Tenant: "bench", Scopes: []string{"score", "read", "write"}}},
	}, server.Options{Version: "bench", Logger: log, Telemetry: observed})
	if err != nil {
		return nil, errors.Join(err, observed.Shutdown(ctx))
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- running.Serve(serving) }()
	at := running.Addresses()
	return &Target{GRPC: at.GRPC, HTTP: at.HTTP, Key: plain, Close: func() error {
		stop()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(<-ended, observed.Shutdown(bounded))
	}}, nil
}

// startOnPostgres is startWhole in a new schema of a PostgreSQL.
func startOnPostgres(ctx context.Context, server string) (*Target, error) {
	store, drop, err := newSchema(ctx, server)
	if err != nil {
		return nil, err
	}
	t, err := startWhole(ctx, store)
	if err != nil {
		return nil, errors.Join(err, drop())
	}
	stop := t.Close
	t.Close = func() error { return errors.Join(stop(), drop()) }
	return t, nil
}

// startTelemetry starts traces and metrics the way the standard variables ask for it.
func startTelemetry(ctx context.Context, log *slog.Logger) (*telemetry.Telemetry, error) {
	for name, value := range map[string]string{
		"OTEL_TRACES_SAMPLER":     "parentbased_traceidratio",
		"OTEL_TRACES_SAMPLER_ARG": "0.01",
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	return telemetry.Start(ctx, telemetry.Options{
		ServiceVersion: "bench",
		Logger:         log,
		SpanProcessors: []sdktrace.SpanProcessor{sdktrace.NewBatchSpanProcessor(discard{})},
	})
}

// discard is an exporter that throws spans away.
type discard struct{}

// ExportSpans does nothing.
func (discard) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }

// Shutdown does nothing.
func (discard) Shutdown(context.Context) error { return nil }
