package insight_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/insight"
	"github.com/customer-momentum/cmi/server/store"
)

// today is the clock of the worlds under test.
var today = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

// world is a store in memory, with the questionnaires of one tenant.
type world struct {
	t           testing.TB
	slice       int // how many customers a slice has
	surveys     map[string]*cmiv1.Questionnaire
	scorers     map[string]*scoring.Scorer
	customers   []*store.History
	anonymous   []*store.History
	kept        map[int64]*store.Kept
	invitations []*cmiv1.Invitations
}

func newWorld(t testing.TB, questionnaires ...*cmiv1.Questionnaire) *world {
	t.Helper()
	w := &world{
		t: t, slice: 100, surveys: map[string]*cmiv1.Questionnaire{}, scorers: map[string]*scoring.Scorer{}, kept: map[int64]*store.Kept{},
	}
	for _, q := range questionnaires {
		scorer, err := scoring.Compile(q)
		if err != nil {
			t.Fatal(err)
		}
		q.Version = 1
		w.surveys[q.GetQuestionnaireId()], w.scorers[q.GetQuestionnaireId()] = q, scorer
	}
	return w
}

func (w *world) insight() *insight.Insight {
	return insight.New(insight.Config{
		Store: w, Questionnaires: w, People: w, Workers: 2, Now: func() time.Time { return today },
	})
}

// customer makes or finds a customer.
func (w *world) customer(id string) *store.History {
	for _, h := range w.customers {
		if h.Profile.GetCustomerId() == id {
			return h
		}
	}
	h := &store.History{Key: int64(len(w.customers) + 1), Profile: &cmiv1.Customer{CustomerId: id, Segments: map[string]string{}}}
	w.customers = append(w.customers, h)
	return h
}

// respond records a response of a customer, or of nobody who is known.
func (w *world) respond(customer, questionnaire string, at time.Time, channel cmiv1.Channel, answers ...*cmiv1.Answer) *cmiv1.Score {
	w.t.Helper()
	place := int64(len(w.kept) + 1)
	response := &cmiv1.Response{
		ResponseId: fmt.Sprintf("r%d", place), CustomerId: customer, Channel: channel, SubmittedAt: timestamppb.New(at), Answers: answers,
	}
	score, err := w.scorers[questionnaire].Score(response)
	if err != nil {
		w.t.Fatal(err)
	}
	w.kept[place] = &store.Kept{Response: response, Score: score}
	short := store.ReportedScore{
		Place: place, At: at.UnixMicro(), QuestionnaireID: questionnaire, Version: 1, Channel: channel, Status: score.GetStatus(),
		Bucket: score.GetBucket(), Divergent: score.GetDivergent(), CMI: math.NaN(),
	}
	if score.Cmi != nil {
		short.CMI = score.GetCmi()
	}
	for k, pillar := range score.GetPillars() {
		short.Pillars[k] = math.NaN()
		if pillar.Score != nil {
			short.Pillars[k] = pillar.GetScore()
		}
	}
	h := &store.History{Key: place}
	if customer == "" {
		w.anonymous = append(w.anonymous, h)
	} else {
		h = w.customer(customer)
	}
	h.Scores = append(h.Scores, short)
	slices.SortStableFunc(h.Scores, func(a, b store.ReportedScore) int { return cmp.Compare(a.At, b.At) })
	return score
}

func (w *world) CutCustomers(_ context.Context, _ string, of store.CustomerCut, _ int) ([]store.CustomerSlice, error) {
	var cut []store.CustomerSlice
	for from := 1; from <= len(w.customers); from += w.slice {
		to := min(from+w.slice-1, len(w.customers))
		cut = append(cut, store.CustomerSlice{From: int64(from), To: int64(to), N: to - from + 1})
	}
	if len(w.anonymous) > 0 && of.AccountID == "" && len(of.Segments) == 0 {
		cut = append(cut, store.CustomerSlice{
			Anonymous: true, From: w.anonymous[0].Key, To: w.anonymous[len(w.anonymous)-1].Key, N: len(w.anonymous),
		})
	}
	return cut, nil
}

