package storetest

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (m *model) ChangeCustomers(ctx context.Context, tenant string, ids []string,
	change func(i int, have store.Profile) (*cmiv1.Customer, error),
) ([]error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	t := m.tenant(tenant)
	refusals := make([]error, len(ids))
	for i, id := range ids {
		have := store.Profile{Erased: t.erased.customers[id]}
		if c := t.customers[id]; c != nil {
			have.Customer = copied(c.profile)
		}
		save, err := change(i, have)
		if gone := ctx.Err(); gone != nil {
			return nil, gone
		}
		refusals[i] = err
		if err == nil && save != nil {
			m.touch(t, id, nil)
			t.customers[id].profile = copied(save)
		}
	}
	return refusals, nil
}

func (m *model) Profiles(ctx context.Context, tenant string, ids []string) ([]*cmiv1.Customer, error) {
	return asked(ctx, m, func() ([]*cmiv1.Customer, error) {
		all := make([]*cmiv1.Customer, len(ids))
		for i, id := range ids {
			if c := m.tenant(tenant).customers[id]; c != nil {
				all[i] = copied(c.profile)
			}
		}
		return all, nil
	})
}

func (m *model) Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) ([]*store.Facts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	t := m.tenant(tenant)
	all := make([]*store.Facts, len(ids))
	for i, id := range ids {
		if t.customers[id] != nil {
			all[i] = t.facts(id, upTo.UnixMicro())
		}
	}
	return all, nil
}

func (t *modelTenant) facts(id string, upTo int64) *store.Facts {
	f := &store.Facts{Profile: copied(t.customers[id].profile), Revision: t.customers[id].revision, Next: math.MaxInt64}
	var scores []*modelResponse
	for _, r := range t.responses {
		switch {
		case r.score.GetCustomerId() != id || r.score.GetVoid() != nil:
		case r.submitted() > upTo:
			f.Next = min(f.Next, r.submitted())
		default:
			scores = append(scores, r)
		}
	}
	slices.SortFunc(scores, func(a, b *modelResponse) int {
		return cmp.Or(cmp.Compare(a.submitted(), b.submitted()), strings.Compare(a.score.GetResponseId(), b.score.GetResponseId()))
	})
	for _, r := range scores {
		f.Points = append(f.Points, point(r.score))
	}
	for _, i := range t.interactions {
		switch {
		case i.GetCustomerId() != id:
		case happened(i) > upTo:
			f.Next = min(f.Next, happened(i))
		default:
			f.Interactions = append(f.Interactions, happened(i))
		}
	}
	slices.Sort(f.Interactions)
	return f
}

// point is a score in short.
func point(s *cmiv1.Score) store.Point {
	return store.Point{
		At:              s.GetSubmittedAt().AsTime().UnixMicro(),
		Status:          s.GetStatus(),
		Bucket:          s.GetBucket(),
		CMI:             s.GetCmi(),
		QuestionnaireID: s.GetQuestionnaireId(),
		Version:         s.GetQuestionnaireVersion(),
	}
}

func (m *model) EraseCustomer(ctx context.Context, tenant, id string) (store.Erasure, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return store.Erasure{}, err
	}
	t := m.tenant(tenant)
	if t.customers[id] == nil {
		return store.Erasure{}, store.ErrNotFound
	}
	before := len(t.responses)
	delete(t.customers, id)
	t.erased.customers[id] = true
	maps.DeleteFunc(t.responses, func(response string, r *modelResponse) bool {
		theirs := r.score.GetCustomerId() == id
		t.erased.responses[response] = t.erased.responses[response] || theirs
		return theirs
	})
	return store.Erasure{
		Interactions: eraseEvents(t.interactions, t.erased.interactions, id),
		Outcomes:     eraseEvents(t.outcomes, t.erased.outcomes, id),
		Responses:    before - len(t.responses),
	}, nil
}
