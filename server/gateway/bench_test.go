package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/gateway"
	"github.com/customer-momentum/cmi/server/gateway/inproc"
)

// A response of 12 answers and its score, as a dry run has them.
func exampleRequest() *cmiv1.ScoreCustomerRequest {
	r := &cmiv1.ScoreCustomerRequest{QuestionnaireId: "builtin-active-online", DryRun: true,
		Response: &cmiv1.Response{ResponseId: "r-000001", CustomerId: "c-000001", Channel: cmiv1.Channel_CHANNEL_ONLINE}}
	for _, item := range []string{"warmth", "ease", "trust", "pride", "effort", "value", "return", "use", "depth", "tell", "stay", "grow"} {
		r.Response.Answers = append(r.Response.Answers, &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: 7}})
	}
	return r
}

func exampleScore(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	s := &cmiv1.Score{ResponseId: "r-000001", CustomerId: "c-000001", QuestionnaireId: "builtin-active-online", QuestionnaireVersion: 1,
		Series: "active", Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED, Cmi: proto.Float64(71.234567), DisplayScore: proto.Int32(71),
		Bucket: cmiv1.Bucket_BUCKET_GROWTH}
	for _, p := range []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII} {
		s.Pillars = append(s.Pillars, &cmiv1.PillarScore{Pillar: p, Score: proto.Float64(70.5), Coverage: proto.Float64(1)})
	}
	return &cmiv1.ScoreCustomerResponse{Score: s}, nil
}

// quiet answers the example without remembering anything.
type quiet struct {
	cmiv1.UnimplementedScoringServiceServer
}

func (quiet) ScoreCustomer(ctx context.Context, r *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
	return exampleScore(ctx, r)
}

func pass(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	return next(ctx, req)
}

// BenchmarkScoreCustomer compares the door with gRPC, both over TCP in one process, both with the same handler.
func BenchmarkScoreCustomer(b *testing.B) {
	b.Run("grpc", benchGRPC)
	b.Run("gateway", benchGateway)
}

func benchGRPC(b *testing.B) {
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(pass, pass, pass))
	cmiv1.RegisterScoringServiceServer(server, quiet{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Stop()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	c := cmiv1.NewScoringServiceClient(conn)
	b.SetParallelism(16)
	before := cpuTime(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := exampleRequest()
		for pb.Next() {
			if _, err := c.ScoreCustomer(b.Context(), r); err != nil {
				b.Error(err)
				return
			}
		}
	})
	report(b, before)
}

// benchGateway writes requests and reads answers with next to no client, so that what is measured is the door: the client of
// net/http costs more than the server.
func benchGateway(b *testing.B) {
	at := startQuiet(b)
	body, err := protojson.Marshal(exampleRequest())
	if err != nil {
		b.Fatal(err)
	}
	address := strings.TrimPrefix(at, "http://")
	request := fmt.Appendf(nil, "POST /v1/scores HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		address, len(body), body)
	b.SetParallelism(16)
	before := cpuTime(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		for pb.Next() {
			if err := exchange(conn, in, request); err != nil {
				b.Error(err)
				return
			}
		}
	})
	report(b, before)
}

// exchange sends a request and reads an answer of known length.
func exchange(conn net.Conn, in *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("answered %q", line)
		}
		if len(line) == 2 {
			break
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
			if err != nil {
				return err
			}
		}
	}
	_, err := in.Discard(length)
	return err
}

func startQuiet(b *testing.B) string {
	channel := inproc.New(inproc.Options{Unary: []grpc.UnaryServerInterceptor{pass, pass, pass}})
	cmiv1.RegisterScoringServiceServer(channel, quiet{})
	return start(b, &services{}, func(o *gateway.Options) { o.Conn = channel }).url
}

// cpuTime answers what this process has used so far, client and server alike: on a machine that others use too, calls per
// second say little, and the work that a call takes says more.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, before time.Duration) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/call")
}
