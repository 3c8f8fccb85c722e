package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"testing"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/keyweight"
	"github.com/customer-momentum/cmi/scoring/lifecycle"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// diary keeps interactions by their ids, and saves every profile but that of "gone".
type diary struct {
	customers.Store
	kept map[string]string // kind by id
	err  error
}

func (d *diary) RecordInteractions(_ context.Context, _ string, all []*cmiv1.Interaction, _ time.Time) ([]store.Result, error) {
	results := make([]store.Result, len(all))
	for i, one := range all {
		kind, known := d.kept[one.GetInteractionId()]
		switch {
		case one.GetCustomerId() == "gone":
			results[i] = store.Erased
		case !known:
			results[i], d.kept[one.GetInteractionId()] = store.Recorded, one.GetKind()
		case kind == one.GetKind():
			results[i] = store.Replayed
		default:
			results[i] = store.Conflict
		}
	}
	return results, d.err
}

func (d *diary) ChangeCustomers(_ context.Context, _ string, ids []string, change func(int, store.Profile) (*cmiv1.Customer, error)) ([]error, error) {
	refused := make([]error, len(ids))
	for i, id := range ids {
		_, refused[i] = change(i, store.Profile{Erased: id == "gone"})
	}
	return refused, d.err
}

func customerDoor(t *testing.T) (*customerService, *diary) {
	t.Helper()
	kept := &diary{kept: map[string]string{}}
	people, err := customers.New(kept, nil, nil, customers.Options{Lifecycle: lifecycle.Default(), KeyWeight: keyweight.Default()})
	if err != nil {
		t.Fatal(err)
	}
	return &customerService{customers: people}, kept
}

// told is a stream whose client says what it has to say and then ends, by default well.
type told struct {
	grpc.ServerStream
	say    [][]*cmiv1.Interaction
	end    error
	answer *cmiv1.StreamInteractionsResponse
}

func (*told) Context() context.Context { return context.Background() }

func (s *told) SendAndClose(answer *cmiv1.StreamInteractionsResponse) error {
	s.answer = answer
	return nil
}

func (s *told) Recv() (*cmiv1.StreamInteractionsRequest, error) {
	if len(s.say) == 0 {
		if s.end != nil {
			return nil, s.end
		}
		return nil, io.EOF
	}
	next := s.say[0]
	s.say = s.say[1:]
	return &cmiv1.StreamInteractionsRequest{Interactions: next}, nil
}

func visits(from, to int) []*cmiv1.Interaction {
	var all []*cmiv1.Interaction
	for i := from; i < to; i++ {
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("i%d", i), CustomerId: "c", Kind: "visit", OccurredAt: timestamppb.New(time.Unix(int64(i), 0)),
		})
	}
	return all
}

func reasonOf(st *spb.Status) cmiv1.ErrorReason { return errs.Reason(status.FromProto(st)) }

func TestStreamInteractionsAddsUp(t *testing.T) {
	t.Parallel()
	service, kept := customerDoor(t)
	again := visits(999, 1001)
	again[0].Kind = "other"
	bad := visits(3000, 4001)
	for _, one := range bad[:1000] {
		one.Kind = ""
	}
	gone := visits(5000, 5001)
	gone[0].CustomerId = "gone"
	stream := &told{say: [][]*cmiv1.Interaction{visits(0, 1000), nil, again, gone, bad[:1000], bad[1000:]}}
	if err := service.StreamInteractions(stream); err != nil {
		t.Fatal(err)
	}
	got := stream.answer
	// i999 again with another kind, then i1000 for the first time; 1 of nobody; 1000 without a kind; one more.
	if got.GetInteractions() != 2004 || got.GetRecorded() != 1002 || got.GetReplayed() != 0 || len(kept.kept) != 1002 {
		t.Errorf("%d came, %d are new, %d were known, %d are kept", got.GetInteractions(), got.GetRecorded(), got.GetReplayed(), len(kept.kept))
	}
	if want := map[string]int32{"INTERACTION_EXISTS": 1, "CUSTOMER_ERASED": 1, "INVALID_INTERACTION": 1000}; !maps.Equal(got.GetErrors(), want) {
		t.Errorf("errors are %v", got.GetErrors())
	}
	if n := len(got.GetRefused()); n != 1000 {
		t.Fatalf("%d are listed", n)
	}
	for place, want := range map[int]*cmiv1.RefusedInteraction{
		0: {Index: 1000, InteractionId: "i999"}, 1: {Index: 1002, InteractionId: "i5000"}, 2: {Index: 1003, InteractionId: "i3000"},
		999: {Index: 2000, InteractionId: "i3997"},
	} {
		if one := got.GetRefused()[place]; one.GetIndex() != want.GetIndex() || one.GetInteractionId() != want.GetInteractionId() || one.GetError() == nil {
			t.Errorf("refused %d is %v, want %v", place, one, want)
		}
	}
	stream = &told{say: [][]*cmiv1.Interaction{visits(0, 3)}}
	if err := service.StreamInteractions(stream); err != nil || stream.answer.GetReplayed() != 3 || stream.answer.GetRecorded() != 0 {
		t.Errorf("sent again: %v, %v", stream.answer, err)
	}
}

