package main

import (
	"context"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
)

type operationsGetCommand struct {
	named
	JSON bool `name:"json" help:"Print the operation as JSON."`
	running
}

func (operationsGetCommand) Help() string {
	return `Prints an operation as it stands, and its result where it has one. That it failed or was cancelled is an answer too, and
no reason to exit with 1; "cmi operations wait" does that.

  cmi operations get airline-v2-20260901-080000-k7m2q
  cmi operations get airline-v2-20260901-080000-k7m2q --json`
}

func (c *operationsGetCommand) Run(ctx context.Context, s streams) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	wire, err := ask(ctx, c.running, longrunningpb.NewOperationsClient(conn).GetOperation, &longrunningpb.GetOperationRequest{Name: c.name()})
	if err != nil {
		return err
	}
	op, err := readOperation(wire)
	if err != nil {
		return err
	}
	return tellOperation(s, op, c.JSON)
}

// tellOperation prints an operation as it stands.
func tellOperation(s streams, op *operation, asJSON bool) error {
	if asJSON {
		return writeJSON(s.out, op.Operation)
	}
	text := op.sheet()
	result, err := op.comparison()
	if err != nil {
		return err
	}
	if result != nil {
		text += "\n" + compared(result)
	}
	laidOut, err := op.reported()
	if err != nil {
		return err
	}
	if laidOut != "" {
		text += "\n" + laidOut
	}
	_, err = s.out.Write([]byte(text))
	return err
}
