package main

import (
	"context"
	"fmt"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type operationsCancelCommand struct {
	named
	running
}

func (operationsCancelCommand) Help() string {
	return `Ends an operation that has not ended; it has no result then. Exits with 1 where there is nothing left to cancel, unless it
was cancelled before.

  cmi operations cancel airline-v2-20260901-080000-k7m2q`
}

func (c *operationsCancelCommand) Run(ctx context.Context, s streams) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	client := longrunningpb.NewOperationsClient(conn)
	if _, err := ask(ctx, c.running, client.CancelOperation, &longrunningpb.CancelOperationRequest{Name: c.name()}); err != nil {
		return err
	}
	// The call is answered in the same way where the operation had ended.
	wire, err := ask(ctx, c.running, client.GetOperation, &longrunningpb.GetOperationRequest{Name: c.name()})
	if err != nil {
		return err
	}
	op, err := readOperation(wire)
	if err != nil {
		return err
	}
	if op.about.GetState() != cmiv1.OperationState_OPERATION_STATE_CANCELLED {
		return fmt.Errorf("operation %q has %s already; nothing was cancelled", op.id(), op.state())
	}
	_, err = fmt.Fprintf(s.out, "Operation %q is cancelled.\n", op.id())
	return err
}

type operationsDeleteCommand struct {
	named
	running
}

func (operationsDeleteCommand) Help() string {
	return `Deletes an operation that has ended, and the scores that it made beside the recorded ones, which stay as they are. Its id is
free again. One that is still running must be cancelled first.

  cmi operations delete airline-v2-20260901-080000-k7m2q`
}

func (c *operationsDeleteCommand) Run(ctx context.Context, s streams) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	client := longrunningpb.NewOperationsClient(conn)
	if _, err := ask(ctx, c.running, client.DeleteOperation, &longrunningpb.DeleteOperationRequest{Name: c.name()}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Operation %q is deleted.\n", c.id())
	return err
}
