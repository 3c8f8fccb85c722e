package chain

import (
	"context"
	"fmt"
	"runtime/debug"

	"google.golang.org/grpc"
)

// panicked is a panic as an error. It is none of the errors that errs knows, so the client sees "Internal error."; value and
// stack are for the log.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// rescue, deferred, turns a panic into an error.
func rescue(err *error) {
	if value := recover(); value != nil {
		*err = &panicked{value: value, stack: debug.Stack()}
	}
}

func recoverUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (answer any, err error) {
	defer rescue(&err)
	return handler(ctx, req)
}

func recoverStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer rescue(&err)
	return handler(srv, ss)
}