// A stream that does not end well is not answered, whatever ended it.
func TestStreamInteractionsThatEndsBadly(t *testing.T) {
	t.Parallel()
	draining := fault.New(cmiv1.ErrorReason_SERVER_DRAINING, "Home.")
	for name, test := range map[string]struct {
		stream *told
		err    error
		want   cmiv1.ErrorReason
	}{
		"the shutdown":       {stream: &told{say: [][]*cmiv1.Interaction{visits(0, 1)}, end: draining}, want: cmiv1.ErrorReason_SERVER_DRAINING},
		"too much at once":   {stream: &told{say: [][]*cmiv1.Interaction{visits(0, 1001)}}, want: cmiv1.ErrorReason_INVALID_REQUEST},
		"a store that fails": {stream: &told{say: [][]*cmiv1.Interaction{visits(0, 1)}}, err: store.ErrUnavailable, want: cmiv1.ErrorReason_STORE_UNAVAILABLE},
	} {
		service, kept := customerDoor(t)
		kept.err = test.err
		err := service.StreamInteractions(test.stream)
		if _, reason := errs.Classify(err); reason != test.want || test.stream.answer != nil {
			t.Errorf("%s: %v, answered %v", name, err, test.stream.answer)
		}
	}
}

func TestRefusalsOfBatchesOfCustomersAndInteractions(t *testing.T) {
	t.Parallel()
	service, kept := customerDoor(t)
	saved, err := service.BatchPutCustomers(t.Context(), &cmiv1.BatchPutCustomersRequest{
		Customers: []*cmiv1.Customer{{CustomerId: "c"}, {CustomerId: "gone"}, {CustomerId: "no id"}},
	})
	if err != nil || len(saved.GetResults()) != 3 {
		t.Fatalf("%v, %v", saved, err)
	}
	if one := saved.GetResults()[0]; one.GetCustomer().GetCustomerId() != "c" || one.GetCustomerId() != "c" || !one.GetCreated() || one.GetError() != nil {
		t.Errorf("%v", one)
	}
	for i, want := range map[int]cmiv1.ErrorReason{1: cmiv1.ErrorReason_CUSTOMER_ERASED, 2: cmiv1.ErrorReason_INVALID_REQUEST} {
		if one := saved.GetResults()[i]; one.GetCustomer() != nil || one.GetCreated() || reasonOf(one.GetError()) != want {
			t.Errorf("%v, want %v", one, want)
		}
	}
	sent := append(visits(0, 2), visits(1, 2)...)
	sent[0].Kind = ""
	recorded, err := service.RecordInteractions(t.Context(), &cmiv1.RecordInteractionsRequest{Interactions: sent})
	if err != nil || len(recorded.GetResults()) != 3 {
		t.Fatalf("%v, %v", recorded, err)
	}
	first, second, third := recorded.GetResults()[0], recorded.GetResults()[1], recorded.GetResults()[2]
	if reasonOf(first.GetError()) != cmiv1.ErrorReason_INVALID_INTERACTION || first.GetInteractionId() != "i0" {
		t.Errorf("%v", first)
	}
	if second.Error != nil || second.GetReplayed() || third.Error != nil || !third.GetReplayed() || third.GetInteractionId() != "i1" {
		t.Errorf("%v, %v", second, third)
	}
	kept.err = errors.New("gone")
	if answer, err := service.RecordInteractions(t.Context(), &cmiv1.RecordInteractionsRequest{Interactions: sent}); err == nil {
		t.Errorf("answered %v without a store", answer)
	}
}
