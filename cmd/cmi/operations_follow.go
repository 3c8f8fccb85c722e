package main

import (
	"context"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/customer-momentum/cmi/internal/rest"
)

const (
	// lookEvery is how long a call waits for the end, and so how often progress is seen.
	lookEvery = 2 * time.Second
	// firstPause and lastPause are how long it takes at first, and at most, to ask a service again that did not answer.
	firstPause, lastPause = 250 * time.Millisecond, 5 * time.Second
	// patience is how long a service may be away: longer than one takes to be started again.
	patience = 5 * time.Minute
)

// follower waits for operations to end, also while their service is away for a while.
type follower struct {
	operations longrunningpb.OperationsClient
	// answering is how long a call may take beyond the time that it waits.
	answering time.Duration
	// reconnect has a lost connection tried again without more delay.
	reconnect func()
	shown     *operationBar
}

// follow answers an operation once it has ended.
func (f *follower) follow(ctx context.Context, name string) (*operation, error) {
	answered, pause := time.Now(), firstPause
	for {
		asked := time.Now()
		op, err := f.look(ctx, name)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err == nil && op.GetDone():
			return op, nil
		case err == nil:
			f.shown.reach(op.about)
			answered, pause = time.Now(), firstPause
			// An answer comes at once where the time of the call, which is also that of ctx, is nearly over.
			rest.For(ctx, firstPause-answered.Sub(asked))
			continue
		case !passing(err) || time.Since(answered) > patience:
			return nil, err
		}
		f.shown.lost()
		f.reconnect()
		rest.For(ctx, pause)
		pause = min(2*pause, lastPause)
	}
}

// look waits a little for the end.
func (f *follower) look(ctx context.Context, name string) (*operation, error) {
	ctx, cancel := context.WithTimeout(ctx, lookEvery+f.answering)
	defer cancel()
	wire, err := f.operations.WaitOperation(ctx, &longrunningpb.WaitOperationRequest{Name: name, Timeout: durationpb.New(lookEvery)})
	if err != nil {
		return nil, err
	}
	return readOperation(wire)
}

// passing tells errors that pass by themselves: the service is started again, or its store is.
func passing(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}
