package catalog_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

const tenant = "acme"

// clock gives a time one second later at each call, so that what was saved when can be told.
func clock() func() time.Time {
	var calls atomic.Int64
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time { return start.Add(time.Duration(calls.Add(1)) * time.Second) }
}

func open(t *testing.T) *catalog.Catalog {
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
	c, err := catalog.New(kept, questionnaire.Builtin(), clock())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sample is a small questionnaire without faults.
func sample(id string) *cmiv1.Questionnaire {
	item := func(id string, pillar cmiv1.Pillar) *cmiv1.Item {
		return &cmiv1.Item{
			ItemId: id, Prompt: "How much do you agree?", Pillar: pillar, Facet: "trust",
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 5, Step: proto.Float64(1)}},
		}
	}
	return &cmiv1.Questionnaire{
		QuestionnaireId: id, Title: "Sample",
		Items: []*cmiv1.Item{
			item("trust", cmiv1.Pillar_PILLAR_ECI), item("use", cmiv1.Pillar_PILLAR_BEI), item("stay", cmiv1.Pillar_PILLAR_FII),
		},
	}
}

func create(t *testing.T, c *catalog.Catalog, q *cmiv1.Questionnaire) *cmiv1.Questionnaire {
	t.Helper()
	made, err := c.Create(t.Context(), tenant, &cmiv1.CreateQuestionnaireRequest{Questionnaire: q})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func publish(t *testing.T, c *catalog.Catalog, id string) *cmiv1.Questionnaire {
	t.Helper()
	q, err := c.Publish(t.Context(), tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: id})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func retitle(id, title, etag string) *cmiv1.UpdateQuestionnaireRequest {
	return &cmiv1.UpdateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: id, Title: title, Etag: etag},
		UpdateMask:    &fieldmaskpb.FieldMask{Paths: []string{"title"}},
	}
}

func wantReason(t *testing.T, err error, want cmiv1.ErrorReason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func TestLifeOfAQuestionnaire(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	get := func(version int32) (*cmiv1.Questionnaire, error) {
		return c.Get(ctx, tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "q", Version: version})
	}

	draft := create(t, c, sample("q"))
	if draft.GetVersion() != 1 || draft.GetState() != cmiv1.State_STATE_DRAFT || draft.GetEtag() == "" {
		t.Fatalf("created version %d, %v, etag %q; want a draft of version 1 with an etag", draft.GetVersion(), draft.GetState(), draft.GetEtag())
	}
	_, err := get(0)
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND)
	if !strings.Contains(err.Error(), "draft, version 1") {
		t.Errorf("%v does not name the draft", err)
	}
	if got, err := get(1); err != nil || !proto.Equal(got, draft) {
		t.Fatalf("version 1 is %v, %v; want the draft", got, err)
	}

	first := publish(t, c, "q")
	if first.GetVersion() != 1 || first.GetState() != cmiv1.State_STATE_PUBLISHED || first.GetPublishedAt() == nil || first.GetEtag() == draft.GetEtag() {
		t.Fatalf("published %v", first)
	}
	_, err = c.Publish(ctx, tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "q"})
	wantReason(t, err, cmiv1.ErrorReason_NOTHING_TO_PUBLISH)

	second, err := c.Update(ctx, tenant, retitle("q", "Second", first.GetEtag()))
	if err != nil {
		t.Fatal(err)
	}
	if second.GetVersion() != 2 || second.GetState() != cmiv1.State_STATE_DRAFT || second.GetTitle() != "Second" || second.GetPublishedAt() != nil {
		t.Fatalf("the update of a published questionnaire saved %v; want the draft of version 2", second)
	}
	if got, err := get(0); err != nil || !proto.Equal(got, first) {
		t.Fatalf("version 0 is %v, %v; want version 1, untouched by the draft", got, err)
	}
	if got := publish(t, c, "q"); got.GetVersion() != 2 {
		t.Fatalf("published version %d, want 2", got.GetVersion())
	}

	archived, err := c.Archive(ctx, tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "q"})
	if err != nil || archived.GetState() != cmiv1.State_STATE_ARCHIVED || archived.GetVersion() != 2 {
		t.Fatalf("archived %v, %v", archived, err)
	}
	if again, err := c.Archive(ctx, tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "q"}); err != nil || !proto.Equal(again, archived) {
		t.Fatalf("archiving again answered %v, %v; want no change", again, err)
	}
	for version := range int32(3) {
		if got, err := get(version); err != nil || got.GetState() != cmiv1.State_STATE_ARCHIVED {
			t.Errorf("version %d of the archived questionnaire is %v, %v; want it readable", version, got.GetState(), err)
		}
	}
	_, err = c.Update(ctx, tenant, retitle("q", "Third", ""))
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED)
	_, err = c.Publish(ctx, tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "q"})
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED)
	_, err = c.Scorer(ctx, tenant, "q", 0, true)
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED)
	if s, err := c.RecordedScorer(ctx, tenant, "q", 1); err != nil || s.Version() != 1 {
		t.Errorf("the scorer of what was recorded: %v", err)
	}
}

