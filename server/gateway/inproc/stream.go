package inproc

import (
	"context"
	"io"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// ahead is how many messages may wait in each direction: with HTTP/2's flow control gone, this is what bounds memory.
const ahead = 2

// stream is one call, seen from both ends: clientEnd and serverEnd.
type stream struct {
	transport *transportStream
	requests  chan any
	responses chan any
	started   chan struct{}
	// done is closed when the handler returned; err is set before.
	done chan struct{}
	err  error
}

// NewStream starts the handler in a goroutine of its own. Cancel ctx, or receive until an error comes: either ends it.
// Receiving after a cancellation waits for the handler, so that whoever cancelled knows when nothing goes on behind its back.
func (c *Channel) NewStream(ctx context.Context, _ *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	m, ok := c.streamMethods[method]
	if !ok {
		return nil, status.Errorf(codes.Unimplemented, "unknown method %s", method)
	}
	s := &stream{
		requests:  make(chan any, ahead),
		responses: make(chan any, ahead),
		started:   make(chan struct{}),
		done:      make(chan struct{}),
	}
	s.transport = &transportStream{method: method, onSend: func() { close(s.started) }}
	serverCtx := grpc.NewContextWithServerTransportStream(serverContext(ctx), s.transport)
	go s.serve(serverCtx, c, m)
	return &clientEnd{ctx: ctx, stream: s, opts: opts}, nil
}

// serve runs the handler behind the interceptors.
func (s *stream) serve(ctx context.Context, c *Channel, m streamMethod) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer close(s.done)
	if c.stats != nil {
		ctx = begin(ctx, c.stats, s.transport.method, m.desc)
		defer func() { end(ctx, c.stats, s.err) }()
	}
	err := m.run(c.stream, &serverEnd{ctx: ctx, stream: s}, s.transport.method)
	if err != nil {
		s.err = statusError(err)
	}
}

func (m streamMethod) run(around grpc.StreamServerInterceptor, ss grpc.ServerStream, method string) error {
	if around == nil {
		return m.desc.Handler(m.service, ss)
	}
	info := &grpc.StreamServerInfo{
		FullMethod:     method,
		IsClientStream: m.desc.ClientStreams,
		IsServerStream: m.desc.ServerStreams,
	}
	return around(m.service, ss, info, m.desc.Handler)
}

// serverEnd is the stream as the handler sees it.
type serverEnd struct {
	ctx context.Context
	*stream
}

func (s *serverEnd) Context() context.Context { return s.ctx }

func (s *serverEnd) SetHeader(md metadata.MD) error { return s.transport.SetHeader(md) }

func (s *serverEnd) SendHeader(md metadata.MD) error { return s.transport.SendHeader(md) }

func (s *serverEnd) SetTrailer(md metadata.MD) { _ = s.transport.SetTrailer(md) }

func (s *serverEnd) SendMsg(m any) error {
	s.transport.complete()
	select {
	case s.responses <- m:
		return nil
	case <-s.ctx.Done():
		return status.FromContextError(s.ctx.Err()).Err()
	}
}

func (s *serverEnd) RecvMsg(m any) error {
	select {
	case req, more := <-s.requests:
		if !more {
			return io.EOF
		}
		return share(m, req)
	case <-s.ctx.Done():
		return status.FromContextError(s.ctx.Err()).Err()
	}
}

// clientEnd is the stream as the caller sees it.
type clientEnd struct {
	ctx  context.Context
	opts []grpc.CallOption
	*stream
	closed atomic.Bool
}

func (c *clientEnd) Context() context.Context { return c.ctx }

// Header waits for the header. It is nil when the call ended before its handler sent one: RecvMsg then says why.
func (c *clientEnd) Header() (metadata.MD, error) {
	select {
	case <-c.started:
	case <-c.done:
		select {
		case <-c.started:
		default:
			return nil, nil
		}
	}
	header, _ := c.transport.metadata()
	if header == nil {
		header = metadata.MD{}
	}
	return header, nil
}

func (c *clientEnd) Trailer() metadata.MD {
	_, trailer := c.transport.metadata()
	return trailer
}

func (c *clientEnd) CloseSend() error {
	if c.closed.CompareAndSwap(false, true) {
		close(c.requests)
	}
	return nil
}

func (c *clientEnd) SendMsg(m any) error {
	if c.closed.Load() {
		return status.Error(codes.Internal, "SendMsg called after CloseSend")
	}
	select {
	case <-c.done: // even where there is room for one more
		return io.EOF
	default:
	}
	select {
	case c.requests <- m:
		return nil
	case <-c.done:
		return io.EOF
	case <-c.ctx.Done():
		return io.EOF
	}
}

func (c *clientEnd) RecvMsg(m any) error {
	select {
	case answer := <-c.responses:
		return share(m, answer)
	case <-c.done:
	}
	select {
	case answer := <-c.responses:
		return share(m, answer)
	default:
	}
	c.transport.answer(c.opts)
	if c.err != nil {
		return c.err
	}
	return io.EOF
}
