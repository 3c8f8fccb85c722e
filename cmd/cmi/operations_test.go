package main

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// fakeOperations has operations in place of the real service.
type fakeOperations struct {
	longrunningpb.UnimplementedOperationsServer
	cmiv1.UnimplementedScoringServiceServer
	start func(context.Context) (*longrunningpb.Operation, error)
	wait  func(ctx context.Context, call int32) (*longrunningpb.Operation, error)
	waits atomic.Int32
}

func (f *fakeOperations) RecomputeScores(ctx context.Context, _ *cmiv1.RecomputeScoresRequest) (*longrunningpb.Operation, error) {
	return f.start(ctx)
}

func (f *fakeOperations) WaitOperation(ctx context.Context, _ *longrunningpb.WaitOperationRequest) (*longrunningpb.Operation, error) {
	return f.wait(ctx, f.waits.Add(1))
}

// bothServices are those that the commands speak to.
type bothServices interface {
	longrunningpb.OperationsServer
	cmiv1.ScoringServiceServer
}

func (f *fakeOperations) serve(t *testing.T) string {
	t.Helper()
	return serveFake(t, f)
}

// serveFake has s answer calls until the test ends, and answers the address.
func serveFake(t *testing.T, s bothServices) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	longrunningpb.RegisterOperationsServer(server, s)
	cmiv1.RegisterScoringServiceServer(server, s)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { server.Stop(); <-served })
	return listener.Addr().String()
}

// within runs a command in this process.
func within(ctx context.Context, args ...string) result {
	var out, said bytes.Buffer
	code := run(ctx, args, streams{out: &out, err: &said})
	return result{code, out.String(), said.String()}
}

// TestInterruptedWaitingSaysHowToGoOn: the operation is left alone.
func TestInterruptedWaitingSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	op := packed(t, &cmiv1.OperationMetadata{}, false)
	for said, args := range map[string][]string{
		"Operation x: \ncmi: interrupted": {"recompute", "q", "--id", "x"},
		"cmi: interrupted":                {"operations", "wait", "operations/x"},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		f := &fakeOperations{
			start: func(context.Context) (*longrunningpb.Operation, error) { return op, nil },
			wait: func(ctx context.Context, _ int32) (*longrunningpb.Operation, error) {
				interrupt()
				<-ctx.Done()
				return nil, ctx.Err()
			},
		}
		address := f.serve(t)
		r := within(ctx, append(args, "--server", address)...)
		r.expect(t, exitNo)
		want := said + `; operation x goes on: follow it with "cmi operations wait x --server ` + address +
			`", or end it with "cmi operations cancel x --server ` + address + "\"\n"
		if r.err != want || r.out != "" {
			t.Errorf("it says %q and prints %q; want %q", r.err, r.out, want)
		}
	}
}

// TestWaitingTellsWhyAnOperationFailed, on stderr, and with the exit code of what could not be done.
func TestWaitingTellsWhyAnOperationFailed(t *testing.T) {
	t.Parallel()
	op := packed(t, &cmiv1.OperationMetadata{State: cmiv1.OperationState_OPERATION_STATE_FAILED}, true)
	op.Result = &longrunningpb.Operation_Error{Error: &spb.Status{Code: int32(codes.FailedPrecondition), Message: "Too many groups."}}
	f := &fakeOperations{wait: func(_ context.Context, call int32) (*longrunningpb.Operation, error) {
		if call == 1 {
			return nil, status.Error(codes.Unavailable, "being started")
		}
		return op, nil
	}}
	address := f.serve(t)
	for _, args := range [][]string{{}, {"--json"}} {
		r := within(t.Context(), append([]string{"operations", "wait", "x", "--server", address}, args...)...)
		r.expect(t, exitNo)
		r.sentence(t, `operation "x" failed: Too many groups`)
		if printed := r.out != ""; printed != (len(args) > 0) {
			t.Errorf("with %q it prints %q", args, r.out)
		}
	}
	if f.waits.Load() != 3 {
		t.Errorf("it was asked %d times, want 3", f.waits.Load())
	}
}

// TestRecomputeSaysThatItMayHaveStarted where the answer did not come.
func TestRecomputeSaysThatItMayHaveStarted(t *testing.T) {
	t.Parallel()
	f := &fakeOperations{start: func(ctx context.Context) (*longrunningpb.Operation, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	r := within(t.Context(), "recompute", "airline", "--server", f.serve(t), "--timeout", "50ms")
	r.expect(t, exitNo)
	r.sentence(t, "did not answer in time", "it may have been started", "with --id airline-2")
}

// TestFlagsForTheSameService are those that another command needs, and never the key.
func TestFlagsForTheSameService(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]running{
		"":                            {Server: ownService},
		" --server cmi:1":             {Server: "cmi:1", apiKey: apiKey{"secret"}},
		" --tls":                      {Server: ownService, connection: connection{TLS: true}},
		" --ca a.pem --server-name n": {Server: ownService, connection: connection{CA: "a.pem", ServerName: "n"}},
	} {
		if got := r.flags(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}
