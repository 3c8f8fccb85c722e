package main

import (
	"context"
	"io"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
)

// operationsTogether is how many operations are asked for at once.
const operationsTogether = 500

type operationsListCommand struct {
	Running bool `help:"List only those that have not ended."`
	JSON    bool `name:"json" help:"Print each operation whole, as one line of JSON."`
	running
}

func (operationsListCommand) Help() string {
	return `Lists the operations of the key's tenant, the latest started first. Those that ended are deleted after a time, which is the
service's setting operation-retention.

  cmi operations list
  cmi operations list --running
  cmi operations list --json --server cmi.example.com:443 --tls`
}

func (c *operationsListCommand) Run(ctx context.Context, s streams) error {
	all, err := c.list(ctx)
	if err != nil {
		return err
	}
	if !c.JSON {
		_, err = io.WriteString(s.out, operationList(all))
		return err
	}
	for _, op := range all {
		if err := writeJSONLine(s.out, op.Operation); err != nil {
			return err
		}
	}
	return nil
}

// list reads all pages.
func (c *operationsListCommand) list(ctx context.Context) (all []*operation, err error) {
	conn, err := c.open()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	client := longrunningpb.NewOperationsClient(conn)
	request := &longrunningpb.ListOperationsRequest{Name: "operations", PageSize: operationsTogether}
	if c.Running {
		request.Filter = "done = false"
	}
	for {
		page, err := ask(ctx, c.running, client.ListOperations, request)
		if err != nil {
			return nil, err
		}
		for _, wire := range page.GetOperations() {
			op, err := readOperation(wire)
			if err != nil {
				return nil, err
			}
			all = append(all, op)
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return all, nil
		}
	}
}

// operationList shows operations for people.
func operationList(all []*operation) string {
	if len(all) == 0 {
		return "There is no operation.\n"
	}
	var rows [][]string
	for _, op := range all {
		rows = append(rows, []string{op.id(), op.state(), op.done(), clock(op.about.GetCreatedAt()), op.about.GetKind() + " " + op.wanted()})
	}
	return table([]string{"OPERATION", "STATE", "DONE", "STARTED", "WHAT"}, rows)
}
