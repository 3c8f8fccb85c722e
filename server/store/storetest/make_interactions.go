package storetest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// interaction makes an ordinary one; with changes what the test is about.
func interaction(id string, with ...func(*cmiv1.Interaction)) *cmiv1.Interaction {
	i := &cmiv1.Interaction{
		InteractionId: id,
		CustomerId:    "customer-1",
		Kind:          "visit",
		Channel:       cmiv1.Channel_CHANNEL_FACE_TO_FACE,
		OccurredAt:    timestamppb.New(noon()),
		Value:         proto.Float64(0.1),
	}
	for _, change := range with {
		change(i)
	}
	return i
}

func by(customer string) func(*cmiv1.Interaction) {
	return func(i *cmiv1.Interaction) { i.CustomerId = customer }
}

func doing(kind string) func(*cmiv1.Interaction) {
	return func(i *cmiv1.Interaction) { i.Kind = kind }
}

func when(at time.Time) func(*cmiv1.Interaction) {
	return func(i *cmiv1.Interaction) { i.OccurredAt = timestamppb.New(at) }
}

// resultsOf records interactions and answers what became of each.
func resultsOf(t *testing.T, s store.Store, tenant string, interactions ...*cmiv1.Interaction) []store.Result {
	t.Helper()
	results, err := s.RecordInteractions(t.Context(), tenant, interactions, noon())
	if err != nil {
		t.Fatalf("RecordInteractions: %v", err)
	}
	if len(results) != len(interactions) {
		t.Fatalf("RecordInteractions answered %d results for %d interactions", len(results), len(interactions))
	}
	return results
}

// interact records interactions that must all be new.
func interact(t *testing.T, s store.Store, tenant string, interactions ...*cmiv1.Interaction) {
	t.Helper()
	for i, r := range resultsOf(t, s, tenant, interactions...) {
		if r != store.Recorded {
			t.Fatalf("interaction %d: got result %d, want it recorded", i, r)
		}
	}
}

// interactions reads a page of interactions that must come without an error.
func interactions(t *testing.T, s store.Store, tenant string, f store.InteractionFilter, limit int) []store.KeptInteraction {
	t.Helper()
	page, err := s.ListInteractions(t.Context(), tenant, f, limit)
	if err != nil {
		t.Fatalf("ListInteractions: %v", err)
	}
	return page
}
