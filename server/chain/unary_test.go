package chain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/chain"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// answering is a service that scores whatever it is sent.
func answering(err error) *scoring {
	return &scoring{score: func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
		if err != nil {
			return nil, err
		}
		return &cmiv1.ScoreCustomerResponse{Score: &cmiv1.Score{}}, nil
	}}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, _ *fixture, open func(*scoring) grpc.ClientConnInterface) {
		inside := ""
		client := cmiv1.NewScoringServiceClient(open(&scoring{score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
			inside = requestid.From(ctx)
			return nil, fault.New(cmiv1.ErrorReason_STALE_ETAG, "Stale.")
		}}))
		for sent, taken := range map[string]bool{"mine-1": true, strings.Repeat("x", 200): false, "": false} {
			ctx := t.Context()
			if sent != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", sent)
			}
			var header metadata.MD
			_, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{}, grpc.Header(&header))
			st := expect(t, err, codes.Aborted, "STALE_ETAG")
			got := header.Get("x-request-id")
			if len(got) != 1 || got[0] != inside || infoOf(st).GetMetadata()["request_id"] != inside {
				t.Errorf("header %q, inside %q, error %v", got, inside, infoOf(st).GetMetadata())
			}
			if (inside == sent) != taken || inside == "" {
				t.Errorf("sent %q, got %q", sent, inside)
			}
		}
	})
}

// Over gRPC a call that went well answers the id only to who sent one.
func TestRequestIDOfACallThatWentWell(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, _ *fixture, open func(*scoring) grpc.ClientConnInterface) {
		client := cmiv1.NewScoringServiceClient(open(&scoring{score: func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
			return &cmiv1.ScoreCustomerResponse{}, nil
		}}))
		var header metadata.MD
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine-1")
		if _, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		if got := header.Get("x-request-id"); len(got) != 1 || got[0] != "mine-1" {
			t.Errorf("sent mine-1, got %q", got)
		}
		header = nil
		if _, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		if got := header.Get("x-request-id"); len(got) != 0 {
			t.Errorf("sent none, got %q", got)
		}
	})
}

func TestTheDeadline(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		var left time.Duration
		f.config.Limits.MaxDeadline = time.Minute
		client := cmiv1.NewScoringServiceClient(open(&scoring{score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return &cmiv1.ScoreCustomerResponse{}, nil
		}}))
		for asked, want := range map[time.Duration]time.Duration{0: time.Minute, time.Hour: time.Minute, 10 * time.Second: 10 * time.Second} {
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if asked > 0 {
				ctx, cancel = context.WithTimeout(ctx, asked)
			}
			if _, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{}); err != nil {
				t.Fatal(err)
			}
			cancel()
			if left > want || left < want-5*time.Second {
				t.Errorf("asked for %s, got %s", asked, left)
			}
		}
	})
}

func TestACallThatRunsOutOfTime(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		f.config.Limits.MaxDeadline = 10 * time.Millisecond
		client := cmiv1.NewScoringServiceClient(open(&scoring{score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("read the questionnaire: %w", ctx.Err())
		}}))
		_, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{})
		expect(t, err, codes.DeadlineExceeded, "DEADLINE_EXCEEDED")
		if line := f.log.only(t); line["level"] != "WARN" || !strings.Contains(line["error"].(string), "read the questionnaire") {
			t.Errorf("line %v", line)
		}
	})
}

// TestWhatTheLogSaysAndDoesNot sends refusals and failures with secrets in them.
func TestWhatTheLogSaysAndDoesNot(t *testing.T) {
	t.Parallel()
	quoting := fault.Field(cmiv1.ErrorReason_INVALID_RESPONSE, "response.answers[0].text", "the customer said SECRET")
	for name, c := range map[string]struct {
		err                  error
		level, code, reason  string
		says                 string
		silentAboutTheSecret bool
	}{
		"fine":     {nil, "DEBUG", "OK", "", "", true},
		"refusal":  {quoting.Because(errors.New("SECRET")), "INFO", "INVALID_ARGUMENT", "INVALID_RESPONSE", "", true},
		"failure":  {errors.New("disk on fire"), "ERROR", "INTERNAL", "INTERNAL_ERROR", "disk on fire", true},
		"store":    {fault.New(cmiv1.ErrorReason_STORE_UNAVAILABLE, "Down.").Because(errors.New("no route")), "WARN", "UNAVAILABLE", "STORE_UNAVAILABLE", "no route", true},
		"draining": {fault.New(cmiv1.ErrorReason_SERVER_DRAINING, "Bye."), "INFO", "UNAVAILABLE", "SERVER_DRAINING", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			client := cmiv1.NewScoringServiceClient(f.serve(t, answering(c.err)))
			_, _ = client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{Response: &cmiv1.Response{CustomerId: "SECRET"}})
			line := f.log.only(t)
			reason, _ := line["reason"].(string)
			if line["level"] != c.level || line["code"] != c.code || reason != c.reason {
				t.Errorf("line %v", line)
			}
			for _, key := range []string{"method", "duration", "request_id", "tenant", "peer"} {
				if line[key] == nil || line[key] == "" {
					t.Errorf("the line lacks %s: %v", key, line)
				}
			}
			text := f.log.text()
			if strings.Contains(text, "SECRET") || !strings.Contains(text, c.says) {
				t.Errorf("line %s", text)
			}
			if name == "refusal" && line["violations"] != 1.0 {
				t.Errorf("line %v", line)
			}
		})
	}
}

func TestLogCalls(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.config.LogCalls = true
	client := cmiv1.NewScoringServiceClient(f.inProcess(t, answering(nil)))
	if _, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); err != nil {
		t.Fatal(err)
	}
	if line := f.log.only(t); line["level"] != "INFO" {
		t.Errorf("line %v", line)
	}
}

func TestAPanicStaysInside(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		client := cmiv1.NewScoringServiceClient(open(&scoring{
			score: func(context.Context, *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
				panic("SECRET")
			},
		}))
		_, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{})
		st := expect(t, err, codes.Internal, "INTERNAL_ERROR")
		if strings.Contains(st.String(), "SECRET") || st.Message() != "Internal error." {
			t.Errorf("the client sees %s", st)
		}
		line := f.log.only(t)
		if line["level"] != "ERROR" || line["error"] != "panic: SECRET" || !strings.Contains(line["stack"].(string), "unary_test.go") {
			t.Errorf("line %v", line)
		}
	})
}

func TestAStreamThatPanics(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		client, err := cmiv1.NewScoringServiceClient(open(&scoring{
			scores: func(grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
				panic("SECRET")
			},
		})).StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Recv()
		expect(t, err, codes.Internal, "INTERNAL_ERROR")
		if line := f.log.only(t); line["error"] != "panic: SECRET" {
			t.Errorf("line %v", line)
		}
	})
}

// TestUnknownMethods are answered with a reason too.
func TestUnknownMethods(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.config.Limits = chain.Limits{}
	conn := f.serve(t, &scoring{})
	for _, method := range []string{"/cmi.v1.ScoringService/Nothing", "/nobody.Nothing/AtAll"} {
		err := conn.Invoke(t.Context(), method, &emptypb.Empty{}, &emptypb.Empty{})
		expect(t, err, codes.Unimplemented, "UNKNOWN_METHOD")
	}
	_, err := cmiv1.NewScoringServiceClient(conn).ListScores(t.Context(), &cmiv1.ListScoresRequest{})
	expect(t, err, codes.Unimplemented, "UNKNOWN_METHOD")
}
