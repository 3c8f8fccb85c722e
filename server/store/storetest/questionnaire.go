package storetest

import (
	"errors"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// version makes one of a questionnaire. All but drafts were published.
func version(id string, number int32, state cmiv1.State) *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{
		QuestionnaireId: id,
		Version:         number,
		Etag:            fmt.Sprintf("%s-%d", id, number),
		Title:           fmt.Sprintf("%s, version %d", id, number),
		State:           state,
		Items: []*cmiv1.Item{{
			ItemId: "trust", Prompt: "Do you trust us? €", Pillar: cmiv1.Pillar_PILLAR_ECI, Weight: proto.Float64(0.1),
			Translations: map[string]string{"de": "Vertrauen Sie uns?"},
			Scale:        &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 0, Max: 10, Step: proto.Float64(1)}},
		}},
		CreatedAt: timestamppb.New(noon()),
	}
	if state != cmiv1.State_STATE_DRAFT {
		q.PublishedAt = timestamppb.New(noon())
	}
	return q
}

// saveVersions saves versions of one questionnaire as they are.
func saveVersions(t *testing.T, s store.Store, tenant string, versions ...*cmiv1.Questionnaire) {
	t.Helper()
	err := s.ChangeQuestionnaire(t.Context(), tenant, versions[0].GetQuestionnaireId(),
		func([]*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) { return versions, nil })
	if err != nil {
		t.Fatalf("ChangeQuestionnaire: %v", err)
	}
}

// versionsOf reads what a change is given.
func versionsOf(t *testing.T, s store.Store, tenant, id string) []*cmiv1.Questionnaire {
	t.Helper()
	var all []*cmiv1.Questionnaire
	err := s.ChangeQuestionnaire(t.Context(), tenant, id,
		func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
			all = versions
			return nil, nil
		})
	if err != nil {
		t.Fatalf("ChangeQuestionnaire: %v", err)
	}
	return all
}

func questionnaireVersions(t *testing.T, s store.Store) {
	one, two := version("q", 1, cmiv1.State_STATE_PUBLISHED), version("q", 2, cmiv1.State_STATE_DRAFT)
	saveVersions(t, s, "acme", one, two)
	for _, want := range []*cmiv1.Questionnaire{one, two} {
		got, err := s.Questionnaire(t.Context(), "acme", "q", want.GetVersion())
		if err != nil {
			t.Fatalf("Questionnaire: %v", err)
		}
		same(t, "questionnaire", got, want)
	}
	for _, missing := range []struct {
		id      string
		version int32
	}{{"q", 3}, {"q", -1}, {"p", 1}, {"p", 0}, {"", 0}} {
		if got, err := s.Questionnaire(t.Context(), "acme", missing.id, missing.version); !errors.Is(err, store.ErrNotFound) || got != nil {
			t.Errorf("%q version %d: got %v, %v; want ErrNotFound", missing.id, missing.version, got, err)
		}
	}
}

func questionnaireLatest(t *testing.T, s store.Store) {
	const draft, published, archived = cmiv1.State_STATE_DRAFT, cmiv1.State_STATE_PUBLISHED, cmiv1.State_STATE_ARCHIVED
	const neverPublished cmiv1.State = -1 // a draft that was archived
	for i, c := range []struct {
		states []cmiv1.State // of versions 1, 2, ...
		want   int32         // 0: none
	}{
		{[]cmiv1.State{draft}, 0},
		{[]cmiv1.State{published}, 1},
		{[]cmiv1.State{archived}, 1},
		{[]cmiv1.State{published, draft}, 1},
		{[]cmiv1.State{published, published, draft}, 2},
		{[]cmiv1.State{archived, archived, draft}, 2},
		{[]cmiv1.State{published, archived}, 2},
		{[]cmiv1.State{archived, neverPublished}, 1},
		{[]cmiv1.State{neverPublished}, 0},
		{[]cmiv1.State{archived, published, published}, 3},
	} {
		id := fmt.Sprintf("q-%d", i)
		for n, state := range c.states {
			q := version(id, int32(n+1), state)
			if state == neverPublished {
				q.State, q.PublishedAt = archived, nil
			}
			saveVersions(t, s, "acme", q)
		}
		got, err := s.Questionnaire(t.Context(), "acme", id, 0)
		if c.want == 0 {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v: got %v, %v; want ErrNotFound", c.states, got, err)
			}
			continue
		}
		if err != nil || got.GetVersion() != c.want {
			t.Errorf("%v: got version %d, %v; want %d", c.states, got.GetVersion(), err, c.want)
		}
	}
	// What changes the state changes the answer: a draft is published, then all is archived.
	saveVersions(t, s, "acme", version("q-0", 1, published))
	saveVersions(t, s, "acme", version("q-0", 1, archived), version("q-0", 2, draft))
	if got, err := s.Questionnaire(t.Context(), "acme", "q-0", 0); err != nil || got.GetVersion() != 1 || got.GetState() != archived {
		t.Errorf("once published and archived: got version %d in state %v, %v", got.GetVersion(), got.GetState(), err)
	}
}
