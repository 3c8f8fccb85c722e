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
