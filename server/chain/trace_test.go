package chain_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/telemetry"
	"github.com/customer-momentum/cmi/server/telemetry/span"
)

const traceID, parentID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

func observed(t *testing.T) (*telemetry.Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	tel, err := telemetry.Start(t.Context(), telemetry.Options{
		SpanProcessors: []sdktrace.SpanProcessor{sdktrace.NewSimpleSpanProcessor(exporter)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	return tel, exporter
}

// TestOneTraceACall sends a traceparent, by both doors and both kinds of calls, and finds one span tree under it, which the
// line of the log names.
func TestOneTraceACall(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		tel, exporter := observed(t)
		f.config.Calls = tel.Calls()
		inside := func(ctx context.Context) {
			_, s := span.Start(ctx, "inside")
			s.End()
		}
		client := cmiv1.NewScoringServiceClient(open(&scoring{
			score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
				inside(ctx)
				return &cmiv1.ScoreCustomerResponse{}, nil
			},
			scores: func(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
				inside(ss.Context())
				return nil
			},
		}))
		ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-"+traceID+"-"+parentID+"-01")
		if _, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{}); err != nil {
			t.Fatal(err)
		}
		ss, err := client.StreamScores(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ss.Recv(); ignoreEOF(err) != nil {
			t.Fatal(err)
		}
		spans := exporter.GetSpans()
		if len(spans) != 4 {
			t.Fatalf("%d spans, want 4", len(spans))
		}
		for i, method := range []string{"cmi.v1.ScoringService/ScoreCustomer", "cmi.v1.ScoringService/StreamScores"} {
			inner, outer := spans[2*i], spans[2*i+1]
			if inner.Name != "inside" || outer.Name != method {
				t.Errorf("spans %q and %q", inner.Name, outer.Name)
			}
			if outer.SpanContext.TraceID().String() != traceID || outer.Parent.SpanID().String() != parentID ||
				inner.Parent.SpanID() != outer.SpanContext.SpanID() {
				t.Errorf("%s: the spans are not one tree under the caller's", method)
			}
		}
	})
}

// TestTheSpanOfTheGatewayIsTheParent calls in process with a span in the context, as the gateway does.
func TestTheSpanOfTheGatewayIsTheParent(t *testing.T) {
	t.Parallel()
	f := newFixture()
	tel, exporter := observed(t)
	f.config.Calls = tel.Calls()
	client := cmiv1.NewScoringServiceClient(f.inProcess(t, answering(nil)))
	ctx, outer := tel.TracerProvider().Tracer("gateway").Start(t.Context(), "POST /v1/scores")
	ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", "00-"+traceID+"-"+parentID+"-01")
	if _, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{}); err != nil {
		t.Fatal(err)
	}
	outer.End()
	spans := exporter.GetSpans()
	if len(spans) != 2 || spans[0].Parent.SpanID() != outer.SpanContext().SpanID() || trace.SpanContextFromContext(ctx).TraceID().String() == traceID {
		t.Errorf("spans %v", spans)
	}
}
