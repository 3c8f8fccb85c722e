package chain

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/contract"
)

// validation applies the rules that stand in the contract to control messages.
type validation struct {
	contract *contract.Contract
}

func (v *validation) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if callOf(ctx).method.validated {
		if err := v.check(req); err != nil {
			return nil, err
		}
	}
	return handler(ctx, req)
}

func (v *validation) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if callOf(ss.Context()).method.validated {
		return handler(srv, &validated{ss, v})
	}
	return handler(srv, ss)
}

// validated checks each message of a stream of control messages.
type validated struct {
	grpc.ServerStream
	by *validation
}

// RecvMsg answers the next message that keeps the rules.
func (s *validated) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.by.check(m)
}

func (v *validation) check(m any) error {
	message, ok := m.(proto.Message)
	if !ok {
		return fmt.Errorf("a %T is validated, but is not a message", m)
	}
	return v.contract.Check(message)
}
