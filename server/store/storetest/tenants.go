package storetest

import (
	"errors"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// idsAreBytes uses ids that a collation would take for one another.
func idsAreBytes(t *testing.T, s store.Store) {
	alike := []string{"a", "A", "a ", "á", "a\u0301", "ａ", "aa", "a-"}
	for _, id := range alike {
		record(t, s, "acme", entry(id, of(id), to(id)))
		saveVersions(t, s, "acme", version(id, 1, cmiv1.State_STATE_PUBLISHED))
	}
	for _, id := range alike {
		sameKept(t, kept(t, s, "acme", id), entry(id, of(id), to(id)))
		for name, f := range map[string]store.ResponseFilter{"customer": {CustomerID: id}, "questionnaire": {QuestionnaireID: id}} {
			if got := ids(list(t, s, "acme", f, 10)); !slices.Equal(got, []string{id}) {
				t.Errorf("%s %q: listed %q", name, id, got)
			}
		}
		q, err := s.Questionnaire(t.Context(), "acme", id, 0)
		if err != nil || q.GetQuestionnaireId() != id {
			t.Errorf("questionnaire %q: got %q, %v", id, q.GetQuestionnaireId(), err)
		}
	}
	for _, tenant := range []string{"ACME", "acme ", "Acme"} {
		if _, err := s.Response(t.Context(), tenant, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("tenant %q: got %v, want ErrNotFound", tenant, err)
		}
	}
}

// tenantsApart has three tenants use the same ids, and tries each method for each.
func tenantsApart(t *testing.T, s store.Store) {
	tenants := []string{"acme", "globex", ""}
	says := func(tenant string) store.Entry {
		return entry("r-1", saying("as "+tenant), scoring(float64(len(tenant))))
	}
	titled := func(tenant string) *cmiv1.Questionnaire {
		q := version("onboarding", 1, cmiv1.State_STATE_PUBLISHED)
		q.Title = "of " + tenant
		return q
	}
	for _, tenant := range tenants {
		record(t, s, tenant, says(tenant)) // new in each
		saveVersions(t, s, tenant, titled(tenant))
	}
	void(t, s, "globex", "r-1", noon(), "only here")
	for _, tenant := range tenants {
		want := says(tenant)
		if tenant == "globex" {
			want = marked(want, noon(), "only here")
		}
		sameKept(t, kept(t, s, tenant, "r-1"), want)
		for _, f := range []store.ResponseFilter{{}, {CustomerID: "customer-1"}, {QuestionnaireID: "onboarding"},
			{Bucket: cmiv1.Bucket_BUCKET_ADVOCATE}, {Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED}} {
			f.IncludeVoid = true
			page := list(t, s, tenant, f, 10)
			if len(page) != 1 {
				t.Fatalf("%q, %+v: %d are listed, want 1", tenant, f, len(page))
			}
			sameKept(t, page[0], want)
		}
		outcomes, err := s.Record(t.Context(), tenant, []store.Entry{says(tenant), entry("r-1", saying("as nobody"))})
		if err != nil {
			t.Fatalf("Record: %v", err)
		}
		same(t, "replayed score", outcomes[0].Score, want.Score)
		if outcomes[1].Result != store.Conflict {
			t.Errorf("%q: other content: got result %d", tenant, outcomes[1].Result)
		}

		for _, v := range []int32{0, 1} {
			q, err := s.Questionnaire(t.Context(), tenant, "onboarding", v)
			if err != nil {
				t.Fatalf("Questionnaire: %v", err)
			}
			same(t, "questionnaire", q, titled(tenant))
		}
		found, err := s.ListQuestionnaires(t.Context(), tenant, store.QuestionnaireFilter{}, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("ListQuestionnaires: got %d, %v", len(found), err)
		}
		same(t, "listed questionnaire", found[0], titled(tenant))
		if got := versionsOf(t, s, tenant, "onboarding"); len(got) != 1 || got[0].GetTitle() != "of "+tenant {
			t.Errorf("%q: a change reads %v", tenant, got)
		}
	}
	if page := list(t, s, "initech", store.ResponseFilter{IncludeVoid: true}, 10); len(page) != 0 {
		t.Errorf("a tenant without responses lists %d", len(page))
	}
	if found, err := s.ListQuestionnaires(t.Context(), "initech", store.QuestionnaireFilter{AllVersions: true}, 10); err != nil || len(found) != 0 {
		t.Errorf("a tenant without questionnaires lists %d, %v", len(found), err)
	}
}

// tenantsRunTogether uses tenants and ids that are the same once they are written one behind the other.
func tenantsRunTogether(t *testing.T, s store.Store) {
	record(t, s, "ab", entry("c", of("c")))
	record(t, s, "a", entry("bc", of("bc")))
	sameKept(t, kept(t, s, "ab", "c"), entry("c", of("c")))
	for tenant, id := range map[string]string{"ab": "bc", "a": "c", "abc": ""} {
		if _, err := s.Response(t.Context(), tenant, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q of %q: got %v, want ErrNotFound", id, tenant, err)
		}
	}
	// The id of a response and that of a customer are of different kinds.
	if got := ids(list(t, s, "a", store.ResponseFilter{CustomerID: "bc"}, 10)); !slices.Equal(got, []string{"bc"}) {
		t.Errorf("listed %q", got)
	}
}
