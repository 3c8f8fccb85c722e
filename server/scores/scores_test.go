package scores_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/calibrations"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

const tenant = "acme"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// house is the use case on a store of its own.
type house struct {
	*scores.Scores
	catalog   *catalog.Catalog
	kept      *sqlite.Store
	certainty *calibrations.Calibrations
}

// newcomers takes every customer for a new one.
type newcomers struct{ *catalog.Catalog }

func (n newcomers) Choose(ctx context.Context, tenant, _ string, channel cmiv1.Channel, _ time.Time) (string, error) {
	return n.Pick(ctx, tenant, cmiv1.Audience_AUDIENCE_NEW, channel)
}

func open(t *testing.T) house {
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
	now := func() time.Time { return noon }
	c, err := catalog.New(kept, questionnaire.Builtin(), now)
	if err != nil {
		t.Fatal(err)
	}
	certainty := calibrations.New(c, kept, now)
	h := house{scores.New(scores.Config{
		Scorers: c, Store: kept, Certainty: certainty, Chooser: newcomers{c}, Recorded: func() {}, Now: now,
	}), c, kept, certainty}
	h.publish(t, 10)
	return h
}

// publish publishes the next version of the questionnaire "q": three items of 0..max.
func (h house) publish(t *testing.T, top float64) {
	t.Helper()
	item := func(id string, pillar cmiv1.Pillar) *cmiv1.Item {
		return &cmiv1.Item{ItemId: id, Pillar: pillar, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: top}}}
	}
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", Items: []*cmiv1.Item{
		item("e", cmiv1.Pillar_PILLAR_ECI), item("b", cmiv1.Pillar_PILLAR_BEI), item("f", cmiv1.Pillar_PILLAR_FII),
	}}
	_, err := h.catalog.Create(t.Context(), tenant, &cmiv1.CreateQuestionnaireRequest{Questionnaire: q})
	if fault.ReasonOf(err) == cmiv1.ErrorReason_QUESTIONNAIRE_EXISTS {
		_, err = h.catalog.Update(t.Context(), tenant, &cmiv1.UpdateQuestionnaireRequest{
			Questionnaire: q, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"items"}},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.catalog.Publish(t.Context(), tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "q"}); err != nil {
		t.Fatal(err)
	}
}

func (h house) score(t *testing.T, plan scores.Plan, r *cmiv1.Response) (*cmiv1.Score, error) {
	t.Helper()
	if plan.QuestionnaireID == "" {
		plan.QuestionnaireID = "q"
	}
	run, err := h.Open(t.Context(), tenant, plan)
	if err != nil {
		return nil, err
	}
	return run.Score(t.Context(), r, "response")
}

func response(id string, e, b, f float64) *cmiv1.Response {
	number := func(item string, x float64) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: x}}
	}
	return &cmiv1.Response{ResponseId: id, CustomerId: "c1", Answers: []*cmiv1.Answer{number("e", e), number("b", b), number("f", f)}}
}

func wantReason(t *testing.T, err error, want cmiv1.ErrorReason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func TestRecordedScoreIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	first, err := h.score(t, scores.Plan{}, response("r1", 5, 6, 7))
	if err != nil {
		t.Fatal(err)
	}
	// (50 + 60 + 70) / 3
	if first.GetCmi() != 60 || first.GetQuestionnaireVersion() != 1 {
		t.Fatalf("scored %v", first)
	}
	received := timestamppb.New(noon.Truncate(time.Microsecond))
	if !proto.Equal(first.GetScoredAt(), received) || !proto.Equal(first.GetSubmittedAt(), received) {
		t.Errorf("times are %v and %v; want the time of receipt in whole microseconds", first.GetSubmittedAt(), first.GetScoredAt())
	}
	// A new version scores new responses otherwise; what was recorded stands, in whatever order it is sent again.
	h.publish(t, 100)
	again := response("r1", 5, 6, 7)
	slices.Reverse(again.Answers)
	if got, err := h.score(t, scores.Plan{}, again); err != nil || !proto.Equal(got, first) {
		t.Errorf("sent again it scores %v, %v; want %v", got, err, first)
	}
	if got, err := h.score(t, scores.Plan{}, response("r2", 5, 6, 7)); err != nil || got.GetCmi() != 6 || got.GetQuestionnaireVersion() != 2 {
		t.Errorf("a new response scores %v, %v; want 6 by version 2", got, err)
	}
	if got, err := h.Get(t.Context(), tenant, "r1"); err != nil || !proto.Equal(got, first) {
		t.Errorf("the record is %v, %v", got, err)
	}
	_, err = h.score(t, scores.Plan{}, response("r1", 5, 6, 8))
	wantReason(t, err, cmiv1.ErrorReason_RESPONSE_EXISTS)
	_, err = h.score(t, scores.Plan{Version: 1}, response("r1", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_RESPONSE_EXISTS)
}

func TestRecordStandsWhereTheResponseWouldBeRefusedToday(t *testing.T) {
	t.Parallel()
	h := open(t)
	first, err := h.score(t, scores.Plan{}, response("r1", 5, 6, 7))
	if err != nil {
		t.Fatal(err)
	}
	h.publish(t, 6) // 7 is now outside the scale
	if got, err := h.score(t, scores.Plan{}, response("r1", 5, 6, 7)); err != nil || !proto.Equal(got, first) {
		t.Errorf("after a narrower version: %v, %v", got, err)
	}
	_, err = h.score(t, scores.Plan{}, response("r2", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_INVALID_RESPONSE)

	if _, err := h.catalog.Archive(t.Context(), tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "q"}); err != nil {
		t.Fatal(err)
	}
	if got, err := h.score(t, scores.Plan{}, response("r1", 5, 6, 7)); err != nil || !proto.Equal(got, first) {
		t.Errorf("after archiving: %v, %v", got, err)
	}
	explained, err := h.score(t, scores.Plan{Explain: true}, response("r1", 5, 6, 7))
	if err != nil || len(explained.GetExplanation().GetContributions()) != 3 {
		t.Errorf("explained by the recorded version: %v, %v", explained, err)
	}
	_, err = h.score(t, scores.Plan{}, response("r3", 1, 1, 1))
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED)
}

func TestDryRunKeepsNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	if got, err := h.score(t, scores.Plan{DryRun: true, Explain: true}, response("", 5, 6, 7)); err != nil || got.GetCmi() != 60 || got.GetExplanation() == nil {
		t.Fatalf("a dry run without an id scores %v, %v", got, err)
	}
	if _, err := h.score(t, scores.Plan{DryRun: true}, response("r1", 5, 6, 7)); err != nil {
		t.Fatal(err)
	}
	_, err := h.Get(t.Context(), tenant, "r1")
	wantReason(t, err, cmiv1.ErrorReason_RESPONSE_NOT_FOUND)
	_, err = h.score(t, scores.Plan{}, response("", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_INVALID_RESPONSE)
}

func TestExplanationIsAnsweredAndNotKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	got, err := h.score(t, scores.Plan{Explain: true}, response("r1", 5, 6, 7))
	if err != nil || got.GetExplanation() == nil {
		t.Fatalf("scored %v, %v; want an explanation", got, err)
	}
	kept, err := h.Get(t.Context(), tenant, "r1")
	if err != nil || kept.GetExplanation() != nil {
		t.Errorf("the record is %v, %v; want no explanation", kept, err)
	}
	h.publish(t, 100)
	again, err := h.Explain(t.Context(), tenant, "r1")
	if err != nil || !proto.Equal(again, got) {
		t.Errorf("explained later: %v, %v; want %v", again, err, got)
	}
}

func TestOneBadResponseNeverFailsItsNeighbours(t *testing.T) {
	t.Parallel()
	h := open(t)
	run, err := h.Open(t.Context(), tenant, scores.Plan{QuestionnaireID: "q"})
	if err != nil {
		t.Fatal(err)
	}
	results, err := run.ScoreAll(t.Context(), []*cmiv1.Response{
		response("r1", 1, 1, 1), response("r2", 1, 11, -1), nil, response("", 1, 1, 1), response("r1", 2, 2, 2), response("r1", 1, 1, 1), response("r5", 3, 3, 3),
	}, "responses")
	if err != nil {
		t.Fatal(err)
	}
	want := []cmiv1.ErrorReason{0, cmiv1.ErrorReason_INVALID_RESPONSE, cmiv1.ErrorReason_INVALID_RESPONSE,
		cmiv1.ErrorReason_INVALID_RESPONSE, cmiv1.ErrorReason_RESPONSE_EXISTS, 0, 0}
	for i, result := range results {
		if got := fault.ReasonOf(result.Err); got != want[i] || (result.Err == nil) != (result.Score != nil) {
			t.Errorf("response %d: %v, %v; want reason %v", i, result.Score, result.Err, want[i])
		}
	}
	if !results[5].Replayed || results[0].Replayed {
		t.Error("the second r1 is the one that was answered from the record")
	}
	refusal, _ := errors.AsType[*fault.Error](results[1].Err)
	if len(refusal.Violations) != 2 || refusal.Violations[0].Field != "responses[1].answers[1].number" || refusal.Violations[1].Field != "responses[1].answers[2].number" {
		t.Errorf("violations are %v; want both answers with their paths", refusal.Violations)
	}
}

