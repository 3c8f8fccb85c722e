package insight_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/insight"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// runner starts operations of one world, and does them one piece after the other when it is asked to.
type runner struct {
	of   *insight.Insight
	ops  map[string]store.Operation
	runs *insight.Runs
}

func (w *world) runs() *runner {
	r := &runner{of: w.insight(), ops: map[string]store.Operation{}}
	r.runs = insight.NewRuns(r.of, r)
	return r
}

func (r *runner) drivers(t *testing.T, request *cmiv1.AnalyzeDriversRequest) (*cmiv1.DriverAnalysis, error) {
	t.Helper()
	said, _, err := r.runs.Drivers(t.Context(), "acme", request)
	return said, err
}

func (r *runner) Start(_ context.Context, tenant string, start store.OperationStart) (store.Operation, bool, error) {
	op := store.Operation{Key: int64(len(r.ops) + 1), Tenant: tenant, ID: start.ID, Kind: start.Kind, Request: start.Request}
	r.ops[start.ID] = op
	return op, true, nil
}

func (r *runner) Find(_ context.Context, _, id string) (store.Operation, error) {
	op, known := r.ops[id]
	if !known {
		return op, operations.NotFound(id)
	}
	return op, nil
}

func (r *runner) View(op store.Operation) (*operations.Operation, error) {
	return &operations.Operation{ID: op.ID}, nil
}

