package storetest

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (m *model) Record(ctx context.Context, tenant string, entries []store.Entry) ([]store.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	outcomes := make([]store.Outcome, len(entries))
	for i, e := range entries {
		outcomes[i] = m.recordOne(m.tenant(tenant), e)
	}
	return outcomes, nil
}

func (m *model) recordOne(t *modelTenant, e store.Entry) store.Outcome {
	id, customer := e.Score.GetResponseId(), e.Score.GetCustomerId()
	switch have := t.responses[id]; {
	case t.erased.responses[id]:
		return store.Outcome{Result: store.Erased}
	case have != nil && have.content != e.Content:
		return store.Outcome{Result: store.Conflict}
	case have != nil:
		return store.Outcome{Result: store.Replayed, Score: copied(have.score)}
	}
	m.recorded++
	t.responses[id] = &modelResponse{
		key: modelKey(id), seq: m.recorded, response: copied(e.Response), score: copied(e.Score), content: e.Content,
	}
	if customer != "" {
		m.touch(t, customer, &cmiv1.Customer{CustomerId: customer, CreatedAt: copied(e.Score.GetScoredAt())})
	}
	return store.Outcome{Result: store.Recorded}
}

// kept is a response as it is answered.
func (r *modelResponse) kept() *store.Kept {
	return &store.Kept{Response: copied(r.response), Score: copied(r.score), Content: r.content, Cursor: r.cursor()}
}

func (r *modelResponse) cursor() store.Cursor {
	return store.Cursor{SubmittedAt: r.submitted(), Key: r.key}
}

func (r *modelResponse) submitted() int64 { return r.score.GetSubmittedAt().AsTime().UnixMicro() }

func (m *model) Response(ctx context.Context, tenant, id string) (*store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	if r := m.tenant(tenant).responses[id]; r != nil {
		return r.kept(), nil
	}
	return nil, store.ErrNotFound
}

func (m *model) ListResponses(ctx context.Context, tenant string, f store.ResponseFilter, limit int) ([]*store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	var found []*modelResponse
	for _, r := range m.tenant(tenant).responses {
		if matches(store.Entry{Score: r.score}, f) && (f.After == nil || falling(*f.After, r.cursor()) < 0) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *modelResponse) int { return falling(a.cursor(), b.cursor()) })
	var page []*store.Kept
	for _, r := range found[:min(limit, len(found))] {
		page = append(page, r.kept())
		if f.ScoresOnly {
			page[len(page)-1].Response = nil
		}
	}
	return page, nil
}

func (m *model) Void(ctx context.Context, tenant, id string, at time.Time, reason string) (*store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	t := m.tenant(tenant)
	r := t.responses[id]
	if r == nil {
		return nil, store.ErrNotFound
	}
	if r.score.GetVoid() == nil {
		r.score.Void = &cmiv1.Void{VoidedAt: timestamppb.New(time.UnixMicro(at.UnixMicro())), Reason: reason}
		if customer := r.score.GetCustomerId(); customer != "" {
			m.touch(t, customer, nil)
		}
	}
	return r.kept(), nil
}
