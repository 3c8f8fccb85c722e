package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/gateway"
)

func TestOneTraceThroughTheDoor(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	reader := sdkmetric.NewManualReader()
	s := &services{}
	at := start(t, s, func(o *gateway.Options) {
		o.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
		o.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
		o.Propagator = propagation.TraceContext{}
	})
	c := client(t, "HTTP/1.1")
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	at.do(t, c, "POST", "/v1/scores", "{}", "traceparent", parent)
	unary := trace.SpanContextFromContext(s.last(t).ctx)
	at.do(t, c, "POST", "/v1/scores:stream", configLine, "traceparent", parent, "Content-Type", ndjson)
	stream := trace.SpanContextFromContext(s.last(t).ctx)
	at.do(t, c, "GET", "/healthz", "")
	at.do(t, c, "GET", "/v1/nothing", "")
	at.do(t, c, "POST", "/v1/scores", "{}", "Content-Type", "text/plain")

	ended := recorder.Ended()
	if len(ended) != 3 {
		t.Fatalf("%d spans", len(ended))
	}
	for i, name := range []string{"POST /v1/scores", "POST /v1/scores:stream", "POST /v1/scores"} {
		if ended[i].Name() != name || ended[i].SpanKind() != trace.SpanKindServer {
			t.Errorf("span %q", ended[i].Name())
		}
	}
	if ended[0].SpanContext().TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || ended[0].Parent().SpanID().String() != "b7ad6b7169203331" {
		t.Error("the span does not go on from the client's")
	}
	if unary.SpanID() != ended[0].SpanContext().SpanID() || stream.SpanID() != ended[1].SpanContext().SpanID() {
		t.Error("the call does not see the span of the door")
	}
	attrs := map[string]string{}
	for _, a := range ended[2].Attributes() {
		attrs[string(a.Key)] = a.Value.String()
	}
	if attrs["http.response.status_code"] != "415" || attrs["http.route"] != "/v1/scores" || attrs["client.address"] != "127.0.0.1" {
		t.Error(attrs)
	}

	var data metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	points := data.ScopeMetrics[0].Metrics[0].Data.(metricdata.Histogram[float64]).DataPoints
	if len(points) != 4 {
		t.Errorf("%d kinds of measurements", len(points))
	}
}

func TestWhatReachesTheCall(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, c *http.Client) {
		s := &services{}
		at := start(t, s, nil)
		for _, path := range []string{"/v1/scores", "/v1/scores:stream"} {
			kind := "application/json"
			if strings.HasSuffix(path, "stream") {
				kind = ndjson
			}
			answer := at.do(t, c, "POST", path, "{}", "Content-Type", kind, "Authorization", "Bearer k", "X-Api-Key", "k2", "X-Request-Id", "req-7",
				"Cookie", "a=b", "X-Forwarded-For", "6.6.6.6", "X-Forwarded-Host", "evil", "Grpc-Metadata-Tenant", "other", "X-Other", "x", "Grpc-Timeout", "5S",
				"X-Http-Method-Override", "GET")
			if answer.code != 200 || answer.header.Get("X-Request-Id") != "req-7" || len(answer.header.Values("X-Request-Id")) != 1 {
				t.Fatal(answer)
			}
			call := s.last(t)
			md := call.md
			for name, want := range map[string]string{"authorization": "Bearer k", "x-api-key": "k2", "x-request-id": "req-7", "x-forwarded-for": "127.0.0.1"} {
				if got := md.Get(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s: %s is %q", path, name, got)
				}
			}
			for name := range md {
				switch name {
				case "authorization", "x-api-key", "x-request-id", "x-forwarded-for", "x-forwarded-host":
				default:
					t.Errorf("%s: %s came through", path, name)
				}
			}
			if !strings.HasPrefix(call.peer, "127.0.0.1:") {
				t.Errorf("peer %q", call.peer)
			}
			if _, limited := call.ctx.Deadline(); !limited {
				t.Error("the time limit of the client is lost")
			}
		}
	})
}

func TestRequestIDIsMadeWhereMissingOrOdd(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for _, given := range []string{"", "a b", strings.Repeat("x", 200)} {
		answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", "{}", "X-Request-Id", given)
		id := answer.header.Get("X-Request-Id")
		if len(id) != 36 || s.last(t).md.Get("x-request-id")[0] != id {
			t.Errorf("%q: %q, %q", given, id, s.last(t).md.Get("x-request-id"))
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	for given, code := range map[string]int{"5S": 200, "99999999m": 200, "0S": 400, "5": 400, "S": 400, "-1S": 400, "5s": 400, "999999999S": 400, "x": 400} {
		if answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", "{}", "Grpc-Timeout", given); answer.code != code {
			t.Errorf("%q: %d %s", given, answer.code, answer.body)
		}
	}
}
