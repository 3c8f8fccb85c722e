package chain_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestADrainOverTheWire takes a chunk, drains while the client is silent, and sees the chunk answered before the end.
func TestADrainOverTheWire(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		returned := make(chan struct{})
		conn := open(&scoring{scores: func(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
			defer close(returned)
			first, err := ss.Recv()
			if err != nil {
				return err
			}
			f.config.Drain.Start()
			_, end := ss.Recv()
			if err := ss.Send(result(first.GetChunk().GetSequence())); err != nil {
				return err
			}
			return end
		}})
		client, err := cmiv1.NewScoringServiceClient(conn).StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Send(chunk(7)); err != nil {
			t.Fatal(err)
		}
		answer, err := client.Recv()
		if err != nil || answer.GetChunk().GetSequence() != 7 {
			t.Fatalf("%v, %v", answer, err)
		}
		_, err = client.Recv()
		expect(t, err, codes.Unavailable, "SERVER_DRAINING")
		<-returned
	})
}

func TestAnIdleStreamOverTheWire(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		f.config.Limits.StreamIdle = 50 * time.Millisecond
		client, err := cmiv1.NewScoringServiceClient(open(&scoring{scores: echo})).StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Recv()
		expect(t, err, codes.DeadlineExceeded, "STREAM_IDLE")
	})
}

// TestASlowReaderIsLetGo floods a client that does not read: the handler gets its error and returns.
func TestASlowReaderIsLetGo(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		f.config.Limits.StreamIdle = 50 * time.Millisecond
		returned := make(chan error, 1)
		conn := open(&scoring{scores: func(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
			for {
				big := result(1)
				big.GetChunk().Results = make([]*cmiv1.ScoreResult, 1000)
				for i := range big.GetChunk().GetResults() {
					big.GetChunk().Results[i] = &cmiv1.ScoreResult{ResponseId: "a-response-id-of-some-length"}
				}
				if err := ss.Send(big); err != nil {
					returned <- err
					return err
				}
			}
		}})
		ctx, cancel := context.WithCancel(t.Context())
		client, err := cmiv1.NewScoringServiceClient(conn).StreamScores(ctx)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-returned:
			if reasonOf(err) != cmiv1.ErrorReason_STREAM_IDLE {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the handler still sends")
		}
		cancel()
		for err == nil {
			_, err = client.Recv()
		}
	})
}

func TestAStreamThatEndsWellOverTheWire(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		client, err := cmiv1.NewScoringServiceClient(open(&scoring{scores: echo})).StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range int32(100) {
			if err := client.Send(chunk(i)); err != nil {
				t.Fatal(err)
			}
			if answer, err := client.Recv(); err != nil || answer.GetChunk().GetSequence() != i {
				t.Fatalf("%v, %v", answer, err)
			}
		}
		if err := client.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Recv(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		header, err := client.Header()
		if err != nil || len(header.Get("x-request-id")) != 1 {
			t.Errorf("header %v, %v", header, err)
		}
		line := f.log.only(t)
		if line["received"] != 100.0 || line["sent"] != 100.0 || line["code"] != "OK" || line["level"] != "DEBUG" {
			t.Errorf("line %v", line)
		}
	})
}

// TestWatchOutlivesTheIdleLimitButNotADrain watches health, a stream on which the client never speaks again.
func TestWatchOutlivesTheIdleLimitButNotADrain(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.config.Limits.StreamIdle = 20 * time.Millisecond
	conn := f.serve(t, &scoring{})
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := watch.Recv(); err != nil || first.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("%v, %v", first, err)
	}
	time.Sleep(10 * f.config.Limits.StreamIdle)
	f.config.Drain.Start()
	_, err = watch.Recv()
	expect(t, err, codes.Unavailable, "SERVER_DRAINING")
}

func TestADrainLetsTheServerStop(t *testing.T) {
	t.Parallel()
	f := newFixture()
	conn := f.serve(t, &scoring{scores: echo})
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	reflect, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := reflect.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := reflect.Recv(); err != nil {
		t.Fatal(err)
	}
	scores, err := cmiv1.NewScoringServiceClient(conn).StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := scores.Send(chunk(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := scores.Recv(); err != nil {
		t.Fatal(err)
	}
	f.config.Drain.Start()
	stopped := make(chan struct{})
	go func() { f.server.GracefulStop(); close(stopped) }()
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Fatal("open streams keep the server from stopping")
	}
	_, err = reflect.Recv()
	expect(t, err, codes.Unavailable, "SERVER_DRAINING")
}

// TestTheClientGoesAway cancels while the handler waits, and sees it return.
func TestTheClientGoesAway(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		ctx, cancel := context.WithCancel(t.Context())
		client, err := cmiv1.NewScoringServiceClient(open(&scoring{scores: echo})).StreamScores(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Send(chunk(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Recv(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if line := f.log.only(t); line["code"] != "CANCELLED" || line["reason"] != "CALL_CANCELLED" || line["level"] != "INFO" {
			t.Errorf("line %v", line)
		}
	})
}
