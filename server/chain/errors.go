package chain

import (
	"context"

	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/server/errs"
)

// mapUnary turns errors into what the client may see.
func mapUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	answer, err := handler(ctx, req)
	if err != nil {
		return nil, errs.ForCall(ctx, err).Err()
	}
	return answer, nil
}

func mapStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := handler(srv, ss); err != nil {
		return errs.ForCall(ss.Context(), err).Err()
	}
	return nil
}
