package chain

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/fault"
)

// gatekeeper lets in who may call.
type gatekeeper struct {
	keyring *access.Keyring
}

func (g *gatekeeper) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := g.admit(ctx); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func (g *gatekeeper) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	// Without a service there is nothing to guard: unknownMethod then says that it is unknown, not that it is forbidden.
	if srv != nil {
		if err := g.admit(ss.Context()); err != nil {
			return err
		}
	}
	return handler(srv, ss)
}

// admit answers nil for a caller who may call, and puts it into the call; public methods have none.
func (g *gatekeeper) admit(ctx context.Context) error {
	c := callOf(ctx)
	switch c.method.rule {
	case access.Public:
		return nil
	case 0:
		return access.Caller{}.Allow(0)
	}
	caller, err := g.authenticate(ctx)
	if err != nil {
		return err
	}
	// Set before the scope is asked for, so that the log knows who was refused.
	c.caller = caller
	return caller.Allow(c.method.rule)
}

// authenticate reads the key from the authorization header or, where there is none, from x-api-key. A header that comes
// twice is refused: which one was meant is not for us to guess.
func (g *gatekeeper) authenticate(ctx context.Context) (access.Caller, error) {
	if g.keyring.IsOpen() {
		return g.keyring.Authenticate("")
	}
	show, values := g.keyring.Authenticate, metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(values) == 0 {
		show, values = g.keyring.AuthenticateKey, metadata.ValueFromIncomingContext(ctx, "x-api-key")
	}
	switch len(values) {
	case 0:
		return show("")
	case 1:
		return show(values[0])
	default:
		return access.Caller{}, fault.New(cmiv1.ErrorReason_KEY_INVALID, "The call carries more than one API key.")
	}
}

// unknownMethod answers calls to methods that the server does not have.
func unknownMethod(_ any, _ grpc.ServerStream) error {
	return fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "The service has no such method.")
}
