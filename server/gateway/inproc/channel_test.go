package inproc_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/gateway/inproc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fake struct {
	cmiv1.UnimplementedScoringServiceServer
	unary  func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error)
	stream func(grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error
}

func (f fake) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	return f.unary(ctx, r)
}

func (f fake) StreamScores(s grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
	return f.stream(s)
}

func dial(f fake, opts inproc.Options) cmiv1.ScoringServiceClient {
	c := inproc.New(opts)
	cmiv1.RegisterScoringServiceServer(c, f)
	return cmiv1.NewScoringServiceClient(c)
}

type key struct{}

func TestUnary(t *testing.T) {
	t.Parallel()
	var order []string
	around := func(name string) grpc.UnaryServerInterceptor {
		return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			order = append(order, name+info.FullMethod)
			return next(ctx, req)
		}
	}
	sent := &cmiv1.ScoreCustomerRequest{QuestionnaireId: "q", Response: &cmiv1.Response{ResponseId: "r"}}
	c := dial(fake{unary: func(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
		if r.GetQuestionnaireId() != "q" || r.GetResponse() != sent.GetResponse() || r == sent {
			t.Errorf("got %v", r)
		}
		if v := metadata.ValueFromIncomingContext(ctx, "k"); len(v) != 1 || v[0] != "v" {
			t.Errorf("metadata %q", v)
		}
		if md, _ := metadata.FromOutgoingContext(ctx); len(md) > 0 {
			t.Errorf("outgoing metadata %v is still there", md)
		}
		if p, ok := peer.FromContext(ctx); !ok || p.Addr.String() != "inproc" {
			t.Errorf("peer %v", p)
		}
		if ctx.Value(key{}) != 7 {
			t.Error("the values of the caller's context are lost")
		}
		if m, ok := grpc.Method(ctx); !ok || m != cmiv1.ScoringService_ScoreCustomer_FullMethodName {
			t.Errorf("method %q", m)
		}
		if err := errors.Join(grpc.SetHeader(ctx, metadata.Pairs("h", "1")), grpc.SendHeader(ctx, metadata.Pairs("h", "2")), grpc.SetTrailer(ctx, metadata.Pairs("t", "3"))); err != nil {
			t.Error(err)
		}
		if grpc.SetHeader(ctx, metadata.Pairs("h", "4")) == nil {
			t.Error("a header after the header was taken")
		}
		return &cmiv1.ScoreCustomerResponse{Score: &cmiv1.Score{ResponseId: "r"}}, nil
	}}, inproc.Options{Unary: []grpc.UnaryServerInterceptor{around("a"), around("b"), around("c")}})

	ctx := metadata.AppendToOutgoingContext(context.WithValue(t.Context(), key{}, 7), "K", "v")
	var header, trailer metadata.MD
	answer, err := c.ScoreCustomer(ctx, sent, grpc.Header(&header), grpc.Trailer(&trailer))
	if err != nil || answer.GetScore().GetResponseId() != "r" {
		t.Fatal(answer, err)
	}
	if got := header.Get("h"); len(got) != 2 || trailer.Get("t")[0] != "3" {
		t.Error(header, trailer)
	}
	const m = cmiv1.ScoringService_ScoreCustomer_FullMethodName
	if len(order) != 3 || order[0] != "a"+m || order[1] != "b"+m || order[2] != "c"+m {
		t.Error(order)
	}
}

func TestErrorsAreStatuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err  error
		code codes.Code
	}{
		{status.Error(codes.NotFound, "no"), codes.NotFound},
		{context.Canceled, codes.Canceled},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
		{errors.New("x"), codes.Unknown},
	} {
		c := dial(fake{
			unary: func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
				return nil, tc.err
			},
			stream: func(grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
				return tc.err
			},
		}, inproc.Options{})
		if _, err := c.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); status.Code(err) != tc.code {
			t.Errorf("%v became %v", tc.err, err)
		}
		stream, err := c.StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if header, err := stream.Header(); header != nil || err != nil {
			t.Errorf("header %v %v of a call that never began", header, err)
		}
		if _, err := stream.Recv(); status.Code(err) != tc.code {
			t.Errorf("%v became %v", tc.err, err)
		}
	}
	c := inproc.New(inproc.Options{})
	if _, err := cmiv1.NewScoringServiceClient(c).ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); status.Code(err) != codes.Unimplemented {
		t.Error(err)
	}
	if _, err := cmiv1.NewScoringServiceClient(c).StreamScores(t.Context()); status.Code(err) != codes.Unimplemented {
		t.Error(err)
	}
}

func TestANilAnswerIsAFault(t *testing.T) {
	t.Parallel()
	c := dial(fake{unary: func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
		return nil, nil
	}}, inproc.Options{})
	if _, err := c.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); status.Code(err) != codes.Internal {
		t.Error(err)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	counted := &counter{}
	c := dial(fake{stream: func(s grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
		if err := s.SendHeader(metadata.Pairs("h", "1")); err != nil {
			return err
		}
		s.SetTrailer(metadata.Pairs("t", "2"))
		for {
			r, err := s.Recv()
			if errors.Is(err, io.EOF) {
				return s.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Summary{Summary: &cmiv1.StreamScoresSummary{}}})
			}
			if err != nil {
				return err
			}
			answer := &cmiv1.ResultChunk{Sequence: r.GetChunk().GetSequence()}
			if err := s.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{Chunk: answer}}); err != nil {
				return err
			}
		}
	}}, inproc.Options{Stats: counted})
	stream, err := c.StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if header, err := stream.Header(); err != nil || header.Get("h")[0] != "1" {
		t.Fatal(header, err)
	}
	for i := range int32(100) {
		if err := stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{Chunk: &cmiv1.ResponseChunk{Sequence: i}}}); err != nil {
			t.Fatal(err)
		}
		if answer, err := stream.Recv(); err != nil || answer.GetChunk().GetSequence() != i {
			t.Fatal(answer, err)
		}
	}
	if err := errors.Join(stream.CloseSend(), stream.CloseSend()); err != nil {
		t.Fatal(err)
	}
	if stream.Send(&cmiv1.StreamScoresRequest{}) == nil {
		t.Error("sent after the end")
	}
	if answer, err := stream.Recv(); err != nil || answer.GetSummary() == nil {
		t.Fatal(answer, err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) || stream.Trailer().Get("t")[0] != "2" {
		t.Error(err, stream.Trailer())
	}
	if counted.begun != 1 || counted.ended != 1 {
		t.Errorf("%+v", counted)
	}
}

func TestCancelEndsBothEnds(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	c := dial(fake{stream: func(s grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
		defer close(ended)
		_, err := s.Recv()
		time.Sleep(10 * time.Millisecond)
		return err
	}}, inproc.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := c.StreamScores(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Error(err)
	}
	select {
	case <-ended:
	default:
		t.Error("the handler goes on behind the back of the caller")
	}
	if err := stream.Send(&cmiv1.StreamScoresRequest{}); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestRegisteringTwicePanics(t *testing.T) {
	t.Parallel()
	c := inproc.New(inproc.Options{})
	cmiv1.RegisterScoringServiceServer(c, fake{})
	defer func() {
		if recover() == nil {
			t.Error("taken twice")
		}
	}()
	cmiv1.RegisterScoringServiceServer(c, fake{})
}

// counter is a stats.Handler that counts calls.
type counter struct{ begun, ended int }

func (c *counter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (c *counter) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s.(type) {
	case *stats.Begin:
		c.begun++
	case *stats.End:
		c.ended++
	}
}

func (c *counter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (c *counter) HandleConn(context.Context, stats.ConnStats) {}
