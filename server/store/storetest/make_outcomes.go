package storetest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// outcome makes an ordinary one; with changes what the test is about.
func outcome(id string, with ...func(*cmiv1.Outcome)) *cmiv1.Outcome {
	o := &cmiv1.Outcome{
		OutcomeId:  id,
		CustomerId: "customer-1",
		Kind:       cmiv1.OutcomeKind_OUTCOME_RENEWED,
		Amount:     proto.Float64(1200.1),
		Currency:   "CHF",
		OccurredAt: timestamppb.New(noon()),
	}
	for _, change := range with {
		change(o)
	}
	return o
}

func whose(customer string) func(*cmiv1.Outcome) {
	return func(o *cmiv1.Outcome) { o.CustomerId = customer }
}

func coming(kind cmiv1.OutcomeKind) func(*cmiv1.Outcome) {
	return func(o *cmiv1.Outcome) { o.Kind = kind }
}

func dated(at time.Time) func(*cmiv1.Outcome) {
	return func(o *cmiv1.Outcome) { o.OccurredAt = timestamppb.New(at) }
}

func worth(amount float64) func(*cmiv1.Outcome) {
	return func(o *cmiv1.Outcome) { o.Amount = &amount }
}

// becomes records outcomes and answers what became of each.
func becomes(t *testing.T, s store.Store, tenant string, outcomes ...*cmiv1.Outcome) []store.Result {
	t.Helper()
	results, err := s.RecordOutcomes(t.Context(), tenant, outcomes, noon())
	if err != nil {
		t.Fatalf("RecordOutcomes: %v", err)
	}
	if len(results) != len(outcomes) {
		t.Fatalf("RecordOutcomes answered %d results for %d outcomes", len(results), len(outcomes))
	}
	return results
}

// conclude records outcomes that must all be new.
func conclude(t *testing.T, s store.Store, tenant string, outcomes ...*cmiv1.Outcome) {
	t.Helper()
	for i, r := range becomes(t, s, tenant, outcomes...) {
		if r != store.Recorded {
			t.Fatalf("outcome %d: got result %d, want it recorded", i, r)
		}
	}
}

// cameTo reads a page of outcomes that must come without an error.
func cameTo(t *testing.T, s store.Store, tenant string, f store.OutcomeFilter, limit int) []store.KeptOutcome {
	t.Helper()
	page, err := s.ListOutcomes(t.Context(), tenant, f, limit)
	if err != nil {
		t.Fatalf("ListOutcomes: %v", err)
	}
	return page
}

// outcomeIDs are those of a page, in its order.
func outcomeIDs(page []store.KeptOutcome) []string {
	var ids []string
	for _, k := range page {
		ids = append(ids, k.Outcome.GetOutcomeId())
	}
	return ids
}

// invited makes invitations to a questionnaire, online, in a period from some microseconds after noon to others.
func invited(questionnaire string, from, to int, count int32) *cmiv1.Invitations {
	return &cmiv1.Invitations{
		From: timestamppb.New(after(from)), To: timestamppb.New(after(to)),
		QuestionnaireId: questionnaire, Channel: cmiv1.Channel_CHANNEL_ONLINE, Count: count,
	}
}

// invite records invitations, and answers how many of them changed anything.
func invite(t *testing.T, s store.Store, tenant string, invitations ...*cmiv1.Invitations) int {
	t.Helper()
	changed, err := s.RecordInvitations(t.Context(), tenant, invitations)
	if err != nil {
		t.Fatalf("RecordInvitations: %v", err)
	}
	return changed
}

// invitations are those of a period, in words.
func invitations(t *testing.T, s store.Store, tenant string, from, to time.Time, limit int) string {
	t.Helper()
	all, err := s.InvitationsWithin(t.Context(), tenant, from, to, limit)
	if err != nil {
		t.Fatalf("InvitationsWithin: %v", err)
	}
	return invitationsInWords(all)
}

func invitationsInWords(all []*cmiv1.Invitations) string {
	return inTurn(all, func(i *cmiv1.Invitations) string { return text(i) })
}