func (w *world) HistoriesIn(_ context.Context, _ string, slice store.CustomerSlice, ask store.HistoryAsk) ([]*store.History, error) {
	all := w.customers
	if slice.Anonymous {
		all = w.anonymous
	}
	var found []*store.History
	for _, h := range all {
		if h.Key < slice.From || h.Key > slice.To {
			continue
		}
		one := *h
		one.Scores = nil
		for _, s := range h.Scores {
			if (ask.From == 0 || s.At >= ask.From) && (ask.Before == 0 || s.At < ask.Before) &&
				(len(ask.QuestionnaireIDs) == 0 || slices.Contains(ask.QuestionnaireIDs, s.QuestionnaireID)) {
				one.Scores = append(one.Scores, s)
			}
		}
		if len(one.Scores) > 0 || ask.Everybody {
			found = append(found, &one)
		}
	}
	return found, nil
}

func (w *world) ResponsesAt(_ context.Context, _ string, places []int64) ([]*store.Kept, error) {
	kept := make([]*store.Kept, len(places))
	for k, place := range places {
		kept[k] = w.kept[place]
	}
	return kept, nil
}

func (w *world) InvitationsWithin(context.Context, string, time.Time, time.Time, int) ([]*cmiv1.Invitations, error) {
	return w.invitations, nil
}

func (w *world) RecordedScorer(_ context.Context, _, id string, _ int32) (*scoring.Scorer, error) {
	if w.scorers[id] == nil {
		return nil, fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "questionnaire_id", "there is none")
	}
	return w.scorers[id], nil
}

func (w *world) Get(_ context.Context, _ string, r *cmiv1.GetQuestionnaireRequest) (*cmiv1.Questionnaire, error) {
	if w.surveys[r.GetQuestionnaireId()] == nil {
		return nil, fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND, "questionnaire_id", "there is none")
	}
	return w.surveys[r.GetQuestionnaireId()], nil
}

// Phase makes those inactive whose names begin with "gone", and whose spend is the key weight.
func (w *world) Phase(profile *cmiv1.Customer, _, _ []int64, _ time.Time) (cmiv1.Lifecycle, *float64) {
	phase := cmiv1.Lifecycle_LIFECYCLE_ACTIVE
	if strings.HasPrefix(profile.GetCustomerId(), "gone") {
		phase = cmiv1.Lifecycle_LIFECYCLE_INACTIVE
	}
	if profile.GetSpend() == nil {
		return phase, nil
	}
	return phase, proto.Float64(profile.GetSpend().GetAmount())
}

// pulse is a questionnaire with one item for each pillar, and others.
func pulse(id string, items ...*cmiv1.Item) *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{QuestionnaireId: id, Audience: cmiv1.Audience_AUDIENCE_ACTIVE, Category: "test"}
	for k, name := range []string{"trust", "use", "stay"} {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: name, Prompt: "?", Pillar: cmiv1.Pillar(k + 1),
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 0, Max: 100}},
		})
	}
	q.Items = append(q.Items, items...)
	return q
}

// unweighted is an item beside the pillars.
func unweighted(id string, low, high float64, metric cmiv1.Metric) *cmiv1.Item {
	return &cmiv1.Item{
		ItemId: id, Prompt: "?", Weight: proto.Float64(0), Metric: metric,
		Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: low, Max: high, Step: proto.Float64(1)}},
	}
}

func number(item string, x float64) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: x}}
}

// all answers the three pillars with the same number, which is the CMI then.
func all(cmi float64) []*cmiv1.Answer {
	return []*cmiv1.Answer{number("trust", cmi), number("use", cmi), number("stay", cmi)}
}

func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
}

// near tells whether two numbers agree but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

// check compares a figure.
func check(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !near(got, want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// sane looks for numbers that are none, wherever they stand in a message, and for estimates that lie outside of their intervals by
// more than the intervals of shares do.
func sane(t testing.TB, m proto.Message) {
	t.Helper()
	var walk func(protoreflect.Message)
	walk = func(m protoreflect.Message) {
		if e, ok := m.Interface().(*cmiv1.Estimate); ok && e.Low != nil && e.GetLow() > e.GetHigh() {
			t.Errorf("an interval from %v to %v", e.GetLow(), e.GetHigh())
		}
		m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case field.IsMap():
			case field.IsList() && field.Message() != nil:
				for i := range v.List().Len() {
					walk(v.List().Get(i).Message())
				}
			case field.IsList():
			case field.Message() != nil:
				walk(v.Message())
			case field.Kind() == protoreflect.DoubleKind:
				if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
					t.Errorf("%s is %v", field.FullName(), x)
				}
			}
			return true
		})
	}
	walk(m.ProtoReflect())
}
