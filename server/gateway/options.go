package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
)

// Options are what the gateway stands on. Only Conn must be given.
type Options struct {
	// Conn reaches the services behind their interceptors: an inproc.Channel. Another connection works too, but then the
	// caller's address and span end at this door.
	Conn grpc.ClientConnInterface

	// TracerProvider, MeterProvider and Propagator are those of OpenTelemetry. Absent: nothing is traced or measured.
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	Propagator     propagation.TextMapPropagator
	// Logger hears of panics and of what this door itself refused; calls are logged behind it. Absent: nobody does.
	Logger *slog.Logger

	// Metrics answers /metrics. Absent: there is no such path.
	Metrics http.Handler
	// Ready answers nil when calls are welcome. What it says otherwise reaches whoever asks /readyz only where it is a
	// *fault.Error. Absent: always ready.
	Ready func(context.Context) error

	// MaxBodyBytes bounds a body, 16 MiB where 0.
	MaxBodyBytes int64
	// MaxLineBytes bounds a line of a stream, 16 MiB where 0.
	MaxLineBytes int
	// SpoolBytes bounds the answers of one stream that wait for their client, 64 MiB where 0. All but the first MiB wait in
	// a temporary file without a name, in SpoolDir (the system's folder where empty).
	SpoolBytes int64
	SpoolDir   string
	// HeaderHold is how long a stream waits for the call to be let in before it answers 200 all the same, since there are
	// clients that send nothing until they have the headers. 500 ms where 0.
	HeaderHold time.Duration
	// Stall is how long a client may leave answers unread, sending nothing either, before it is taken for dead. 2 minutes
	// where 0.
	Stall time.Duration

	// HasKeys says that calls need a key. Without keys a page that the user visits could call: then only names of this
	// machine are taken for Host, and CORSOrigins may not be "*".
	HasKeys bool
	// AllowedHosts are further names that clients may call the service by, without port. Given some, they are asked for
	// even where there are keys.
	AllowedHosts []string
	// CORSOrigins are the origins whose pages may call, such as https://app.example.com, or "*". None: only pages of this
	// very server may.
	CORSOrigins []string

	// OpenAPI is the generated document. Absent: there is none, and no page to try it.
	OpenAPI []byte
	// Version is what the document says of the service.
	Version string
}

const (
	defaultBodyBytes  = 16 << 20
	defaultLineBytes  = 16 << 20
	defaultSpoolBytes = 64 << 20
	defaultHold       = 500 * time.Millisecond
	defaultStall      = 2 * time.Minute
)

// complete fills in the defaults and refuses what cannot be.
func (o Options) complete() (Options, error) {
	if o.Conn == nil {
		return o, errors.New("gateway: a connection to the services is needed")
	}
	if o.MaxBodyBytes < 0 || o.MaxLineBytes < 0 || o.SpoolBytes < 0 || o.HeaderHold < 0 || o.Stall < 0 {
		return o, errors.New("gateway: bounds must not be negative")
	}
	orDefault(&o.MaxBodyBytes, defaultBodyBytes)
	orDefault(&o.MaxLineBytes, defaultLineBytes)
	orDefault(&o.SpoolBytes, defaultSpoolBytes)
	orDefault(&o.HeaderHold, defaultHold)
	orDefault(&o.Stall, defaultStall)
	orDefault(&o.Version, "unknown")
	if o.SpoolDir == "" {
		o.SpoolDir = os.TempDir()
	}
	if o.TracerProvider == nil {
		o.TracerProvider = tracenoop.NewTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = metricnoop.NewMeterProvider()
	}
	if o.Propagator == nil {
		o.Propagator = propagation.NewCompositeTextMapPropagator()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}
	if err := checkOrigins(o.CORSOrigins, o.HasKeys); err != nil {
		return o, fmt.Errorf("gateway: %w", err)
	}
	return o, nil
}

func orDefault[T comparable](value *T, def T) {
	var zero T
	if *value == zero {
		*value = def
	}
}
