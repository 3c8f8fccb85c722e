package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
)

type operationsWaitCommand struct {
	named
	AtMost time.Duration `placeholder:"TIME" help:"Wait no longer than this, such as 10m. Default: until it ends."`
	JSON   bool          `name:"json" help:"Print the operation as JSON."`
	running
}

func (operationsWaitCommand) Help() string {
	return `Follows an operation until it ends, through restarts of the service of up to five minutes, and prints its result. On a
terminal it shows how far the operation is. Exits with 1 when the operation failed or was cancelled, or did not end within
--at-most. Ctrl-C ends the waiting, not the operation. --timeout is for single answers of the service.

  cmi operations wait airline-v2-20260901-080000-k7m2q
  cmi operations wait airline-v2-20260901-080000-k7m2q --at-most 10m --json`
}

func (c *operationsWaitCommand) Run(ctx context.Context, s streams) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	if c.AtMost > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, c.AtMost, fmt.Errorf("it has not ended within %s", c.AtMost))
		defer cancel()
		ctx = limited
	}
	return waitAndTell(ctx, s, conn, waiting{running: c.running, id: c.id(), json: c.JSON})
}

// waiting is whose end is waited for, and how it is told.
type waiting struct {
	running running
	id      string
	json    bool
}

// waitAndTell follows an operation and prints what it came to.
func waitAndTell(ctx context.Context, s streams, conn *grpc.ClientConn, w waiting) error {
	bar := newOperationBar(s.err)
	f := &follower{
		operations: longrunningpb.NewOperationsClient(conn), answering: w.running.Timeout,
		reconnect: conn.ResetConnectBackoff, shown: bar,
	}
	op, err := f.follow(ctx, collection+w.id)
	bar.end()
	if err != nil {
		return w.stopped(ctx, err)
	}
	return w.tell(s.out, op)
}

// stopped says why the waiting stopped. Where the operation goes on it says how to follow and to cancel it.
func (w waiting) stopped(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		err = errors.New("interrupted")
	case ctx.Err() != nil: // it took longer than it may, and err says so
	case passing(err):
		err = failed(err, w.running.Server)
	default:
		return failed(err, w.running.Server)
	}
	which := w.id + w.running.flags()
	return fmt.Errorf("%w; operation %s goes on: follow it with \"cmi operations wait %s\", or end it with \"cmi operations cancel %s\"",
		err, w.id, which, which)
}

// tell prints what an operation came to. That it came to nothing is an error.
func (w waiting) tell(out io.Writer, op *operation) error {
	if w.json {
		if err := writeJSON(out, op.Operation); err != nil {
			return err
		}
		return op.failure()
	}
	if err := op.failure(); err != nil {
		return err
	}
	text, err := op.reported()
	if err != nil {
		return err
	}
	if text != "" {
		_, err = io.WriteString(out, text)
		return err
	}
	result, err := op.comparison()
	if err != nil || result == nil {
		return err
	}
	text = compared(result)
	if result.GetOverall().GetBucketChanges() > 0 {
		text += fmt.Sprintf("\nWho changed: cmi operations scores %s --changed%s\n", op.id(), w.running.flags())
	}
	_, err = io.WriteString(out, text)
	return err
}
