// Package inproc is a gRPC channel that calls its services in the same process: the server's interceptors run as they do for
// a call over the network, but nothing is framed, encoded or copied, and a unary call stays in the goroutine of its caller.
//
// Messages change hands: a message that was sent or answered belongs to whoever received it, as gRPC demands anyway ("it is
// not safe to modify the message after calling SendMsg"). The context of the caller is the context of the handler, values
// included, so that a span or a peer put there by the door is seen behind it.
package inproc

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// Options are what a grpc.Server would be given too.
type Options struct {
	// Unary runs around unary calls, the first outermost.
	Unary []grpc.UnaryServerInterceptor
	// Stream runs around streams, the first outermost.
	Stream []grpc.StreamServerInterceptor
	// Stats, where set, sees the begin and the end of every call: that is what tracing and metrics need.
	Stats stats.Handler
}

// Channel is both ends: services are registered with it as with a grpc.Server, and generated clients call through it as
// through a grpc.ClientConn. Register every service before the first call.
type Channel struct {
	unaryMethods  map[string]unaryMethod
	streamMethods map[string]streamMethod
	unary         grpc.UnaryServerInterceptor
	stream        grpc.StreamServerInterceptor
	stats         stats.Handler
}

type unaryMethod struct {
	service any
	handler grpc.MethodHandler
}

type streamMethod struct {
	service any
	desc    grpc.StreamDesc
}

var (
	_ grpc.ServiceRegistrar    = (*Channel)(nil)
	_ grpc.ClientConnInterface = (*Channel)(nil)
)

// New makes a channel without services.
func New(opts Options) *Channel {
	return &Channel{
		unaryMethods:  make(map[string]unaryMethod),
		streamMethods: make(map[string]streamMethod),
		unary:         chainUnary(opts.Unary),
		stream:        chainStream(opts.Stream),
		stats:         opts.Stats,
	}
}

// RegisterService adds a service. A method that is there already is a fault of the assembly and panics, as it does with a
// grpc.Server.
func (c *Channel) RegisterService(desc *grpc.ServiceDesc, service any) {
	for _, m := range desc.Methods {
		name := "/" + desc.ServiceName + "/" + m.MethodName
		if _, twice := c.unaryMethods[name]; twice {
			panic(fmt.Sprintf("inproc: %s is registered twice", name))
		}
		c.unaryMethods[name] = unaryMethod{service: service, handler: m.Handler}
	}
	for _, s := range desc.Streams {
		name := "/" + desc.ServiceName + "/" + s.StreamName
		if _, twice := c.streamMethods[name]; twice {
			panic(fmt.Sprintf("inproc: %s is registered twice", name))
		}
		c.streamMethods[name] = streamMethod{service: service, desc: s}
	}
}

// Invoke calls a unary method and returns when its handler did.
func (c *Channel) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) (err error) {
	m, ok := c.unaryMethods[method]
	if !ok {
		return status.Errorf(codes.Unimplemented, "unknown method %s", method)
	}
	transport := &transportStream{method: method}
	ctx = grpc.NewContextWithServerTransportStream(serverContext(ctx), transport)
	if c.stats != nil {
		ctx = begin(ctx, c.stats, method, grpc.StreamDesc{})
		defer func() { end(ctx, c.stats, err) }()
	}
	out, err := m.handler(m.service, ctx, func(in any) error { return share(in, args) }, c.unary)
	transport.answer(opts)
	if err != nil {
		return statusError(err)
	}
	return share(reply, out)
}