// finish does all pieces of an operation.
func (r *runner) finish(t *testing.T, id string) proto.Message {
	t.Helper()
	kind, op := insight.NewKind(r.of), r.ops[id]
	pieces, err := kind.Plan(t.Context(), op)
	if err != nil {
		t.Fatal(err)
	}
	parts := make([][]byte, len(pieces))
	for _, k := range rand.New(rand.NewPCG(1, 1)).Perm(len(pieces)) {
		done, err := kind.Do(t.Context(), op, pieces[k].Task)
		if err != nil {
			t.Fatal(err)
		}
		parts[k] = done.Part
	}
	said, err := kind.Finish(t.Context(), op, func(visit func([]byte) error) error {
		for _, part := range parts {
			if err := visit(part); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// randomWorld has customers who answer what they like.
func randomWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	q := loyalPulse("one")
	q.Items = append(q.Items, why(), reason())
	fresh := loyalPulse("two")
	fresh.Audience, fresh.Category = cmiv1.Audience_AUDIENCE_NEW, ""
	w := newWorld(t, q, fresh)
	for k := range random.IntN(120) {
		name := fmt.Sprint("c", k)
		for range 1 + random.IntN(5) {
			var answers []*cmiv1.Answer
			say := func(chance float64, a *cmiv1.Answer) {
				if random.Float64() < chance {
					answers = append(answers, a)
				}
			}
			for _, id := range []string{"trust", "use", "stay"} {
				say(0.9, number(id, math.Round(100*random.Float64())))
			}
			say(0.7, number("tell", float64(random.IntN(11))))
			say(0.7, number("happy", float64(1+random.IntN(5))))
			say(0.7, number("ease", float64(1+random.IntN(7))))
			id := []string{"one", "two"}[random.IntN(2)]
			if id == "one" {
				say(0.5, chosen([]string{"price", "moved", "other"}[random.IntN(3)]))
				say(0.5, wrote("because", fmt.Sprint("topic ", random.IntN(4))))
			}
			customer := name
			if random.IntN(10) == 0 {
				customer = ""
			}
			w.respond(customer, id, today.AddDate(0, 0, -random.IntN(700)), cmiv1.Channel(random.IntN(4)), answers...)
		}
		h := w.customer(name)
		h.Profile.Segments["plan"] = fmt.Sprint(random.IntN(3))
		if random.IntN(2) == 0 {
			h.Profile.Spend = &cmiv1.Spend{Amount: new(random.Float64()), Currency: []string{"EUR", "CHF"}[random.IntN(2)], Period: 1}
		}
		for range random.IntN(4) {
			h.Outcomes = append(h.Outcomes, outcome(cmiv1.OutcomeKind(1+random.IntN(7)), today.AddDate(0, 0, -random.IntN(700)),
				math.Round(100*random.Float64()), []string{"", "EUR", "USD"}[random.IntN(3)]))
		}
	}
	return w
}

func everyReport() []*cmiv1.RunReportRequest {
	by, filter := []string{"channel", "segment:plan"}, &cmiv1.ReportFilter{}
	target := &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Cmi{Cmi: true}}
	all := []*cmiv1.RunReportRequest{
		{Report: &cmiv1.RunReportRequest_Loyalty{Loyalty: &cmiv1.GetLoyaltyReportRequest{GroupBy: by, Period: cmiv1.Period_PERIOD_QUARTER}}},
		{Report: &cmiv1.RunReportRequest_LoyaltyComparison{LoyaltyComparison: &cmiv1.CompareLoyaltyRequest{
			First: &cmiv1.ReportFilter{Channels: []cmiv1.Channel{online}}, Second: filter, Metric: cmiv1.Metric_METRIC_CES,
		}}},
		{Report: &cmiv1.RunReportRequest_Matrix{Matrix: &cmiv1.GetLoyaltyMatrixRequest{GroupBy: by}}},
		{Report: &cmiv1.RunReportRequest_Index{Index: &cmiv1.GetIndexReportRequest{
			GroupBy: by, Period: cmiv1.Period_PERIOD_MONTH, Weighting: cmiv1.Weighting_WEIGHTING_KEY_WEIGHT,
		}}},
		{Report: &cmiv1.RunReportRequest_Index{Index: &cmiv1.GetIndexReportRequest{GroupBy: []string{"lifecycle", "audience"}, Unit: cmiv1.Unit_UNIT_RESPONSE}}},
		{Report: &cmiv1.RunReportRequest_Waves{Waves: &cmiv1.CompareWavesRequest{
			First: span(today.AddDate(-2, 0, 0), today.AddDate(-1, 0, 0)), Second: span(today.AddDate(-1, 0, 0), today), MixBy: "segment:plan",
		}}},
		{Report: &cmiv1.RunReportRequest_Channels{Channels: &cmiv1.CompareChannelsRequest{}}},
		{Report: &cmiv1.RunReportRequest_Transitions{Transitions: &cmiv1.GetTransitionsRequest{}}},
		{Report: &cmiv1.RunReportRequest_Answers{Answers: &cmiv1.GetAnswerReportRequest{ItemId: "why", GroupBy: by}}},
		{Report: &cmiv1.RunReportRequest_Answers{Answers: &cmiv1.GetAnswerReportRequest{ItemId: "tell", Unit: cmiv1.Unit_UNIT_RESPONSE}}},
		{Report: &cmiv1.RunReportRequest_Drivers{Drivers: &cmiv1.AnalyzeDriversRequest{
			Target: target, Predictors: predictors("tell", "happy", "ease"), Bootstrap: &cmiv1.Bootstrap{Samples: proto.Int32(100)},
		}}},
		{Report: &cmiv1.RunReportRequest_Outcomes{Outcomes: &cmiv1.LinkOutcomesRequest{WindowDays: proto.Int32(60)}}},
		{Report: &cmiv1.RunReportRequest_Revenue{Revenue: &cmiv1.ForecastRevenueRequest{}}},
	}
	for k, one := range all {
		one.OperationId = fmt.Sprint("report-", k)
	}
	return all
}

// called makes a report within a call.
func called(t *testing.T, r *runner, request *cmiv1.RunReportRequest) (said proto.Message, err error) {
	t.Helper()
	ctx := t.Context()
	switch one := request.GetReport().(type) {
	case *cmiv1.RunReportRequest_Loyalty:
		return r.of.Loyalty(ctx, "acme", one.Loyalty)
	case *cmiv1.RunReportRequest_LoyaltyComparison:
		return r.of.CompareLoyalty(ctx, "acme", one.LoyaltyComparison)
	case *cmiv1.RunReportRequest_Matrix:
		return r.of.Matrix(ctx, "acme", one.Matrix)
	case *cmiv1.RunReportRequest_Index:
		return r.of.Index(ctx, "acme", one.Index)
	case *cmiv1.RunReportRequest_Waves:
		return r.of.Waves(ctx, "acme", one.Waves)
	case *cmiv1.RunReportRequest_Channels:
		return r.of.Channels(ctx, "acme", one.Channels)
	case *cmiv1.RunReportRequest_Transitions:
		return r.of.Transitions(ctx, "acme", one.Transitions)
	case *cmiv1.RunReportRequest_Answers:
		page, err := r.of.Answers(ctx, "acme", one.Answers)
		if err == nil { // an operation lists no texts
			page.Texts, page.NextPageToken = nil, ""
		}
		return page, err
	case *cmiv1.RunReportRequest_Outcomes:
		return r.of.Links(ctx, "acme", one.Outcomes)
	case *cmiv1.RunReportRequest_Revenue:
		return r.of.Revenue(ctx, "acme", one.Revenue)
	case *cmiv1.RunReportRequest_Drivers:
		analysis, err := r.drivers(t, one.Drivers)
		return &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Analysis{Analysis: analysis}}, err
	default:
		t.Fatalf("%T", one)
		return nil, nil
	}
}

// TestEveryReportOfAnyWorld has no figure that is none, and comes to the same bits by a call and by an operation whose pieces are done in any
// order and kept in between.
func TestEveryReportOfAnyWorld(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		w := randomWorld(t, seed)
		w.slice = 1 + int(seed%17)
		r := w.runs()
		for _, request := range everyReport() {
			want, err := called(t, r, request)
			if err != nil {
				t.Fatalf("seed %d: %T: %v", seed, request.GetReport(), err)
			}
			sane(t, want)
			if _, err := r.runs.Start(t.Context(), "acme", request); err != nil {
				t.Fatal(err)
			}
			if got := r.finish(t, request.GetOperationId()); !proto.Equal(got, want) {
				t.Fatalf("seed %d: %T: by an operation\n%v\nby a call\n%v", seed, request.GetReport(), got, want)
			}
		}
	}
}

