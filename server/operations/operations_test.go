package operations_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

// counting is a kind of work that counts its pieces, and goes wrong where a test says so.
type counting struct {
	pieces int
	plan   func() error
	do     func(task string) error
	done   atomic.Int64
}

func (*counting) Name() string { return "counting" }

func (c *counting) Plan(context.Context, store.Operation) ([]store.Piece, error) {
	if c.plan != nil {
		if err := c.plan(); err != nil {
			return nil, err
		}
	}
	pieces := make([]store.Piece, c.pieces)
	for i := range pieces {
		pieces[i] = store.Piece{Task: []byte{byte(i)}, Units: 10}
	}
	return pieces, nil
}

func (c *counting) Do(_ context.Context, _ store.Operation, task []byte) (operations.Done, error) {
	if c.do != nil {
		if err := c.do(string(task)); err != nil {
			return operations.Done{}, err
		}
	}
	c.done.Add(1)
	return operations.Done{Part: task}, nil
}

func (c *counting) Finish(_ context.Context, _ store.Operation, each func(func([]byte) error) error) (proto.Message, error) {
	var text strings.Builder
	err := each(func(part []byte) error {
		_, err := fmt.Fprint(&text, part[0], " ")
		return err
	})
	return wrapperspb.String(text.String()), err
}

func (*counting) Describe(store.Operation, *cmiv1.OperationMetadata) error { return nil }

// bench is operations over a store of their own; the clock stands still unless a test moves it.
type bench struct {
	*operations.Operations
	store store.Store
	clock atomic.Int64
}

func newBench(t *testing.T, kind operations.Kind, around func(store.Store) store.Store) *bench {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "cmi.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{store: kept}
	if around != nil {
		b.store = around(kept)
	}
	b.clock.Store(time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC).UnixMicro())
	b.Operations = operations.New(operations.Config{
		Store: b.store, Kinds: []operations.Kind{kind}, Workers: 2, Retention: time.Hour, Patience: 50 * time.Millisecond,
		Now: func() time.Time { return time.UnixMicro(b.clock.Load()) }, Logger: slog.New(slog.DiscardHandler),
	})
	return b
}

// runs has something done in the background until the test ends.
func runs(t *testing.T, work func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

func (b *bench) starts(t *testing.T, id string) {
	t.Helper()
	if _, started, err := b.Start(t.Context(), "acme", store.OperationStart{ID: id, Kind: "counting"}); err != nil || !started {
		t.Fatal(started, err)
	}
}

func (b *bench) ended(t *testing.T, id string) *operations.Operation {
	t.Helper()
	view, err := b.Wait(t.Context(), "acme", id, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if !view.Ended {
		t.Fatalf("%q has not ended: %v", id, view.Metadata)
	}
	return view
}

// TestPiecesAddUp: each is done, and the result has their parts in order.
func TestPiecesAddUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, &counting{pieces: 12}, nil)
	runs(t, b.Work)
	b.starts(t, "sum")
	view := b.ended(t, "sum")
	text := &wrapperspb.StringValue{}
	if err := view.Response.UnmarshalTo(text); err != nil || text.GetValue() != "0 1 2 3 4 5 6 7 8 9 10 11 " || view.Failure != nil {
		t.Errorf("%v (%v), %v", text, err, view.Failure)
	}
	if m := view.Metadata; m.GetResponsesTotal() != 120 || m.GetResponsesDone() != 120 || m.GetProgress() != 1 {
		t.Errorf("%v", m)
	}
}

// TestWhatCannotBeDone ends as failed; its tenant sees a fault, and of anything else nothing but that there was one.
func TestWhatCannotBeDone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind    *counting
		reason  cmiv1.ErrorReason
		message string
	}{
		"a plan is refused": {
			&counting{plan: func() error { return fault.New(cmiv1.ErrorReason_TOO_MANY_GROUPS, "too many, %d", 7) }},
			cmiv1.ErrorReason_TOO_MANY_GROUPS, "too many, 7",
		},
		"a piece goes wrong": {
			&counting{pieces: 3, do: func(string) error { return errors.New("a secret") }},
			cmiv1.ErrorReason_INTERNAL_ERROR, "Internal error.",
		},
		"a piece panics": {
			&counting{pieces: 3, do: func(string) error { panic("a secret") }},
			cmiv1.ErrorReason_INTERNAL_ERROR, "Internal error.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.kind, nil)
			runs(t, b.Work)
			b.starts(t, "bad")
			view := b.ended(t, "bad")
			if view.Metadata.GetState() != cmiv1.OperationState_OPERATION_STATE_FAILED || view.Response != nil ||
				view.Failure.Reason != c.reason || view.Failure.Message != c.message {
				t.Errorf("%v, %v", view.Metadata, view.Failure)
			}
		})
	}
}

