package storetest

import (
	"errors"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

const changers = 32

func changeReads(t *testing.T, s store.Store) {
	if got := versionsOf(t, s, "acme", "q"); len(got) != 0 {
		t.Fatalf("a new id: change is given %d versions, want none", len(got))
	}
	for _, n := range []int32{2, 11, 1, 3} { // as text, 11 would stand before 2
		saveVersions(t, s, "acme", version("q", n, cmiv1.State_STATE_DRAFT))
	}
	saveVersions(t, s, "acme", version("q2", 1, cmiv1.State_STATE_DRAFT))
	got := versionsOf(t, s, "acme", "q")
	want := []int32{1, 2, 3, 11}
	if len(got) != len(want) {
		t.Fatalf("change is given %d versions, want %d", len(got), len(want))
	}
	for i, n := range want {
		same(t, "version", got[i], version("q", n, cmiv1.State_STATE_DRAFT))
	}
}

func changeAtomic(t *testing.T, s store.Store) {
	saveVersions(t, s, "acme",
		version("q", 1, cmiv1.State_STATE_PUBLISHED), version("q", 2, cmiv1.State_STATE_PUBLISHED), version("q", 3, cmiv1.State_STATE_PUBLISHED))
	err := s.ChangeQuestionnaire(t.Context(), "acme", "q",
		func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
			for _, v := range versions {
				v.State = cmiv1.State_STATE_ARCHIVED
			}
			return append(versions, version("q", 4, cmiv1.State_STATE_DRAFT)), nil
		})
	if err != nil {
		t.Fatalf("ChangeQuestionnaire: %v", err)
	}
	got := versionsOf(t, s, "acme", "q")
	if len(got) != 4 {
		t.Fatalf("%d versions stand, want 4", len(got))
	}
	for i, v := range got {
		want := cmiv1.State_STATE_ARCHIVED
		if i == 3 {
			want = cmiv1.State_STATE_DRAFT
		}
		same(t, "version", v, version("q", int32(i+1), want))
	}
}

func changeFails(t *testing.T, s store.Store) {
	saveVersions(t, s, "acme", version("q", 1, cmiv1.State_STATE_DRAFT))
	refused := errors.New("refused")
	err := s.ChangeQuestionnaire(t.Context(), "acme", "q",
		func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
			versions[0].Title = "changed"
			return []*cmiv1.Questionnaire{versions[0], version("q", 2, cmiv1.State_STATE_DRAFT)}, refused
		})
	if err != refused { //nolint:errorlint // it is answered as it is, not wrapped
		t.Fatalf("got %v, want the error of change as it is", err)
	}
	got := versionsOf(t, s, "acme", "q")
	if len(got) != 1 {
		t.Fatalf("%d versions stand, want 1", len(got))
	}
	same(t, "version", got[0], version("q", 1, cmiv1.State_STATE_DRAFT))
}

func changePanics(t *testing.T, s store.Store) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic of change did not reach its caller")
			}
		}()
		_ = s.ChangeQuestionnaire(t.Context(), "acme", "q",
			func([]*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) { panic("a fault in change") })
	}()
	saveVersions(t, s, "acme", version("q", 1, cmiv1.State_STATE_DRAFT))
	record(t, s, "acme", entry("r-1"))
}

// changeConcurrently has each caller add one to a number: none is lost.
func changeConcurrently(t *testing.T, s store.Store) {
	saveVersions(t, s, "acme", version("q", 1, cmiv1.State_STATE_DRAFT), version("q", 2, cmiv1.State_STATE_DRAFT))
	together(changers, func(int) {
		err := s.ChangeQuestionnaire(t.Context(), "acme", "q",
			func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
				for _, v := range versions {
					v.DivergenceThreshold = proto.Float64(v.GetDivergenceThreshold() + 1)
				}
				return versions, nil
			})
		if err != nil {
			t.Errorf("ChangeQuestionnaire: %v", err)
		}
	})
	for _, v := range versionsOf(t, s, "acme", "q") {
		if v.GetDivergenceThreshold() != changers {
			t.Errorf("version %d counts %v, want %d", v.GetVersion(), v.GetDivergenceThreshold(), changers)
		}
	}
	// Each creates the next version, as saving a draft does: numbers are given once.
	together(changers, func(int) {
		err := s.ChangeQuestionnaire(t.Context(), "acme", "numbered",
			func(versions []*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) {
				return []*cmiv1.Questionnaire{version("numbered", int32(len(versions)+1), cmiv1.State_STATE_PUBLISHED)}, nil
			})
		if err != nil {
			t.Errorf("ChangeQuestionnaire: %v", err)
		}
	})
	if got := len(versionsOf(t, s, "acme", "numbered")); got != changers {
		t.Errorf("%d versions stand, want %d", got, changers)
	}
}

// changeApart changes different questionnaires, and records beside them.
func changeApart(t *testing.T, s store.Store) {
	together(changers, func(i int) {
		if i%2 == 0 {
			record(t, s, "acme", entry(fmt.Sprintf("r-%d", i)))
		}
		saveVersions(t, s, fmt.Sprintf("tenant-%d", i%4), version(fmt.Sprintf("q-%d", i), 1, cmiv1.State_STATE_DRAFT))
	})
	for i := range changers {
		if got := versionsOf(t, s, fmt.Sprintf("tenant-%d", i%4), fmt.Sprintf("q-%d", i)); len(got) != 1 {
			t.Errorf("questionnaire %d has %d versions, want 1", i, len(got))
		}
	}
	if page := list(t, s, "acme", store.ResponseFilter{}, 100); len(page) != changers/2 {
		t.Errorf("%d responses are listed, want %d", len(page), changers/2)
	}
}
