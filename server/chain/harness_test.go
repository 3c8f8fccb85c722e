package chain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway/inproc"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scoring is a service whose methods each test fills in.
type scoring struct {
	cmiv1.UnimplementedScoringServiceServer
	score  func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error)
	get    func(context.Context, *cmiv1.GetScoreRequest) (*cmiv1.GetScoreResponse, error)
	scores func(grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error
}

func (s *scoring) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	return s.score(ctx, r)
}

func (s *scoring) GetScore(ctx context.Context, r *cmiv1.GetScoreRequest) (*cmiv1.GetScoreResponse, error) {
	return s.get(ctx, r)
}

func (s *scoring) StreamScores(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	return s.scores(ss)
}

// fixture is a configured chain and what it wrote.
type fixture struct {
	config chain.Config
	log    *lines
	server *grpc.Server
}

func newFixture() *fixture {
	log := &lines{}
	return &fixture{
		log: log,
		config: chain.Config{
			Logger:        slog.New(withRequestID{slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})}),
			MeterProvider: noop.NewMeterProvider(),
			Keyring:       access.Open("default"),
			Rules:         access.Table(),
			Limits:        chain.Limits{MaxDeadline: 30 * time.Second, StreamIdle: 5 * time.Minute, DrainRetry: time.Second},
			Drain:         chain.NewDrain(),
			Now:           time.Now,
		},
	}
}

func (f *fixture) chain(t testing.TB) *chain.Chain {
	t.Helper()
	c, err := chain.New(f.config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve starts a gRPC server behind the chain, over a connection in memory that still is HTTP/2.
func (f *fixture) serve(t testing.TB, service *scoring, more ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	f.server = grpc.NewServer(append(f.chain(t).ServerOptions(), more...)...)
	cmiv1.RegisterScoringServiceServer(f.server, service)
	healthpb.RegisterHealthServer(f.server, health.NewServer())
	reflection.Register(f.server)
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:bufconn",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		f.server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return conn
}

// inProcess puts the service behind the chain in the gateway's in-process channel.
func (f *fixture) inProcess(t testing.TB, service *scoring) *inproc.Channel {
	t.Helper()
	c := f.chain(t)
	channel := inproc.New(inproc.Options{
		Unary:  []grpc.UnaryServerInterceptor{c.Unary()},
		Stream: []grpc.StreamServerInterceptor{c.Stream()},
	})
	cmiv1.RegisterScoringServiceServer(channel, service)
	return channel
}

// doors runs a test over both ways to a service.
func doors(t *testing.T, test func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface)) {
	t.Helper()
	t.Run("http2", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		test(t, f, func(s *scoring) grpc.ClientConnInterface { return f.serve(t, s) })
	})
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		test(t, f, func(s *scoring) grpc.ClientConnInterface { return f.inProcess(t, s) })
	})
}

// withRequestID stands for the logger of package telemetry.
type withRequestID struct{ slog.Handler }

func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("request_id", requestid.From(ctx)))
	return h.Handler.Handle(ctx, r)
}

// lines gathers what was logged.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// only answers the one line of the call, waiting for it: over the network a client has its answer before the server is done.
func (l *lines) only(t *testing.T) map[string]any {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for l.text() == "" && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	all := strings.Split(strings.TrimSpace(l.text()), "\n")
	if len(all) != 1 {
		t.Fatalf("%d lines, want one:\n%s", len(all), l.text())
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(all[0]), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// expect asserts how a call ended.
func expect(t *testing.T, err error, code codes.Code, reason string) *status.Status {
	t.Helper()
	st := status.Convert(err)
	if st.Code() != code || infoOf(st).GetReason() != reason {
		t.Fatalf("got %s %q %v, want %s %s", st.Code(), st.Message(), infoOf(st), code, reason)
	}
	return st
}

func infoOf(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

func chunk(sequence int32) *cmiv1.StreamScoresRequest {
	return &cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{Chunk: &cmiv1.ResponseChunk{Sequence: sequence}}}
}

func result(sequence int32) *cmiv1.StreamScoresResponse {
	return &cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{Chunk: &cmiv1.ResultChunk{Sequence: sequence}}}
}

// echo answers each chunk until the client ends or the stream fails.
func echo(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	for {
		r, err := ss.Recv()
		if err != nil {
			return ignoreEOF(err)
		}
		if err := ss.Send(result(r.GetChunk().GetSequence())); err != nil {
			return err
		}
	}
}

type faultError = fault.Error
