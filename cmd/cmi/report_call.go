package main

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// reportFlags are those of every report.
type reportFlags struct {
	AsOf      moment `placeholder:"TIME" help:"As of when: what came later is left out. Default: now."`
	Operation string `placeholder:"ID" help:"Run the report as an operation of this name, and wait for its end. The same command with the same name goes on with the same operation."`
	reportOut
	running `set:"timeout=30s"`
}

// reporting is a report to be asked for.
type reporting struct {
	// name is a word for it.
	name    string
	request proto.Message
	// ask asks for it directly.
	ask func(context.Context, cmiv1.InsightServiceClient) (proto.Message, error)
	// operation asks for it as an operation; its id is filled in.
	operation *cmiv1.RunReportRequest
}

// run asks for a report, directly or as an operation, and writes it.
func (f reportFlags) run(ctx context.Context, s streams, r reporting) error {
	conn, err := f.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := f.answer(ctx, s, conn, r)
	if err != nil {
		return err
	}
	return f.write(s, r.request, answer)
}

// answer is what the service says; it is waited for where that takes longer.
func (f reportFlags) answer(ctx context.Context, s streams, conn *grpc.ClientConn, r reporting) (proto.Message, error) {
	client := cmiv1.NewInsightServiceClient(conn)
	if f.Operation != "" {
		r.operation.OperationId = operationID(f.Operation)
		wire, err := ask(ctx, f.running, client.RunReport, r.operation)
		if err != nil {
			return nil, err
		}
		return f.follow(ctx, s, conn, r.name, wire)
	}
	answer, err := r.ask(ctx, client)
	if err != nil {
		return nil, err
	}
	if found, ok := answer.(*cmiv1.AnalyzeDriversResponse); ok && found.GetOperation() != nil {
		return f.follow(ctx, s, conn, r.name, found.GetOperation())
	}
	return answer, nil
}

// follow waits for the end of an operation that makes a report.
func (f reportFlags) follow(ctx context.Context, s streams, conn *grpc.ClientConn, name string, wire *longrunningpb.Operation) (proto.Message, error) {
	id := operationID(wire.GetName())
	fmt.Fprintf(s.err, "Operation %s: report %s\n", id, name)
	bar := newOperationBar(s.err)
	bar.do("Reporting")
	waits := &follower{
		operations: longrunningpb.NewOperationsClient(conn), answering: f.Timeout, reconnect: conn.ResetConnectBackoff, shown: bar,
	}
	op, err := waits.follow(ctx, collection+id)
	bar.end()
	if err != nil {
		return nil, f.stopped(ctx, err, id)
	}
	if err := op.failure(); err != nil {
		return nil, err
	}
	answer, err := op.GetResponse().UnmarshalNew()
	if err != nil {
		return nil, fmt.Errorf("the result of %q cannot be read; is the service newer than this program? (%w)", id, err)
	}
	return answer, nil
}

// stopped says why the waiting stopped, and how to go on where the operation does.
func (f reportFlags) stopped(ctx context.Context, err error, id string) error {
	switch {
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	case passing(err):
		err = failed(err, f.Server)
	default:
		return failed(err, f.Server)
	}
	return fmt.Errorf("%w; operation %s goes on: the same command with --operation %s shows its result, or end it with \"cmi operations cancel %s\"",
		err, id, id, id+f.flags())
}
