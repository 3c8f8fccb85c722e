package telemetry_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/server/telemetry"
)

// call begins and ends one, as the chain does.
func call(ctx context.Context, calls *telemetry.Calls, method string, err error) {
	if c := calls.Begin(ctx, method); c != nil {
		c.End(status.Code(err))
	}
}

func TestHowCallsEndIsTold(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	reader := sdkmetric.NewManualReader()
	tel := start(t, telemetry.Options{
		SpanProcessors: []sdktrace.SpanProcessor{sdktrace.NewSimpleSpanProcessor(exporter)},
		Readers:        []sdkmetric.Reader{reader},
	})
	for _, code := range []grpccodes.Code{grpccodes.OK, grpccodes.NotFound, grpccodes.Internal} {
		call(t.Context(), tel.Calls(), "/cmi.v1.ScoringService/GetScore", status.Error(code, "SECRET"))
	}
	spans := exporter.GetSpans()
	if len(spans) != 3 || spans[0].Status.Code != codes.Unset || spans[1].Status.Code != codes.Unset || spans[2].Status.Code != codes.Error {
		t.Errorf("spans %+v", spans)
	}
	if strings.Contains(fmt.Sprint(spans), "SECRET") {
		t.Error("the trace quotes the message of an error")
	}
	got := map[string]string{}
	for _, p := range durations(t, reader) {
		code, _ := p.Attributes.Value("rpc.response.status_code")
		kind, _ := p.Attributes.Value("error.type")
		got[code.AsString()] = kind.AsString()
	}
	if len(got) != 3 || got["OK"] != "" || got["NOT_FOUND"] != "" || got["INTERNAL"] != "INTERNAL" {
		t.Errorf("durations by code, with the type of error: %v", got)
	}
}

// TestMadeUpMethodsDoNotGrowTheMetrics calls a thousand methods that do not exist.
func TestMadeUpMethodsDoNotGrowTheMetrics(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	tel := start(t, telemetry.Options{Readers: []sdkmetric.Reader{reader}})
	for i := range 1000 {
		call(t.Context(), tel.Calls(), fmt.Sprintf("/made.Up/Method%d", i), nil)
	}
	call(t.Context(), tel.Calls(), "/grpc.health.v1.Health/Check", nil)
	var all, others uint64
	points := durations(t, reader)
	for _, p := range points {
		all += p.Count
		if method, _ := p.Attributes.Value("rpc.method"); method.AsString() == "_OTHER" {
			others = p.Count
		}
	}
	if len(points) > 300 || all != 1000 || others == 0 {
		t.Errorf("%d series with %d calls, %d of them as others", len(points), all, others)
	}
}

func durations(t *testing.T, reader sdkmetric.Reader) []metricdata.HistogramDataPoint[float64] {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if histogram, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == "rpc.server.call.duration" {
				return histogram.DataPoints
			}
		}
	}
	return nil
}
