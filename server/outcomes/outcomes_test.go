package outcomes_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/outcomes"
	"github.com/customer-momentum/cmi/server/store"
)

// record records outcomes that the store must take.
func (w *world) record(t *testing.T, all ...*cmiv1.Outcome) []outcomes.Recorded {
	t.Helper()
	results, err := w.Record(t.Context(), tenant, all, "outcomes")
	if err != nil || len(results) != len(all) {
		t.Fatalf("%d results of %d: %v", len(results), len(all), err)
	}
	return results
}

func TestOutcomesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, test := range []struct {
		field, says string
		spoil       func(*cmiv1.Outcome)
	}{
		{"outcome_id", `"" is not an id`, func(o *cmiv1.Outcome) { o.OutcomeId = "" }},
		{"customer_id", `"a/b" is not an id`, func(o *cmiv1.Outcome) { o.CustomerId = "a/b" }},
		{"customer_id", "is not an id", func(o *cmiv1.Outcome) { o.CustomerId = strings.Repeat("c", 129) }},
		{"kind", "OUTCOME_KIND_UNSPECIFIED is not allowed", func(o *cmiv1.Outcome) { o.Kind = 0 }},
		{"kind", "77 is not allowed", func(o *cmiv1.Outcome) { o.Kind = 77 }},
		{"kind", "-1 is not allowed", func(o *cmiv1.Outcome) { o.Kind = -1 }},
		{"amount", "-0.01 is not an amount", func(o *cmiv1.Outcome) { o.Amount = new(-0.01) }},
		{"amount", "NaN is not an amount", func(o *cmiv1.Outcome) { o.Amount = new(math.NaN()) }},
		{"amount", "+Inf is not an amount", func(o *cmiv1.Outcome) { o.Amount = new(math.Inf(1)) }},
		{"amount", "-Inf is not an amount", func(o *cmiv1.Outcome) { o.Amount = new(math.Inf(-1)) }},
		{"currency", `"" is not a currency`, func(o *cmiv1.Outcome) { o.Currency = "" }},
		{"currency", `"eur" is not a currency`, func(o *cmiv1.Outcome) { o.Currency = "eur" }},
		{"currency", `"EURO" is not a currency`, func(o *cmiv1.Outcome) { o.Currency = "EURO" }},
		{"currency", `"EU" is not a currency`, func(o *cmiv1.Outcome) { o.Currency = "EU" }},
		{"currency", `"EUR" has no amount`, func(o *cmiv1.Outcome) { o.Amount = nil }},
		{"occurred_at", "say when it was", func(o *cmiv1.Outcome) { o.OccurredAt = nil }},
		{"occurred_at", "not a time between", func(o *cmiv1.Outcome) { o.OccurredAt = &timestamppb.Timestamp{Nanos: -1} }},
		{"occurred_at", "not a time between", func(o *cmiv1.Outcome) { o.OccurredAt = &timestamppb.Timestamp{Seconds: 1 << 40} }},
	} {
		bad := renewal("bad")
		test.spoil(bad)
		results := w.record(t, renewal(fmt.Sprintf("good-%d", i)), bad)
		if results[0].Err != nil {
			t.Errorf("%s: the neighbour is refused: %v", test.says, results[0].Err)
		}
		refused(t, test.says, results[1].Err, cmiv1.ErrorReason_INVALID_OUTCOME, "outcomes[1]."+test.field)
		if !strings.Contains(fmt.Sprint(results[1].Err), test.says) {
			t.Errorf("%v does not say %q", results[1].Err, test.says)
		}
	}
	all := w.record(t, nil, &cmiv1.Outcome{Currency: "EUR"})
	refused(t, "nothing", all[0].Err, cmiv1.ErrorReason_INVALID_OUTCOME,
		"outcomes[0].outcome_id", "outcomes[0].customer_id", "outcomes[0].kind", "outcomes[0].occurred_at")
	refused(t, "everything", all[1].Err, cmiv1.ErrorReason_INVALID_OUTCOME,
		"outcomes[1].outcome_id", "outcomes[1].customer_id", "outcomes[1].kind", "outcomes[1].currency", "outcomes[1].occurred_at")
	if text := fmt.Sprint(all[1].Err); !strings.HasSuffix(text, "(and 4 more)") {
		t.Errorf("%q does not say how many more there are", text)
	}
	for _, n := range []int{0, 1001} {
		_, err := w.Record(t.Context(), tenant, make([]*cmiv1.Outcome, n), "outcomes")
		refused(t, fmt.Sprint(n), err, cmiv1.ErrorReason_INVALID_REQUEST, "outcomes")
	}
}

func TestOutcomesCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	finer, other, bare := renewal("a"), renewal("a"), renewal("b")
	finer.OccurredAt.Nanos += 99 // within the same microsecond
	other.Amount = new(0.0)
	bare.Amount, bare.Currency = nil, ""
	results := w.record(t, renewal("a"), renewal("a"), other, finer, bare)
	if results[0] != (outcomes.Recorded{}) || !results[1].Replayed || !results[3].Replayed || results[4] != (outcomes.Recorded{}) {
		t.Errorf("%+v", results)
	}
	refused(t, "other content", results[2].Err, cmiv1.ErrorReason_OUTCOME_EXISTS, "outcomes[2].outcome_id")
	want := renewal("a")
	want.OccurredAt.Nanos = 123_456_000
	answer, err := w.List(t.Context(), tenant, &cmiv1.ListOutcomesRequest{PageSize: 10})
	if err != nil || len(answer.GetOutcomes()) != 2 || !proto.Equal(answer.GetOutcomes()[1], want) {
		t.Errorf("%v, %v", answer, err)
	}
	if w.nudges.Load() == 0 {
		t.Error("nobody heard that customers may have come")
	}
	if _, err := w.kept.EraseCustomer(t.Context(), tenant, "c"); err != nil {
		t.Fatal(err)
	}
	for i, r := range w.record(t, renewal("a"), renewal("new")) {
		refused(t, "of one who was erased", r.Err, cmiv1.ErrorReason_CUSTOMER_ERASED, fmt.Sprintf("outcomes[%d].customer_id", i))
	}
}

// TestCreatedCustomersCameNow: the customer whom an outcome creates was created at the moment of the service, in whole
// microseconds.
func TestCreatedCustomersCameNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, renewal("a"))
	profiles, err := w.kept.Profiles(t.Context(), tenant, []string{"c"})
	if want := noon().Truncate(time.Microsecond); err != nil || !profiles[0].GetCreatedAt().AsTime().Equal(want) {
		t.Errorf("%v, %v; want created at %v", profiles, err, want)
	}
}

// broken is a store that fails.
type broken struct{ outcomes.Store }

func (broken) RecordOutcomes(context.Context, string, []*cmiv1.Outcome, time.Time) ([]store.Result, error) {
	return nil, store.ErrUnavailable
}

func (broken) ListOutcomes(context.Context, string, store.OutcomeFilter, int) ([]store.KeptOutcome, error) {
	return nil, store.ErrUnavailable
}

func (broken) RecordInvitations(context.Context, string, []*cmiv1.Invitations) (int, error) {
	return 0, store.ErrUnavailable
}

func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	nudged := 0
	o := outcomes.New(broken{}, func() { nudged++ }, noon)
	_, recorded := o.Record(t.Context(), tenant, []*cmiv1.Outcome{renewal("a")}, "outcomes")
	_, listed := o.List(t.Context(), tenant, &cmiv1.ListOutcomesRequest{})
	_, invited := o.RecordInvitations(t.Context(), tenant, &cmiv1.RecordInvitationsRequest{Invitations: []*cmiv1.Invitations{invitation()}})
	for what, err := range map[string]error{"Record": recorded, "List": listed, "RecordInvitations": invited} {
		if !errors.Is(err, store.ErrUnavailable) || fault.ReasonOf(err) != 0 {
			t.Errorf("%s: got %v, want the error of the store", what, err)
		}
	}
	if nudged != 1 {
		t.Errorf("%d nudges, want one: some outcomes may have been recorded before it failed", nudged)
	}
	// What is all refused needs no store.
	if results, err := o.Record(t.Context(), tenant, []*cmiv1.Outcome{{}}, "outcomes"); err != nil || results[0].Err == nil {
		t.Errorf("%v, %v; want it refused", results, err)
	}
}
