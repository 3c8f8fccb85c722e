package main

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// fakeInsight answers the calls of the insight service, and of operations, as a test says, and remembers what was asked.
type fakeInsight struct {
	cmiv1.UnimplementedInsightServiceServer
	longrunningpb.UnimplementedOperationsServer
	answer func(ctx context.Context, request proto.Message) (proto.Message, error)

	guard sync.Mutex
	seen  []proto.Message
}

// intercept answers in place of the services.
func (f *fakeInsight) intercept(ctx context.Context, request any, _ *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
	f.guard.Lock()
	f.seen = append(f.seen, request.(proto.Message))
	f.guard.Unlock()
	return f.answer(ctx, request.(proto.Message))
}

// asked are the requests so far.
func (f *fakeInsight) asked() []proto.Message {
	f.guard.Lock()
	defer f.guard.Unlock()
	return slices.Clone(f.seen)
}

// serve answers calls until the test ends, at the address that it answers.
func (f *fakeInsight) serve(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(f.intercept))
	cmiv1.RegisterInsightServiceServer(server, f)
	longrunningpb.RegisterOperationsServer(server, f)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { server.Stop(); <-served })
	return listener.Addr().String()
}

// always is a service with one answer.
func always(answer proto.Message, err error) *fakeInsight {
	return &fakeInsight{answer: func(context.Context, proto.Message) (proto.Message, error) { return answer, err }}
}

// smallIndex is an answer with one figure.
func smallIndex() *cmiv1.GetIndexReportResponse {
	return &cmiv1.GetIndexReportResponse{
		AsOf: &timestamppb.Timestamp{Seconds: 1788220800},
		Groups: []*cmiv1.IndexGroup{{
			Cell: &cmiv1.Cell{N: 40, NEff: new(40.0)}, Cmi: &cmiv1.Estimate{Value: new(61.5), Low: new(58.0), High: new(65.0), Level: new(0.95)},
		}},
	}
}

// ended is the operation x that ended with a result.
func ended(t *testing.T, result proto.Message) *longrunningpb.Operation {
	t.Helper()
	op := packed(t, &cmiv1.OperationMetadata{State: cmiv1.OperationState_OPERATION_STATE_SUCCEEDED}, true)
	packedResult, err := anypb.New(result)
	if err != nil {
		t.Fatal(err)
	}
	op.Result = &longrunningpb.Operation_Response{Response: packedResult}
	return op
}
