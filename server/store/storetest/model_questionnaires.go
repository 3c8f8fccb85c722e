package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (m *model) Questionnaire(ctx context.Context, tenant, id string, version int32) (*cmiv1.Questionnaire, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	for _, q := range slices.Backward(m.tenant(tenant).questionnaires[id]) {
		if q.GetVersion() == version || version == 0 && q.GetPublishedAt() != nil {
			return copied(q), nil
		}
	}
	return nil, store.ErrNotFound
}

func (m *model) ChangeQuestionnaire(ctx context.Context, tenant, id string,
	change func([]*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error),
) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return err
	}
	t := m.tenant(tenant)
	var have []*cmiv1.Questionnaire
	for _, q := range t.questionnaires[id] {
		have = append(have, copied(q))
	}
	save, err := change(have)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, q := range save {
		kept := slices.DeleteFunc(t.questionnaires[id], func(old *cmiv1.Questionnaire) bool { return old.GetVersion() == q.GetVersion() })
		kept = append(kept, copied(q))
		slices.SortFunc(kept, func(a, b *cmiv1.Questionnaire) int { return cmp.Compare(a.GetVersion(), b.GetVersion()) })
		t.questionnaires[id] = kept
	}
	return nil
}

func (m *model) ListQuestionnaires(ctx context.Context, tenant string, f store.QuestionnaireFilter, limit int) ([]*cmiv1.Questionnaire, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	var all []*cmiv1.Questionnaire
	for _, versions := range m.tenant(tenant).questionnaires {
		all = append(all, versions...)
	}
	slices.SortFunc(all, catalogued)
	var page []*cmiv1.Questionnaire
	last := &cmiv1.Questionnaire{QuestionnaireId: f.AfterID, Version: f.AfterVersion}
	for _, q := range picks(all, f) {
		if len(page) < limit && (f.AfterID == "" || catalogued(q, last) > 0) {
			page = append(page, copied(q))
		}
	}
	return page, nil
}

// catalogued is the order of lists of questionnaires.
func catalogued(a, b *cmiv1.Questionnaire) int {
	return cmp.Or(strings.Compare(a.GetQuestionnaireId(), b.GetQuestionnaireId()), cmp.Compare(b.GetVersion(), a.GetVersion()))
}
