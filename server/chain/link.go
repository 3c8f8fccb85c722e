package chain

import (
	"context"

	"google.golang.org/grpc"
)

// Link is one thing that happens around every call.
type Link struct {
	// Name is what tests and documents call it.
	Name string
	// Why says why it stands at its place in the order.
	Why string
	// Unary and Stream do the same for both kinds of call; neither is ever nil, so that no kind walks past a link.
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
}

// unary makes one interceptor of many, the first outermost.
func unary(links []Link) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		w := &unaryWalk{links: links, info: info, handler: handler}
		w.next = w.step
		return w.step(ctx, req)
	}
}

// unaryWalk is how far one call has come. Every link gets the same function as its handler, which goes one step further, so
// that a call costs one of them and not one a link; a link calls its handler at most once.
type unaryWalk struct {
	links   []Link
	info    *grpc.UnaryServerInfo
	handler grpc.UnaryHandler
	next    grpc.UnaryHandler
	at      int
}

func (w *unaryWalk) step(ctx context.Context, req any) (any, error) {
	if w.at == len(w.links) {
		return w.handler(ctx, req)
	}
	link := w.links[w.at].Unary
	w.at++
	return link(ctx, req, w.info, w.next)
}

// stream is unary for streams.
func stream(links []Link) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		w := &streamWalk{links: links, info: info, handler: handler}
		w.next = w.step
		return w.step(srv, ss)
	}
}

type streamWalk struct {
	links   []Link
	info    *grpc.StreamServerInfo
	handler grpc.StreamHandler
	next    grpc.StreamHandler
	at      int
}

func (w *streamWalk) step(srv any, ss grpc.ServerStream) error {
	if w.at == len(w.links) {
		return w.handler(srv, ss)
	}
	link := w.links[w.at].Stream
	w.at++
	return link(srv, ss, w.info, w.next)
}

// scoped is a stream with another context.
type scoped struct {
	grpc.ServerStream
	ctx context.Context
}

// Context answers the context that the links made.
func (s *scoped) Context() context.Context { return s.ctx }