// TestSlicesDoNotMatter: however customers are cut into slices, counts are the same.
func TestSlicesDoNotMatter(t *testing.T) {
	t.Parallel()
	w := randomWorld(t, 3)
	var want []*cmiv1.IndexGroup
	for _, size := range []int{1, 7, 1000} {
		w.slice = size
		said, err := w.insight().Index(t.Context(), "acme", &cmiv1.GetIndexReportRequest{GroupBy: []string{"channel"}})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = said.GetGroups()
		}
		for k, g := range said.GetGroups() {
			if g.GetCell().GetN() != want[k].GetCell().GetN() || math.Abs(g.GetCmi().GetLow()-want[k].GetCmi().GetLow()) > 1e-9 {
				t.Errorf("slices of %d: %v, want %v", size, g, want[k])
			}
		}
	}
}

// TestStart knows a request again, and refuses another one of the same id.
func TestStart(t *testing.T) {
	t.Parallel()
	r := randomWorld(t, 1).runs()
	request := everyReport()[0]
	for range 2 {
		if op, err := r.runs.Start(t.Context(), "acme", request); err != nil || op.ID != request.GetOperationId() {
			t.Fatalf("%v, %v", op, err)
		}
	}
	var plan struct{ Report []byte }
	if err := json.Unmarshal(r.ops[request.GetOperationId()].Request, &plan); err != nil {
		t.Fatal(err)
	}
	dated := &cmiv1.RunReportRequest{}
	if err := proto.Unmarshal(plan.Report, dated); err != nil {
		t.Fatal(err)
	}
	if !dated.GetLoyalty().GetAsOf().AsTime().Equal(today) {
		t.Errorf("the report is as of %v", dated.GetLoyalty().GetAsOf())
	}
	other := proto.CloneOf(request)
	other.GetLoyalty().AsOf = timestamppb.New(today.Add(-time.Hour))
	if _, err := r.runs.Start(t.Context(), "acme", other); fault.ReasonOf(err) != cmiv1.ErrorReason_OPERATION_EXISTS {
		t.Errorf("%v", err)
	}
	other.OperationId, other.GetLoyalty().Filter = "other", &cmiv1.ReportFilter{QuestionnaireIds: []string{"nobody"}}
	if _, err := r.runs.Start(t.Context(), "acme", other); fault.ReasonOf(err) != cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND {
		t.Errorf("%v", err)
	}
}

// TestOutOfTime says that an operation has more of it.
func TestOutOfTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err := randomWorld(t, 5).insight().Index(ctx, "acme", &cmiv1.GetIndexReportRequest{})
	if fault.ReasonOf(err) != cmiv1.ErrorReason_DEADLINE_EXCEEDED || !strings.Contains(err.Error(), "RunReport") {
		t.Errorf("%v", err)
	}
}
