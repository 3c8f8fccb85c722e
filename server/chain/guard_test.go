package chain_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/chain"
)

// fakeStream is a stream under the test's control: messages come in from in, those sent go to out.
type fakeStream struct {
	grpc.ServerStream
	ctx    context.Context
	in     chan int32
	out    chan int32
	header metadata.MD
}

func (s *fakeStream) Context() context.Context { return s.ctx }

func (s *fakeStream) SetHeader(md metadata.MD) error {
	s.header = metadata.Join(s.header, md)
	return nil
}

func (s *fakeStream) RecvMsg(m any) error {
	select {
	case n, more := <-s.in:
		if !more {
			return io.EOF
		}
		if n < 0 {
			panic("a codec panicked")
		}
		m.(*cmiv1.StreamScoresRequest).Message = chunk(n).GetMessage()
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func (s *fakeStream) SendMsg(m any) error {
	select {
	case s.out <- m.(*cmiv1.StreamScoresResponse).GetChunk().GetSequence():
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// run runs a handler behind the chain in a bubble of virtual time, and cancels the stream when it returns, as gRPC does.
func run(t *testing.T, f *fixture, ss *fakeStream, handler func(grpc.ServerStream) error) error {
	t.Helper()
	c := f.chain(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ss.ctx = ctx
	info := &grpc.StreamServerInfo{FullMethod: cmiv1.ScoringService_StreamScores_FullMethodName, IsClientStream: true, IsServerStream: true}
	var seen error
	_ = c.Stream()(f, ss, info, func(_ any, ss grpc.ServerStream) error {
		seen = handler(ss)
		return seen
	})
	return seen
}

func receive(ss grpc.ServerStream) (int32, error) {
	var m cmiv1.StreamScoresRequest
	if err := ss.RecvMsg(&m); err != nil {
		// m belongs to the guard now.
		return 0, err
	}
	return m.GetChunk().GetSequence(), nil
}

func reasonOf(err error) cmiv1.ErrorReason {
	if e, ok := errors.AsType[*faultError](err); ok {
		return e.Reason
	}
	return cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED
}

func TestADrainEndsAWaitingReceive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{in: make(chan int32, 8), out: make(chan int32, 8)}
		time.AfterFunc(time.Minute, f.config.Drain.Start)
		ss.in <- 1
		start := time.Now()
		err := run(t, f, ss, func(ss grpc.ServerStream) error {
			if n, err := receive(ss); n != 1 || err != nil {
				t.Errorf("got %d, %v", n, err)
			}
			_, err := receive(ss)
			if reasonOf(err) != cmiv1.ErrorReason_SERVER_DRAINING || time.Since(start) != time.Minute {
				t.Errorf("after %s: %v", time.Since(start), err)
			}
			// What was taken can still be answered.
			if err := ss.SendMsg(result(1)); err != nil {
				t.Errorf("an answer after the drain: %v", err)
			}
			// And the stream stays ended, even for a message that came meanwhile.
			fake := ss
			if _, again := receive(fake); reasonOf(again) != cmiv1.ErrorReason_SERVER_DRAINING {
				t.Errorf("a second receive: %v", again)
			}
			return err
		})
		if e, ok := errors.AsType[*faultError](err); !ok || e.RetryAfter != time.Second {
			t.Errorf("%v does not say when to come back", err)
		}
		if got := <-ss.out; got != 1 {
			t.Errorf("answered %d", got)
		}
	})
}

func TestAStreamThatBeginsInADrainIsSentHome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.config.Drain.Start()
		f.config.Drain.Start()
		ss := &fakeStream{in: make(chan int32, 1)}
		ss.in <- 1
		err := run(t, f, ss, func(ss grpc.ServerStream) error { _, err := receive(ss); return err })
		if reasonOf(err) != cmiv1.ErrorReason_SERVER_DRAINING || len(ss.in) != 1 {
			t.Errorf("%v, with %d messages left", err, len(ss.in))
		}
	})
}

func TestNoMessageForTheIdleLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{in: make(chan int32, 1), out: make(chan int32, 1)}
		time.AfterFunc(4*time.Minute, func() { ss.in <- 1 })
		start := time.Now()
		err := run(t, f, ss, func(ss grpc.ServerStream) error {
			if n, err := receive(ss); n != 1 || err != nil {
				t.Errorf("a message within the limit: %d, %v", n, err)
			}
			_, err := receive(ss)
			return err
		})
		if reasonOf(err) != cmiv1.ErrorReason_STREAM_IDLE || time.Since(start) != 9*time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// TestAClientThatOnlyReadsIsNotIdle sends for longer than the limit while a receive waits.
func TestAClientThatOnlyReadsIsNotIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{in: make(chan int32), out: make(chan int32, 100)}
		start := time.Now()
		err := run(t, f, ss, func(ss grpc.ServerStream) error {
			failed := make(chan error, 1)
			go func() { _, err := receive(ss); failed <- err }()
			for range 10 {
				time.Sleep(4 * time.Minute)
				if err := ss.SendMsg(result(1)); err != nil {
					t.Error(err)
				}
			}
			return <-failed
		})
		if reasonOf(err) != cmiv1.ErrorReason_STREAM_IDLE || time.Since(start) != 45*time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestAnswersThatNobodyReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{out: make(chan int32)}
		start := time.Now()
		err := run(t, f, ss, func(ss grpc.ServerStream) error {
			err := ss.SendMsg(result(1))
			if again := ss.SendMsg(result(2)); reasonOf(again) != cmiv1.ErrorReason_STREAM_IDLE {
				t.Errorf("a second send: %v", again)
			}
			return err
		})
		if reasonOf(err) != cmiv1.ErrorReason_STREAM_IDLE || time.Since(start) != 5*time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestWithoutALimitAStreamMayRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.config.Limits = chain.Limits{}
		ss := &fakeStream{in: make(chan int32, 1)}
		time.AfterFunc(1000*time.Hour, func() { close(ss.in) })
		err := run(t, f, ss, func(ss grpc.ServerStream) error { _, err := receive(ss); return err })
		if !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
}

func TestAPanicWhileReceivingIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{in: make(chan int32, 1)}
		ss.in <- -1
		err := run(t, f, ss, func(ss grpc.ServerStream) error { _, err := receive(ss); return err })
		if err == nil || f.log.only(t)["stack"] == nil {
			t.Errorf("%v\n%s", err, f.log.text())
		}
	})
}

// TestWhatAHandlerLeavesBehindDoesNotPanic receives and sends after the handler has returned.
func TestWhatAHandlerLeavesBehindDoesNotPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ss := &fakeStream{in: make(chan int32, 2), out: make(chan int32, 2)}
		ss.in <- 1
		var left grpc.ServerStream
		_ = run(t, f, ss, func(ss grpc.ServerStream) error {
			left = ss
			_, err := receive(ss)
			return err
		})
		synctest.Wait()
		ss.in <- 2
		if _, err := receive(left); err == nil {
			t.Error("a message was received after the end")
		}
		if err := left.SendMsg(result(1)); err == nil {
			t.Error("a message was sent after the end")
		}
	})
}

// TestNoMessageIsLostOrDoubled streams many messages and a drain somewhere between them: what was taken is a prefix.
func TestNoMessageIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	f := newFixture()
	ss := &fakeStream{in: make(chan int32, 4), out: make(chan int32, 4)}
	const all = 20_000
	go func() {
		for i := range int32(all) {
			select {
			case ss.in <- i:
			case <-f.config.Drain.Done():
				return
			}
			if i == all/2 {
				f.config.Drain.Start()
			}
		}
	}()
	var taken []int32
	err := run(t, f, ss, func(ss grpc.ServerStream) error {
		for {
			n, err := receive(ss)
			if err != nil {
				return err
			}
			taken = append(taken, n)
		}
	})
	if reasonOf(err) != cmiv1.ErrorReason_SERVER_DRAINING {
		t.Error(err)
	}
	if !slices.IsSorted(taken) || len(taken) == 0 || taken[0] != 0 || int(taken[len(taken)-1]) != len(taken)-1 {
		t.Errorf("%d messages from %v are not a prefix", len(taken), taken[:min(3, len(taken))])
	}
}
