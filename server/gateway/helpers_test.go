package gateway_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	spb "google.golang.org/genproto/googleapis/rpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway"
	"github.com/customer-momentum/cmi/server/gateway/inproc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seen is one call as it reached the services.
type seen struct {
	method  string
	request proto.Message
	md      metadata.MD
	ctx     context.Context
	peer    string
}

// services answers every unary call with an empty message, remembers it, and streams as it is told.
type services struct {
	cmiv1.UnimplementedScoringServiceServer

	mu    sync.Mutex
	calls []seen
	// err, where set, is what unary calls and the interceptors of streams answer with.
	err error
	// score, where set, answers ScoreCustomer.
	score func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error)
	// stream answers StreamScores; echo where not set.
	stream func(grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error
	// streamEnded counts the streams that ended, streamErr is what the last one ended with.
	streamEnded int
	streamErr   error
}

func (s *services) remember(ctx context.Context, method string, req any) {
	md, _ := metadata.FromIncomingContext(ctx)
	call := seen{method: method, md: maps.Clone(md), ctx: ctx}
	call.request, _ = req.(proto.Message)
	if p, ok := peer.FromContext(ctx); ok {
		call.peer = p.Addr.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

func (s *services) last(t *testing.T) seen {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) == 0 {
		t.Fatal("nothing was called")
	}
	return s.calls[len(s.calls)-1]
}

func (s *services) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *services) ended() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streamEnded, s.streamErr
}

func (s *services) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	if s.score == nil {
		return &cmiv1.ScoreCustomerResponse{}, nil
	}
	return s.score(ctx, r)
}

func (s *services) StreamScores(stream grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	serve := echo
	if s.stream != nil {
		serve = s.stream
	}
	return serve(stream)
}

// echo answers every chunk with one score for each response, and last a summary.
func echo(stream grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	summary := &cmiv1.StreamScoresSummary{}
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Summary{Summary: summary}})
		}
		if err != nil {
			return err
		}
		if req.GetChunk() == nil {
			continue
		}
		summary.Chunks++
		if err := stream.Send(answer(req.GetChunk())); err != nil {
			return err
		}
	}
}

func answer(chunk *cmiv1.ResponseChunk) *cmiv1.StreamScoresResponse {
	result := &cmiv1.ResultChunk{Sequence: chunk.GetSequence()}
	for _, r := range chunk.GetResponses() {
		result.Results = append(result.Results, &cmiv1.ScoreResult{
			Result: &cmiv1.ScoreResult_Score{Score: &cmiv1.Score{ResponseId: r.GetResponseId(), Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED}},
		})
	}
	return &cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{Chunk: result}}
}

// channel registers the services behind interceptors that remember the call, and answer for every method but ScoreCustomer
// and StreamScores with an empty message.
func (s *services) channel() *inproc.Channel {
	unary := func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		s.remember(ctx, info.FullMethod, req)
		if s.err != nil {
			return nil, errs.Status(s.err).Err()
		}
		if info.FullMethod == cmiv1.ScoringService_ScoreCustomer_FullMethodName {
			answer, err := next(ctx, req)
			if err != nil {
				return nil, errs.Status(err).Err()
			}
			return answer, nil
		}
		return emptyAnswer(info.FullMethod)
	}
	stream := func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		s.remember(ss.Context(), info.FullMethod, nil)
		if s.err != nil {
			return errs.Status(s.err).Err()
		}
		err := next(srv, ss)
		s.mu.Lock()
		s.streamEnded++
		s.streamErr = err
		s.mu.Unlock()
		if err != nil {
			return errs.Status(err).Err()
		}
		return nil
	}
	c := inproc.New(inproc.Options{
		Unary:  []grpc.UnaryServerInterceptor{unary},
		Stream: []grpc.StreamServerInterceptor{stream},
	})
	cmiv1.RegisterScoringServiceServer(c, s)
	cmiv1.RegisterQuestionnaireServiceServer(c, cmiv1.UnimplementedQuestionnaireServiceServer{})
	cmiv1.RegisterCustomerServiceServer(c, cmiv1.UnimplementedCustomerServiceServer{})
	cmiv1.RegisterOutcomeServiceServer(c, cmiv1.UnimplementedOutcomeServiceServer{})
	cmiv1.RegisterInsightServiceServer(c, cmiv1.UnimplementedInsightServiceServer{})
	return c
}

// emptyAnswer makes the empty response message of a method.
func emptyAnswer(fullMethod string) (any, error) {
	m, err := methodOf(fullMethod)
	if err != nil {
		return nil, err
	}
	return newMessage(m.Output())
}

// site is a gateway that listens.
type site struct {
	url      string
	services *services
}

// start serves a gateway on a port of its own until the test ends.
func start(t testing.TB, s *services, change func(*gateway.Options)) site {
	t.Helper()
	opts := gateway.Options{Conn: s.channel(), SpoolDir: t.TempDir()}
	if change != nil {
		change(&opts)
	}
	handler, err := gateway.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := gateway.Server(handler, nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("the server did not shut down: %v", err)
			_ = server.Close()
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ended with %v", err)
		}
		if left, err := os.ReadDir(opts.SpoolDir); err != nil || len(left) > 0 {
			t.Errorf("the folder of the spool holds %v (%v)", left, err)
		}
	})
	return site{url: "http://" + listener.Addr().String(), services: s}
}

// client speaks one protocol over connections of its own.
func client(t testing.TB, protocol string) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(protocol == "HTTP/1.1")
	protocols.SetUnencryptedHTTP2(protocol == "h2c")
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// overBoth runs a test over each protocol.
func overBoth(t *testing.T, run func(t *testing.T, c *http.Client)) {
	t.Helper()
	for _, protocol := range []string{"HTTP/1.1", "h2c"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			run(t, client(t, protocol))
		})
	}
}

// got is an answer, read whole.
type got struct {
	code   int
	header http.Header
	body   string
}

func (s site) do(t testing.TB, c *http.Client, method, path, body string, headers ...string) got {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, in)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got{code: resp.StatusCode, header: resp.Header, body: string(text)}
}

// reason reads the reason out of an error body, which must be a google.rpc.Status.
func (g got) reason(t testing.TB) string {
	t.Helper()
	return reasonOf(t, g.body)
}

func reasonOf(t testing.TB, body string) string {
	t.Helper()
	st := new(spb.Status)
	if err := protojson.Unmarshal([]byte(body), st); err != nil {
		t.Fatalf("%q is not a google.rpc.Status: %v", body, err)
	}
	return errs.Reason(statusOf(st)).String()
}

// lateHeader is a service that sends its header only when it has accepted the config, which it never does.
type lateHeader struct {
	cmiv1.UnimplementedScoringServiceServer
}

func (*lateHeader) StreamScores(stream grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	return errs.Status(fault.New(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "There is no such questionnaire.")).Err()
}

func (l *lateHeader) channel() *inproc.Channel {
	c := inproc.New(inproc.Options{})
	cmiv1.RegisterScoringServiceServer(c, l)
	return c
}
