package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/telemetry"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
	"github.com/customer-momentum/cmi/server/telemetry/span"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, options telemetry.Options) *telemetry.Telemetry {
	t.Helper()
	tel, err := telemetry.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel
}

type service struct {
	cmiv1.UnimplementedScoringServiceServer
}

func (service) GetScore(ctx context.Context, _ *cmiv1.GetScoreRequest) (*cmiv1.GetScoreResponse, error) {
	_, s := span.Start(ctx, "read the score")
	s.End()
	return &cmiv1.GetScoreResponse{}, nil
}

// traced does what the chain does.
func traced(calls *telemetry.Calls) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		call := calls.Begin(ctx, info.FullMethod)
		if call == nil {
			return handler(ctx, req)
		}
		answer, err := handler(call, req)
		call.End(status.Code(err))
		return answer, err
	}
}

func dial(t *testing.T, tel *telemetry.Telemetry) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(grpc.UnaryInterceptor(traced(tel.Calls())))
	cmiv1.RegisterScoringServiceServer(server, service{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener := bufconn.Listen(1 << 16)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:bufconn",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.GracefulStop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return conn
}

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	parentID    = "b7ad6b7169203331"
	traceparent = "00-" + traceID + "-" + parentID + "-01"
)

// TestOneTraceACall sends a traceparent and finds one span tree under it, without health checks.
func TestOneTraceACall(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	reader := sdkmetric.NewManualReader()
	tel := start(t, telemetry.Options{
		ServiceVersion: "1.2.3",
		SpanProcessors: []sdktrace.SpanProcessor{sdktrace.NewSimpleSpanProcessor(exporter)},
		Readers:        []sdkmetric.Reader{reader},
	})
	conn := dial(t, tel)
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", traceparent)
	if _, err := cmiv1.NewScoringServiceClient(conn).GetScore(ctx, &cmiv1.GetScoreRequest{}); err != nil {
		t.Fatal(err)
	}
	spans := await(t, exporter, 2)
	inner, outer := spans[0], spans[1]
	if inner.Name != "read the score" || outer.Name != "cmi.v1.ScoringService/GetScore" {
		t.Errorf("spans %q and %q", inner.Name, outer.Name)
	}
	if outer.SpanContext.TraceID().String() != traceID || outer.Parent.SpanID().String() != parentID ||
		inner.Parent.SpanID() != outer.SpanContext.SpanID() {
		t.Error("the spans are not one tree under the caller's")
	}
	attrs := map[string]string{}
	for _, kv := range outer.Resource.Attributes() {
		attrs[string(kv.Key)] = kv.Value.AsString()
	}
	if attrs["service.name"] != "cmi" || attrs["service.version"] != "1.2.3" {
		t.Errorf("resource %v", attrs)
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil || len(all.ScopeMetrics) != 1 {
		t.Fatalf("%d scopes of metrics, %v", len(all.ScopeMetrics), err)
	}
	duration := all.ScopeMetrics[0].Metrics[0]
	points := duration.Data.(metricdata.Histogram[float64]).DataPoints
	if duration.Name != "rpc.server.call.duration" || len(points) != 1 || points[0].Count != 1 || points[0].Sum <= 0 || points[0].Sum > 60 {
		t.Errorf("%s: %+v", duration.Name, points)
	}
	method, _ := points[0].Attributes.Value("rpc.method")
	code, _ := points[0].Attributes.Value("rpc.response.status_code")
	if method.AsString() != "cmi.v1.ScoringService/GetScore" || code.AsString() != "OK" {
		t.Errorf("attributes %v", points[0].Attributes.ToSlice())
	}
}

func await(t *testing.T, exporter *tracetest.InMemoryExporter, want int) tracetest.SpanStubs {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		spans := exporter.GetSpans()
		if len(spans) >= want || time.Now().After(deadline) {
			if len(spans) != want {
				t.Fatalf("%d spans, want %d", len(spans), want)
			}
			return spans
		}
	}
}

func TestMetricsForPrometheus(t *testing.T) {
	t.Parallel()
	tel := start(t, telemetry.Options{})
	counter, err := tel.MeterProvider().Meter("test").Int64Counter("cmi.test.things")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 3)
	answer := httptest.NewRecorder()
	tel.MetricsHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body := answer.Body.String()
	for _, want := range []string{"cmi_test_things_total 3", "go_goroutines ", "process_", `service_name="cmi"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in the answer:\n%.2000s", want, body)
		}
	}
}

func TestWithoutTracesTheTraceOfTheCallerIsKept(t *testing.T) {
	t.Parallel()
	tel := start(t, telemetry.Options{})
	ctx := tel.Propagator().Extract(t.Context(), propagation.MapCarrier{"traceparent": traceparent})
	ctx, s := tel.TracerProvider().Tracer("test").Start(ctx, "call")
	defer s.End()
	if s.IsRecording() || trace.SpanContextFromContext(ctx).TraceID().String() != traceID {
		t.Error("the caller's trace id is lost, or spans are made for nobody")
	}
}

// The environment is process-wide, so these do not run in parallel.

func TestAnExporterThatIsUnknownIsRefused(t *testing.T) {
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "smoke-signals")
			if _, err := telemetry.Start(t.Context(), telemetry.Options{}); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestNoExporterMeansNone(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"none":     {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
		"disabled": {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range env {
				t.Setenv(k, v)
			}
			tel := start(t, telemetry.Options{})
			_, s := tel.TracerProvider().Tracer("test").Start(t.Context(), "call")
			if s.IsRecording() {
				t.Error("spans are recorded for nobody")
			}
		})
	}
}

// TestADeadCollectorHoldsNothingUp exports to a port where nobody listens: the log says so and the shutdown is bounded.
func TestADeadCollectorHoldsNothingUp(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OTEL_SERVICE_NAME", "other")
	var log bytes.Buffer
	tel, err := telemetry.Start(t.Context(), telemetry.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	_, s := tel.TracerProvider().Tracer("test").Start(t.Context(), "call")
	if !s.IsRecording() {
		t.Error("an endpoint is set, but nothing is recorded")
	}
	s.End()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_ = tel.Shutdown(ctx)
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("the shutdown took %s", took)
	}
	if !strings.Contains(log.String(), "spans were not exported") {
		t.Errorf("the log says nothing: %q", log.String())
	}
}

func TestErrorHandler(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	tel := start(t, telemetry.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tel.ErrorHandler().Handle(errors.New("no collector"))
	if !strings.Contains(log.String(), "no collector") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestTheLogNamesCallAndTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, slog.LevelInfo, "json")
	if err != nil {
		t.Fatal(err)
	}
	ctx := requestid.With(t.Context(), "r1")
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
	log.With("a", 1).InfoContext(ctx, "hello")
	log.DebugContext(ctx, "too fine")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if line["request_id"] != "r1" || line["trace_id"] != traceID || line["span_id"] != parentID || line["a"] != 1.0 {
		t.Errorf("line %v", line)
	}
	out.Reset()
	text, err := telemetry.NewLogger(&out, slog.LevelDebug, "text")
	if err != nil {
		t.Fatal(err)
	}
	text.WithGroup("g").DebugContext(t.Context(), "hello", "b", 2)
	if got := out.String(); !strings.Contains(got, "g.b=2") || strings.Contains(got, "request_id") {
		t.Errorf("line %q", got)
	}
	if _, err := telemetry.NewLogger(&out, slog.LevelInfo, "xml"); err == nil {
		t.Error("xml was accepted")
	}
}
