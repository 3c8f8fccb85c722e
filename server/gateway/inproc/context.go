package inproc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// address is the peer of a caller that did not say who it is.
type address struct{}

func (address) Network() string { return "inproc" }
func (address) String() string  { return "inproc" }

// serverContext turns the caller's context into the handler's: what went out comes in. The outgoing metadata is taken away,
// so that a handler that calls on does not pass its caller's credentials along.
func serverContext(ctx context.Context) context.Context {
	if md, ok := metadata.FromOutgoingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(metadata.NewIncomingContext(ctx, md), nil)
	}
	if _, known := peer.FromContext(ctx); !known {
		ctx = peer.NewContext(ctx, &peer.Peer{Addr: address{}})
	}
	return ctx
}

// statusError makes of a handler's error what a grpc.Server would send.
func statusError(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.FromContextError(err).Err()
}

func begin(ctx context.Context, h stats.Handler, method string, desc grpc.StreamDesc) context.Context {
	ctx = h.TagRPC(ctx, &stats.RPCTagInfo{FullMethodName: method})
	h.HandleRPC(ctx, &stats.Begin{
		BeginTime:      time.Now(),
		IsClientStream: desc.ClientStreams,
		IsServerStream: desc.ServerStreams,
	})
	return ctx
}

func end(ctx context.Context, h stats.Handler, err error) {
	h.HandleRPC(ctx, &stats.End{EndTime: time.Now(), Error: err})
}