func TestConcurrentCallersGetOneScore(t *testing.T) {
	t.Parallel()
	h := open(t)
	const callers = 64
	type answer struct {
		cmi float64
		err error
	}
	answers := make([]answer, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			run, err := h.Open(context.Background(), tenant, scores.Plan{QuestionnaireID: "q"})
			if err != nil {
				answers[i].err = err
				return
			}
			score, err := run.Score(context.Background(), response("r1", float64(i%4), 1, 1), "response")
			answers[i] = answer{score.GetCmi(), err}
		})
	}
	all.Wait()
	kept, err := h.Get(t.Context(), tenant, "r1")
	if err != nil {
		t.Fatal(err)
	}
	won := 0
	for i, a := range answers {
		switch fault.ReasonOf(a.err) {
		case cmiv1.ErrorReason_RESPONSE_EXISTS:
		default:
			if a.err != nil || a.cmi != kept.GetCmi() {
				t.Errorf("caller %d: %v, %v; want %v or RESPONSE_EXISTS", i, a.cmi, a.err, kept.GetCmi())
			}
			won++
		}
	}
	if won != callers/4 {
		t.Errorf("%d callers were answered with a score; want the %d that sent the content that won", won, callers/4)
	}
}

func TestListPagesAndVoid(t *testing.T) {
	t.Parallel()
	h := open(t)
	const n = 25
	for i := range n {
		r := response(fmt.Sprintf("r%02d", i), float64(i%11), 5, 5)
		r.SubmittedAt = timestamppb.New(noon.Add(time.Duration(i/3) * time.Hour)) // three at each time
		if _, err := h.score(t, scores.Plan{}, r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Void(t.Context(), tenant, &cmiv1.VoidResponseRequest{ResponseId: "r07", Reason: "a test"}); err != nil {
		t.Fatal(err)
	}
	voided, err := h.Void(t.Context(), tenant, &cmiv1.VoidResponseRequest{ResponseId: "r07", Reason: "again"})
	if err != nil || voided.GetVoid().GetReason() != "a test" {
		t.Errorf("voided again: %v, %v; want the first mark", voided, err)
	}
	for _, size := range []int32{1, 4, 24, 100} {
		seen := map[string]bool{}
		request := &cmiv1.ListScoresRequest{PageSize: size}
		last := noon.AddDate(1, 0, 0)
		for {
			got, err := h.List(t.Context(), tenant, request)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range got.GetScores() {
				if at := s.GetSubmittedAt().AsTime(); at.After(last) {
					t.Fatalf("pages of %d: %v comes after %v", size, at, last)
				} else {
					last = at
				}
				if seen[s.GetResponseId()] || s.GetResponseId() == "r07" {
					t.Fatalf("pages of %d: %s is listed twice, or though it is void", size, s.GetResponseId())
				}
				seen[s.GetResponseId()] = true
			}
			if request.PageToken = got.GetNextPageToken(); request.PageToken == "" {
				break
			}
		}
		if len(seen) != n-1 {
			t.Errorf("pages of %d list %d scores, want %d", size, len(seen), n-1)
		}
	}
	all, err := h.ListResponses(t.Context(), tenant, &cmiv1.ListResponsesRequest{IncludeVoid: true, SubmittedBefore: timestamppb.New(noon.Add(3 * time.Hour).Truncate(time.Microsecond))})
	if err != nil || len(all.GetResponses()) != 9 {
		t.Errorf("the first three hours hold %d responses, %v; want 9", len(all.GetResponses()), err)
	}
	_, err = h.List(t.Context(), tenant, &cmiv1.ListScoresRequest{SubmittedFrom: &timestamppb.Timestamp{Nanos: -1}})
	wantReason(t, err, cmiv1.ErrorReason_INVALID_REQUEST)
}

func TestWhatCannotBeOpened(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, tc := range map[string]struct {
		plan scores.Plan
		want cmiv1.ErrorReason
	}{
		"no questionnaire":    {scores.Plan{QuestionnaireID: " "}, cmiv1.ErrorReason_INVALID_REQUEST},
		"a negative one":      {scores.Plan{Version: -1}, cmiv1.ErrorReason_INVALID_REQUEST},
		"an unknown one":      {scores.Plan{QuestionnaireID: "none"}, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND},
		"a future one":        {scores.Plan{Version: 2}, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND},
		"an unknown built-in": {scores.Plan{QuestionnaireID: "builtin-none"}, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND},
	} {
		_, err := h.score(t, tc.plan, response("r1", 1, 1, 1))
		if got := fault.ReasonOf(err); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
}
