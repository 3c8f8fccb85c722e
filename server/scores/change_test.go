package scores_test

import (
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/scores"
)

func answeredAt(r *cmiv1.Response, at time.Time) *cmiv1.Response {
	r.SubmittedAt = timestamppb.New(at)
	return r
}

func (h house) change(t *testing.T, request *cmiv1.ExplainChangeRequest) (*cmiv1.Change, error) {
	t.Helper()
	if request.CustomerId == "" {
		request.CustomerId = "c1"
	}
	return h.Change(t.Context(), tenant, request)
}

func TestChangeFindsTheLastTwo(t *testing.T) {
	t.Parallel()
	h := open(t)
	day := func(n int) time.Time { return noon.AddDate(0, 0, n-30) }
	for _, r := range []*cmiv1.Response{
		answeredAt(response("r3", 7, 6, 8), day(3)), // recorded out of order
		answeredAt(response("r1", 5, 6, 7), day(1)),
		answeredAt(response("r2b", 2, 2, 2), day(2)),
		answeredAt(response("r2a", 1, 1, 1), day(2)), // of the same microsecond: before r2b by its id
	} {
		if _, err := h.score(t, scores.Plan{}, r); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		request  *cmiv1.ExplainChangeRequest
		from, to string
		delta    float64
	}{
		"the last two":      {&cmiv1.ExplainChangeRequest{}, "r2b", "r3", 70 - 20},
		"up to a time":      {&cmiv1.ExplainChangeRequest{AsOf: timestamppb.New(day(2))}, "r2a", "r2b", 20 - 10},
		"to a named one":    {&cmiv1.ExplainChangeRequest{ToResponseId: "r2a"}, "r1", "r2a", 10 - 60},
		"from a named one":  {&cmiv1.ExplainChangeRequest{FromResponseId: "r1"}, "r1", "r3", 70 - 60},
		"between two":       {&cmiv1.ExplainChangeRequest{FromResponseId: "r3", ToResponseId: "r1"}, "r3", "r1", 60 - 70},
		"in a named series": {&cmiv1.ExplainChangeRequest{Series: "q"}, "r2b", "r3", 70 - 20},
	} {
		change, err := h.change(t, tc.request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if change.GetFrom().GetResponseId() != tc.from || change.GetTo().GetResponseId() != tc.to || math.Abs(change.GetDelta()-tc.delta) > 1e-9 {
			t.Errorf("%s: from %s to %s by %v; want from %s to %s by %v", name, change.GetFrom().GetResponseId(), change.GetTo().GetResponseId(),
				change.GetDelta(), tc.from, tc.to, tc.delta)
		}
		if change.ReliableChangeIndex != nil || change.ReliableChange != nil {
			t.Errorf("%s: without a calibration it is said whether the change is reliable", name)
		}
	}
	change, err := h.change(t, &cmiv1.ExplainChangeRequest{FromResponseId: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	// Each item is a third of the CMI: 5 to 7, 6 to 6 and 7 to 8 of 10 bring 20/3, 0 and 10/3.
	for i, want := range []float64{20.0 / 3, 0, 10.0 / 3} {
		if got := change.GetItems()[i].GetChange(); math.Abs(got-want) > 1e-9 {
			t.Errorf("item %d brings %v, want %v", i, got, want)
		}
	}
}

func TestChangeRefusesWhatCannotBeCompared(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := response("other", 1, 1, 1)
	other.CustomerId = "c2"
	empty := response("empty", 1, 1, 1)
	empty.Answers = nil
	for _, r := range []*cmiv1.Response{response("r1", 5, 6, 7), response("void", 5, 6, 7), other, empty} {
		if _, err := h.score(t, scores.Plan{}, r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Void(t.Context(), tenant, &cmiv1.VoidResponseRequest{ResponseId: "void"}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		request *cmiv1.ExplainChangeRequest
		want    cmiv1.ErrorReason
	}{
		"a single score":      {&cmiv1.ExplainChangeRequest{}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"nothing before":      {&cmiv1.ExplainChangeRequest{ToResponseId: "r1"}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"nothing so early":    {&cmiv1.ExplainChangeRequest{AsOf: timestamppb.New(noon.AddDate(-1, 0, 0))}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"nobody":              {&cmiv1.ExplainChangeRequest{CustomerId: "nobody"}, cmiv1.ErrorReason_CUSTOMER_NOT_FOUND},
		"no such response":    {&cmiv1.ExplainChangeRequest{FromResponseId: "none"}, cmiv1.ErrorReason_RESPONSE_NOT_FOUND},
		"of another customer": {&cmiv1.ExplainChangeRequest{ToResponseId: "other"}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"a void one":          {&cmiv1.ExplainChangeRequest{FromResponseId: "void"}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"an unscored one":     {&cmiv1.ExplainChangeRequest{FromResponseId: "empty"}, cmiv1.ErrorReason_NOT_COMPARABLE},
		"another series":      {&cmiv1.ExplainChangeRequest{Series: "elsewhere"}, cmiv1.ErrorReason_NOT_COMPARABLE},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.change(t, tc.request)
			wantReason(t, err, tc.want)
		})
	}
}