// TestAStoreThatIsAway is asked again, and nothing is counted twice.
func TestAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	var away atomic.Int64
	kind := &counting{pieces: 4, do: func(string) error {
		if away.Add(1) <= 2 {
			return fmt.Errorf("%w: gone for lunch", store.ErrUnavailable)
		}
		return nil
	}}
	b := newBench(t, kind, nil)
	runs(t, b.Work)
	b.starts(t, "sum")
	if view := b.ended(t, "sum"); view.Failure != nil || view.Metadata.GetResponsesDone() != 40 || kind.done.Load() != 4 {
		t.Errorf("%v, %v, done %d times", view.Metadata, view.Failure, kind.done.Load())
	}
}

// forgetful is a store whose queue loses the first jobs that it is sent.
type forgetful struct {
	store.Store
	lose atomic.Int64
}

func (f *forgetful) SendJobs(ctx context.Context, jobs []store.Job) error {
	if f.lose.Add(-1) >= 0 {
		return nil
	}
	return f.Store.SendJobs(ctx, jobs)
}

// TestLostJobs: an operation in which nothing moves is sent again, whether what was lost is its start or its pieces.
func TestLostJobs(t *testing.T) {
	t.Parallel()
	for _, lose := range []int64{1, 2} {
		t.Run(fmt.Sprint(lose), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, &counting{pieces: 6}, func(s store.Store) store.Store {
				f := &forgetful{Store: s}
				f.lose.Store(lose)
				return f
			})
			runs(t, b.Work)
			b.starts(t, "lost")
			runs(t, b.Tend)
			if view, err := b.Wait(t.Context(), "acme", "lost", time.Minute); err != nil || !view.Ended || view.Failure != nil {
				t.Errorf("%v, %v", view, err)
			}
		})
	}
}

// TestOldOperationsGo once the time to keep them is over, and not before.
func TestOldOperationsGo(t *testing.T) {
	t.Parallel()
	b := newBench(t, &counting{pieces: 2}, nil)
	runs(t, b.Work)
	b.starts(t, "old")
	b.ended(t, "old")
	b.clock.Add((30 * time.Minute).Microseconds())
	b.starts(t, "young")
	b.ended(t, "young")
	b.clock.Add((40 * time.Minute).Microseconds())
	tended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(tended)
		b.Tend(ctx)
	}()
	for {
		_, err := b.Get(t.Context(), "acme", "old")
		if fault.ReasonOf(err) == cmiv1.ErrorReason_OPERATION_NOT_FOUND {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-tended
	if _, err := b.Get(t.Context(), "acme", "young"); err != nil {
		t.Error(err)
	}
}

// watched is a store that tells when an operation is looked at to be worked on.
type watched struct {
	store.Store
	looks chan struct{}
}

func (w *watched) OperationByKey(ctx context.Context, key int64) (store.Operation, error) {
	select {
	case w.looks <- struct{}{}:
	default:
	}
	return w.Store.OperationByKey(ctx, key)
}

// TestAnotherVersionsKind is left to the processes that know it.
func TestAnotherVersionsKind(t *testing.T) {
	t.Parallel()
	looks := make(chan struct{})
	b := newBench(t, &counting{}, func(s store.Store) store.Store { return &watched{s, looks} })
	if _, _, err := b.Start(t.Context(), "acme", store.OperationStart{ID: "new", Kind: "of tomorrow"}); err != nil {
		t.Fatal(err)
	}
	runs(t, b.Work)
	<-looks
	<-looks // the second look is that of another try
	view, err := b.Get(t.Context(), "acme", "new")
	if err != nil || view.Metadata.GetState() != cmiv1.OperationState_OPERATION_STATE_PENDING || view.Metadata.GetKind() != "of tomorrow" {
		t.Errorf("%v, %v", view, err)
	}
}
