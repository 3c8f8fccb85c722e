package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// packed is an operation as a service answers it.
func packed(t *testing.T, about *cmiv1.OperationMetadata, done bool) *longrunningpb.Operation {
	t.Helper()
	metadata, err := anypb.New(about)
	if err != nil {
		t.Fatal(err)
	}
	return &longrunningpb.Operation{Name: "operations/x", Metadata: metadata, Done: done}
}

// scripted answers WaitOperation by a script, and notes when it was asked.
type scripted struct {
	longrunningpb.OperationsClient
	answer func(call int) (*longrunningpb.Operation, error)
	// hasty has it answer at once.
	hasty bool
	asked []time.Time
	// allowed is how long each call might take.
	allowed []time.Duration
}

func (s *scripted) WaitOperation(ctx context.Context, r *longrunningpb.WaitOperationRequest, _ ...grpc.CallOption) (*longrunningpb.Operation, error) {
	s.asked = append(s.asked, time.Now())
	if deadline, ok := ctx.Deadline(); ok {
		s.allowed = append(s.allowed, time.Until(deadline))
	}
	op, err := s.answer(len(s.asked) - 1)
	if err == nil && !op.GetDone() && !s.hasty {
		time.Sleep(r.GetTimeout().AsDuration())
	}
	return op, err
}

// gaps are the times from one call to the next.
func (s *scripted) gaps() (gaps []time.Duration) {
	for i := range s.asked[1:] {
		gaps = append(gaps, s.asked[i+1].Sub(s.asked[i]))
	}
	return gaps
}

func followScript(ctx context.Context, s *scripted) (reconnected int, op *operation, err error) {
	f := &follower{operations: s, answering: time.Second, reconnect: func() { reconnected++ }, shown: &operationBar{bar: &bar{}}}
	op, err = f.follow(ctx, "operations/x")
	return reconnected, op, err
}

// TestFollowingSurvivesAServiceThatIsAway, and asks it ever more rarely; once it has answered, it begins anew.
func TestFollowingSurvivesAServiceThatIsAway(t *testing.T) {
	t.Parallel()
	running, done := packed(t, &cmiv1.OperationMetadata{}, false), packed(t, &cmiv1.OperationMetadata{Kind: "recompute"}, true)
	away := status.Error(codes.Unavailable, "connection refused")
	slow := status.Error(codes.DeadlineExceeded, "too slow")
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answer: func(call int) (*longrunningpb.Operation, error) {
			switch call {
			case 0, 8:
				return running, nil
			case 2, 9:
				return nil, slow
			case 10:
				return done, nil
			}
			return nil, away
		}}
		reconnected, op, err := followScript(t.Context(), s)
		if err != nil || op.about.GetKind() != "recompute" {
			t.Fatalf("%v, %v", op, err)
		}
		const ms = time.Millisecond
		want := []time.Duration{
			lookEvery, 250 * ms, 500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 5000 * ms, 5000 * ms, lookEvery, 250 * ms,
		}
		if got := s.gaps(); !slices.Equal(got, want) {
			t.Errorf("it asks after %v, want %v", got, want)
		}
		if want := slices.Repeat([]time.Duration{lookEvery + time.Second}, len(s.asked)); !slices.Equal(s.allowed, want) {
			t.Errorf("its calls may take %v, want %v", s.allowed, want)
		}
		if reconnected != 8 {
			t.Errorf("it reconnects %d times, want 8", reconnected)
		}
	})
}

// TestFollowingGivesUp on a service that is away for longer than one takes to be started again.
func TestFollowingGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answer: func(int) (*longrunningpb.Operation, error) { return nil, status.Error(codes.Unavailable, "no route") }}
		began := time.Now()
		_, _, err := followScript(t.Context(), s)
		if took := time.Since(began); status.Code(err) != codes.Unavailable || took <= patience || took > patience+2*lastPause {
			t.Errorf("after %s it says %v", took, err)
		}
	})
}

// TestFollowingStopsAtOnce on errors that do not pass, on answers that cannot be read, and when it is told to.
func TestFollowingStopsAtOnce(t *testing.T) {
	t.Parallel()
	unread := packed(t, &cmiv1.OperationMetadata{}, true)
	unread.Metadata.TypeUrl = "type.googleapis.com/cmi.v9.OperationMetadata"
	enough := errors.New("enough")
	for name, c := range map[string]struct {
		op   *longrunningpb.Operation
		err  error
		stop bool
		says string
	}{
		"gone":       {err: status.Error(codes.NotFound, "there is none"), says: "there is none"},
		"unreadable": {op: unread, says: "newer than this program"},
		"told to":    {err: status.Error(codes.Unavailable, "away"), stop: true, says: enough.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			s := &scripted{answer: func(int) (*longrunningpb.Operation, error) {
				if c.stop {
					cancel(enough)
				}
				return c.op, c.err
			}}
			_, op, err := followScript(ctx, s)
			if err == nil || op != nil || len(s.asked) != 1 {
				t.Fatalf("after %d calls: %v, %v", len(s.asked), op, err)
			}
			says(t, err.Error(), c.says)
		})
	}
}

// TestFollowingIsNotHasty, even where its service is.
func TestFollowingIsNotHasty(t *testing.T) {
	t.Parallel()
	running, done := packed(t, &cmiv1.OperationMetadata{}, false), packed(t, &cmiv1.OperationMetadata{}, true)
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{hasty: true, answer: func(call int) (*longrunningpb.Operation, error) {
			if call == 3 {
				return done, nil
			}
			return running, nil
		}}
		if _, _, err := followScript(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if want := slices.Repeat([]time.Duration{firstPause}, 3); !slices.Equal(s.gaps(), want) {
			t.Errorf("it asks after %v, want %v", s.gaps(), want)
		}
	})
}

// TestFollowingRestsNoLongerThanItMay: a pause ends with the context.
func TestFollowingRestsNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		s := &scripted{answer: func(int) (*longrunningpb.Operation, error) { return nil, status.Error(codes.Unavailable, "away") }}
		began := time.Now()
		if _, _, err := followScript(ctx, s); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 100*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