// A draft that is archived with its questionnaire was still never published.
func TestArchivingADraftDoesNotPublishIt(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	create(t, c, sample("q"))
	publish(t, c, "q")
	if _, err := c.Update(ctx, tenant, retitle("q", "Second", "")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Archive(ctx, tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "q"}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(ctx, tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "q"})
	if err != nil || got.GetVersion() != 1 {
		t.Errorf("the latest published version is %d, %v; want 1", got.GetVersion(), err)
	}
}

func TestScorerFollowsPublishing(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	create(t, c, sample("q"))
	_, err := c.Scorer(ctx, tenant, "q", 1, false)
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT)
	if _, err := c.Scorer(ctx, tenant, "q", 1, true); err != nil {
		t.Fatalf("a dry run of a draft: %v", err)
	}
	for want := int32(1); want <= 3; want++ {
		publish(t, c, "q")
		for range 2 { // the second time from the cache
			if s, err := c.Scorer(ctx, tenant, "q", 0, false); err != nil || s.Version() != want {
				t.Fatalf("version 0 compiled to %v, %v; want version %d", s.Version(), err, want)
			}
		}
		if _, err := c.Update(ctx, tenant, retitle("q", "Next", "")); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.Scorer(ctx, "other", "q", 0, false)
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND)
}

func TestFaultsBlockPublishingAndNothingElse(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	bad := sample("q")
	bad.Items[0].GetRating().Max = 0
	bad.Items[2].Weight = proto.Float64(-1)
	create(t, c, bad)
	_, err := c.Publish(ctx, tenant, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "q"})
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS)
	for _, path := range []string{"questionnaire.items[0].rating", "questionnaire.items[2].weight"} {
		if !hasViolation(err, path) {
			t.Errorf("%v names nothing at %s", err, path)
		}
	}
	_, err = c.Scorer(ctx, tenant, "q", 1, true)
	wantReason(t, err, cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS)
	found, err := c.Lint(ctx, tenant, &cmiv1.LintQuestionnaireRequest{Source: &cmiv1.LintQuestionnaireRequest_Stored{
		Stored: &cmiv1.QuestionnaireRef{QuestionnaireId: "q", Version: 1},
	}})
	if err != nil || len(found.GetFaults()) < 2 || len(found.GetFindings()) == 0 {
		t.Errorf("lint answered %v, %v; want both faults, and findings", found, err)
	}
}

func hasViolation(err error, prefix string) bool {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return false
	}
	for _, v := range refusal.Violations {
		if strings.HasPrefix(v.Field, prefix) {
			return true
		}
	}
	return false
}

func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	draft := create(t, c, sample("q"))
	mask := func(paths ...string) error {
		_, err := c.Update(ctx, tenant, &cmiv1.UpdateQuestionnaireRequest{
			Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: "q", Title: "T"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		return err
	}
	createCall := func(q *cmiv1.Questionnaire, from *cmiv1.QuestionnaireRef) error {
		_, err := c.Create(ctx, tenant, &cmiv1.CreateQuestionnaireRequest{Questionnaire: q, CopyFrom: from})
		return err
	}
	update := func(request *cmiv1.UpdateQuestionnaireRequest) error {
		_, err := c.Update(ctx, tenant, request)
		return err
	}
	cases := map[string]struct {
		err  error
		want cmiv1.ErrorReason
	}{
		"an id twice":           {createCall(sample("q"), nil), cmiv1.ErrorReason_QUESTIONNAIRE_EXISTS},
		"no id":                 {createCall(sample(""), nil), cmiv1.ErrorReason_INVALID_REQUEST},
		"a reserved id":         {createCall(sample("builtin-mine"), nil), cmiv1.ErrorReason_RESERVED_ID},
		"a copy of nothing":     {createCall(&cmiv1.Questionnaire{QuestionnaireId: "r"}, &cmiv1.QuestionnaireRef{QuestionnaireId: "none"}), cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND},
		"a copy with items":     {createCall(sample("r"), &cmiv1.QuestionnaireRef{QuestionnaireId: "builtin-new-online"}), cmiv1.ErrorReason_INVALID_REQUEST},
		"a change of a builtin": {update(retitle("builtin-new-online", "Mine", "")), cmiv1.ErrorReason_RESERVED_ID},
		"a change of nothing":   {update(retitle("none", "Mine", "")), cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND},
		"a stale etag":          {update(retitle("q", "Mine", draft.GetEtag()+"0")), cmiv1.ErrorReason_STALE_ETAG},
		"no mask":               {mask(), cmiv1.ErrorReason_INVALID_REQUEST},
		"an unknown field":      {mask("titel"), cmiv1.ErrorReason_INVALID_REQUEST},
		"a field of a list":     {mask("items.prompt"), cmiv1.ErrorReason_INVALID_REQUEST},
		"a field of a string":   {mask("title.length"), cmiv1.ErrorReason_INVALID_REQUEST},
		"the state":             {mask("state"), cmiv1.ErrorReason_INVALID_REQUEST},
		"all and more":          {mask("*", "title"), cmiv1.ErrorReason_INVALID_REQUEST},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			wantReason(t, tc.err, tc.want)
		})
	}
	got, err := c.Get(ctx, tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "q", Version: 1})
	if err != nil || !proto.Equal(got, draft) {
		t.Errorf("the draft is %v, %v after the refusals; want it as it was", got, err)
	}
}

func TestMaskChangesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	c := open(t)
	q := sample("q")
	q.Description, q.Thresholds = "Before", &cmiv1.Thresholds{Growth: proto.Float64(40), Advocate: proto.Float64(90)}
	create(t, c, q)
	got, err := c.Update(t.Context(), tenant, &cmiv1.UpdateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{
			QuestionnaireId: "q", Title: "After", Category: "ignored",
			Thresholds: &cmiv1.Thresholds{Advocate: proto.Float64(85), Growth: proto.Float64(1)},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "thresholds.advocate", "description"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case got.GetTitle() != "After", got.GetThresholds().GetAdvocate() != 85:
		t.Errorf("named fields are %q and %v", got.GetTitle(), got.GetThresholds())
	case got.GetThresholds().GetGrowth() != 40, got.GetCategory() != "", len(got.GetItems()) != 3:
		t.Errorf("fields beside the mask changed: %v", got)
	case got.GetDescription() != "":
		t.Errorf("a named field that is absent is %q; want it cleared", got.GetDescription())
	}
}

func TestCopyOfABuiltin(t *testing.T) {
	t.Parallel()
	c := open(t)
	got, err := c.Create(t.Context(), tenant, &cmiv1.CreateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: "mine", Title: "Ours"},
		CopyFrom:      &cmiv1.QuestionnaireRef{QuestionnaireId: "builtin-active-online"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.GetTitle() != "Ours" || got.GetVersion() != 1 || got.GetState() != cmiv1.State_STATE_DRAFT || got.GetSeries() != "cmi" || len(got.GetItems()) == 0 || got.GetPublishedAt() != nil {
		t.Errorf("the copy is %v", got)
	}
	publish(t, c, "mine")
}

func TestListPagesOwnThenBuiltin(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	var want []string
	for _, id := range []string{"a", "b", "c"} {
		create(t, c, sample(id))
		want = append(want, id)
	}
	for _, q := range questionnaire.Builtin() {
		want = append(want, q.GetQuestionnaireId())
	}
	if len(want) != 12 {
		t.Fatalf("%d questionnaires; want 3 and nine built-in ones", len(want))
	}
	for _, size := range []int32{1, 2, 3, 5, 12, 50} {
		request := &cmiv1.ListQuestionnairesRequest{PageSize: size}
		seen := map[string]int{}
		var order []string
		for {
			result, err := c.List(ctx, tenant, request)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range result.GetQuestionnaires() {
				seen[q.GetQuestionnaireId()]++
				order = append(order, q.GetQuestionnaireId())
			}
			if result.GetNextPageToken() == "" {
				break
			}
			request.PageToken = result.GetNextPageToken()
		}
		if len(order) != len(want) || len(seen) != len(want) || order[0] != "a" || order[2] != "c" || !strings.HasPrefix(order[3], catalog.BuiltinPrefix) {
			t.Errorf("pages of %d list %v; want each of %v once", size, order, want)
		}
	}
	own, err := c.List(ctx, tenant, &cmiv1.ListQuestionnairesRequest{ExcludeBuiltin: true, State: cmiv1.State_STATE_DRAFT})
	if err != nil || len(own.GetQuestionnaires()) != 3 {
		t.Errorf("own drafts: %v, %v", own, err)
	}
	apps, err := c.List(ctx, "other", &cmiv1.ListQuestionnairesRequest{Audience: cmiv1.Audience_AUDIENCE_NEW, Channel: cmiv1.Channel_CHANNEL_MOBILE_APP})
	if err != nil || len(apps.GetQuestionnaires()) != 1 || apps.GetQuestionnaires()[0].GetQuestionnaireId() != "builtin-new-mobile-app" {
		t.Errorf("for new customers in the app another tenant sees %v, %v", apps, err)
	}
}

func TestConcurrentUpdatesWithEtagLoseNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	create(t, c, sample("q"))
	const writers = 8
	done := make(chan error, writers)
	for range writers {
		go func() {
			done <- func() error {
				for {
					q, err := c.Get(context.Background(), tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "q", Version: 1})
					if err != nil {
						return err
					}
					_, err = c.Update(context.Background(), tenant, retitle("q", q.GetTitle()+"+", q.GetEtag()))
					if fault.ReasonOf(err) != cmiv1.ErrorReason_STALE_ETAG {
						return err
					}
				}
			}()
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	q, err := c.Get(t.Context(), tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "q", Version: 1})
	if want := "Sample" + strings.Repeat("+", writers); err != nil || q.GetTitle() != want {
		t.Errorf("the title is %q, %v; want %q", q.GetTitle(), err, want)
	}
}
