package customers_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func visit(id string) *cmiv1.Interaction {
	return &cmiv1.Interaction{
		InteractionId: id, CustomerId: "c", Kind: "visit", Channel: cmiv1.Channel_CHANNEL_ONLINE,
		OccurredAt: timestamppb.New(days(1)), Value: new(2.5),
	}
}

func TestInteractionsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, spoil := range map[string]func(*cmiv1.Interaction){
		"interaction_id": func(i *cmiv1.Interaction) { i.InteractionId = "" },
		"customer_id":    func(i *cmiv1.Interaction) { i.CustomerId = strings.Repeat("c", 129) },
		"kind":           func(i *cmiv1.Interaction) { i.Kind = "" },
		"kind ":          func(i *cmiv1.Interaction) { i.Kind = strings.Repeat("ä", 101) },
		"kind  ":         func(i *cmiv1.Interaction) { i.Kind = "a\x00" },
		"kind   ":        func(i *cmiv1.Interaction) { i.Kind = "a\xff" },
		"channel":        func(i *cmiv1.Interaction) { i.Channel = 77 },
		"occurred_at":    func(i *cmiv1.Interaction) { i.OccurredAt = nil },
		"occurred_at ":   func(i *cmiv1.Interaction) { i.OccurredAt = &timestamppb.Timestamp{Seconds: -1 << 50} },
		"value":          func(i *cmiv1.Interaction) { i.Value = new(math.NaN()) },
		"value ":         func(i *cmiv1.Interaction) { i.Value = new(math.Inf(-1)) },
	} {
		bad := visit("bad")
		spoil(bad)
		results, err := w.Record(t.Context(), tenant, []*cmiv1.Interaction{visit("a-" + strings.ReplaceAll(field, " ", "-")), bad}, "interactions")
		if err != nil {
			t.Fatal(err)
		}
		if results[0].Err != nil {
			t.Errorf("%s: the neighbour is refused: %v", field, results[0].Err)
		}
		refused(t, results[1].Err, cmiv1.ErrorReason_INVALID_INTERACTION, "interactions[1]."+strings.TrimSpace(field))
	}
	results, err := w.Record(t.Context(), tenant, []*cmiv1.Interaction{{Channel: -1, Value: new(math.Inf(1))}}, "interactions")
	if err != nil {
		t.Fatal(err)
	}
	if refusal, ok := errors.AsType[*fault.Error](results[0].Err); !ok || len(refusal.Violations) != 6 || !strings.HasSuffix(refusal.Message, "(and 5 more)") {
		t.Errorf("not all violations are said: %v", results[0].Err)
	}
	for _, n := range []int{0, 1001} {
		_, err := w.RecordBatch(t.Context(), tenant, &cmiv1.RecordInteractionsRequest{Interactions: make([]*cmiv1.Interaction, n)})
		refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "interactions")
	}
}

func TestInteractionsCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := visit("a")
	other.Kind = "purchase"
	finer := visit("a")
	finer.OccurredAt.Nanos += 999 // within the same microsecond
	results, err := w.Record(t.Context(), tenant, []*cmiv1.Interaction{visit("a"), visit("a"), other, finer}, "interactions")
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Replayed || results[0].Err != nil || !results[1].Replayed || !results[3].Replayed {
		t.Errorf("%+v", results)
	}
	refused(t, results[2].Err, cmiv1.ErrorReason_INTERACTION_EXISTS, "interactions[2].interaction_id")
	answer, err := w.ListInteractions(t.Context(), tenant, &cmiv1.ListInteractionsRequest{CustomerId: "c"})
	if err != nil || len(answer.GetInteractions()) != 1 || !proto.Equal(answer.GetInteractions()[0], visit("a")) {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestListInteractions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.did("c", "visit", days(1), days(3), days(3), days(7))
	w.did("c", "purchase", days(2), days(3))
	w.did("d", "visit", days(2))
	request := func(set func(*cmiv1.ListInteractionsRequest)) *cmiv1.ListInteractionsRequest {
		r := &cmiv1.ListInteractionsRequest{CustomerId: "c", PageSize: 2}
		set(r)
		return r
	}
	for name, test := range map[string]struct {
		set  func(*cmiv1.ListInteractionsRequest)
		want int
	}{
		"all":     {func(*cmiv1.ListInteractionsRequest) {}, 6},
		"kind":    {func(r *cmiv1.ListInteractionsRequest) { r.Kind = "visit" }, 4},
		"from":    {func(r *cmiv1.ListInteractionsRequest) { r.OccurredFrom = timestamppb.New(days(3)) }, 5},
		"before":  {func(r *cmiv1.ListInteractionsRequest) { r.OccurredBefore = timestamppb.New(days(3)) }, 1},
		"nothing": {func(r *cmiv1.ListInteractionsRequest) { r.Kind = "none" }, 0},
	} {
		r, seen, last := request(test.set), map[string]bool{}, noon
		for {
			answer, err := w.ListInteractions(t.Context(), tenant, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range answer.GetInteractions() {
				if seen[i.GetInteractionId()] || i.GetCustomerId() != "c" || i.GetOccurredAt().AsTime().After(last) {
					t.Errorf("%s: %v is twice, of another or out of order", name, i)
				}
				seen[i.GetInteractionId()], last = true, i.GetOccurredAt().AsTime()
			}
			if r.PageToken = answer.GetNextPageToken(); r.PageToken == "" {
				break
			}
			if len(answer.GetInteractions()) != 2 {
				t.Errorf("%s: a page of %d", name, len(answer.GetInteractions()))
			}
		}
		if len(seen) != test.want {
			t.Errorf("%s: %d, want %d", name, len(seen), test.want)
		}
	}
	_, err := w.ListInteractions(t.Context(), tenant, &cmiv1.ListInteractionsRequest{CustomerId: "nobody"})
	refused(t, err, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND, "customer_id")
	_, err = w.ListInteractions(t.Context(), tenant, &cmiv1.ListInteractionsRequest{CustomerId: "c", PageToken: "x"})
	refused(t, err, cmiv1.ErrorReason_INVALID_PAGE_TOKEN, "page_token")
	_, err = w.ListInteractions(t.Context(), tenant, &cmiv1.ListInteractionsRequest{CustomerId: "c", OccurredFrom: &timestamppb.Timestamp{Nanos: -1}})
	refused(t, err, cmiv1.ErrorReason_INVALID_REQUEST, "occurred_from")
}
