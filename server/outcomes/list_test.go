package outcomes_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestListOutcomes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := func(n int) time.Time { return noon().AddDate(0, 0, n) }
	var all []*cmiv1.Outcome
	for i, n := range []int{1, 3, 3, 7, 2, 3, 2} {
		o := renewal(fmt.Sprintf("o-%d", i))
		o.OccurredAt = timestamppb.New(day(n))
		if i >= 4 {
			o.Kind = cmiv1.OutcomeKind_OUTCOME_CHURNED
		}
		if i == 6 {
			o.CustomerId = "d"
		}
		all = append(all, o)
	}
	w.record(t, all...)
	for name, test := range map[string]struct {
		set  func(*cmiv1.ListOutcomesRequest)
		want int
	}{
		"all":      {func(*cmiv1.ListOutcomesRequest) {}, 7},
		"customer": {func(r *cmiv1.ListOutcomesRequest) { r.CustomerId = "c" }, 6},
		"kind":     {func(r *cmiv1.ListOutcomesRequest) { r.Kind = cmiv1.OutcomeKind_OUTCOME_CHURNED }, 3},
		"from":     {func(r *cmiv1.ListOutcomesRequest) { r.OccurredFrom = timestamppb.New(day(3)) }, 4},
		"before":   {func(r *cmiv1.ListOutcomesRequest) { r.OccurredBefore = timestamppb.New(day(3)) }, 3},
		"nobody":   {func(r *cmiv1.ListOutcomesRequest) { r.CustomerId = "nobody" }, 0},
	} {
		r, seen, last := &cmiv1.ListOutcomesRequest{PageSize: 2}, map[string]bool{}, day(100)
		test.set(r)
		for {
			answer, err := w.List(t.Context(), tenant, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range answer.GetOutcomes() {
				if seen[o.GetOutcomeId()] || o.GetOccurredAt().AsTime().After(last) {
					t.Errorf("%s: %v is twice or out of order", name, o)
				}
				seen[o.GetOutcomeId()], last = true, o.GetOccurredAt().AsTime()
			}
			if r.PageToken = answer.GetNextPageToken(); r.PageToken == "" {
				break
			}
			if len(answer.GetOutcomes()) != 2 {
				t.Errorf("%s: a page of %d", name, len(answer.GetOutcomes()))
			}
		}
		if len(seen) != test.want {
			t.Errorf("%s: %d, want %d", name, len(seen), test.want)
		}
	}
	bad := &timestamppb.Timestamp{Nanos: -1}
	for field, r := range map[string]*cmiv1.ListOutcomesRequest{"occurred_from": {OccurredFrom: bad}, "occurred_before": {OccurredBefore: bad}} {
		_, err := w.List(t.Context(), tenant, r)
		refused(t, field, err, cmiv1.ErrorReason_INVALID_REQUEST, field)
	}
	first, err := w.List(t.Context(), tenant, &cmiv1.ListOutcomesRequest{PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	for what, token := range map[string]string{"no token": "x", "of other filters": first.GetNextPageToken()} {
		_, err := w.List(t.Context(), tenant, &cmiv1.ListOutcomesRequest{CustomerId: "c", PageToken: token})
		refused(t, what, err, cmiv1.ErrorReason_INVALID_PAGE_TOKEN, "page_token")
	}
}
