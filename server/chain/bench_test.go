package chain_test

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// forBench is the chain as it serves: keys, metrics that somebody collects, a log that leaves out calls that went well.
func forBench(b *testing.B) (f *fixture, header string) {
	b.Helper()
	plain, sum, err := access.NewKey("bench")
	if err != nil {
		b.Fatal(err)
	}
	ring, err := access.NewKeyring([]access.Key{{ID: "bench", SHA256: sum, Tenant: "t", Scopes: []string{"score", "read"}}}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	f = newFixture()
	f.config.Keyring = ring
	f.config.Logger = slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	f.config.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	return f, "Bearer " + plain
}

// BenchmarkChain measures what the chain itself adds to a call of the handler.
func BenchmarkChain(b *testing.B) {
	f, header := forBench(b)
	c := f.chain(b)
	unary := c.Unary()
	answer := &cmiv1.ScoreCustomerResponse{}
	handler := func(context.Context, any) (any, error) { return answer, nil }
	ctx := metadata.NewIncomingContext(context.Background(), metadata.MD{
		"authorization": {header}, "content-type": {"application/grpc"}, "user-agent": {"grpc-go/1.85.0"}, ":authority": {"localhost"},
	})
	ctx = grpc.NewContextWithServerTransportStream(ctx, &transport{})
	for name, call := range map[string]struct {
		method string
		req    any
	}{
		"by hand":   {cmiv1.ScoringService_ScoreCustomer_FullMethodName, &cmiv1.ScoreCustomerRequest{}},
		"validated": {cmiv1.ScoringService_GetScore_FullMethodName, &cmiv1.GetScoreRequest{ResponseId: "response-1"}},
	} {
		b.Run(name, func(b *testing.B) {
			info := &grpc.UnaryServerInfo{FullMethod: call.method}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := unary(ctx, call.req, info, handler); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// transport takes headers as the real one does and sends them nowhere.
type transport struct{}

func (*transport) Method() string               { return "" }
func (*transport) SetHeader(metadata.MD) error  { return nil }
func (*transport) SendHeader(metadata.MD) error { return nil }
func (*transport) SetTrailer(metadata.MD) error { return nil }

// BenchmarkOverTCP compares whole calls over a loopback connection: the bare handler, the chain, and the chain with tracing
// at 1 %. Compare within one run; client and server share the cores.
func BenchmarkOverTCP(b *testing.B) {
	f, header := forBench(b)
	c := f.chain(b)
	f.config.Calls = callsAtOnePercent(b)
	traced := f.chain(b)
	request := &cmiv1.ScoreCustomerRequest{QuestionnaireId: "builtin-new-online", Response: &cmiv1.Response{ResponseId: "r1"}}
	for _, item := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		request.Response.Answers = append(request.Response.Answers, &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: 7}})
	}
	for _, side := range []struct {
		name    string
		options []grpc.ServerOption
	}{
		{"bare", nil},
		{"chain", c.ServerOptions()},
		{"chain and tracing", traced.ServerOptions()},
	} {
		b.Run(side.name, func(b *testing.B) {
			client := cmiv1.NewScoringServiceClient(overTCP(b, answering(nil), side.options...))
			ctx := metadata.AppendToOutgoingContext(b.Context(), "authorization", header)
			b.SetParallelism(32)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := client.ScoreCustomer(ctx, request); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// callsAtOnePercent traces as the service does, and throws the spans away.
func callsAtOnePercent(b *testing.B) *telemetry.Calls {
	b.Helper()
	b.Setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
	b.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.01")
	t, err := telemetry.Start(b.Context(), telemetry.Options{
		SpanProcessors: []sdktrace.SpanProcessor{sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter())},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = t.Shutdown(context.Background()) })
	return t.Calls()
}

// BenchmarkStream measures a round trip of a small chunk over loopback, bare and guarded.
func BenchmarkStream(b *testing.B) {
	f, header := forBench(b)
	c := f.chain(b)
	for _, side := range []struct {
		name    string
		options []grpc.ServerOption
	}{{"bare", nil}, {"chain", c.ServerOptions()}} {
		b.Run(side.name, func(b *testing.B) {
			client := cmiv1.NewScoringServiceClient(overTCP(b, &scoring{scores: echo}, side.options...))
			ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(b.Context(), "authorization", header))
			defer cancel()
			ss, err := client.StreamScores(ctx)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := ss.Send(chunk(1)); err != nil {
					b.Fatal(err)
				}
				if _, err := ss.Recv(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func overTCP(b *testing.B, service *scoring, options ...grpc.ServerOption) *grpc.ClientConn {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	// Kept goroutines, as the service has them: else growing a stack for every call hides what the chain costs.
	server := grpc.NewServer(append(options, grpc.NumStreamWorkers(uint32(runtime.GOMAXPROCS(0))))...)
	cmiv1.RegisterScoringServiceServer(server, service)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return conn
}
