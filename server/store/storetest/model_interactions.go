package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (m *model) RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) ([]store.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	results := make([]store.Result, len(interactions))
	for i, interaction := range interactions {
		results[i] = m.interact(m.tenant(tenant), interaction, at)
	}
	return results, nil
}

func (m *model) interact(t *modelTenant, interaction *cmiv1.Interaction, at time.Time) store.Result {
	customer := interaction.GetCustomerId()
	result := become(t, t.interactions, t.erased.interactions, interaction.GetInteractionId(), interaction)
	if result == store.Recorded {
		m.touch(t, customer, &cmiv1.Customer{CustomerId: customer, CreatedAt: timestamppb.New(at)})
	}
	return result
}

// does is the rule of filters, said once more and plainly.
func does(i *cmiv1.Interaction, f store.InteractionFilter) bool {
	when := i.GetOccurredAt().AsTime()
	return i.GetCustomerId() == f.CustomerID &&
		(f.Kind == "" || i.GetKind() == f.Kind) &&
		(f.From.IsZero() || !when.Before(f.From)) &&
		(f.Before.IsZero() || when.Before(f.Before))
}

func (m *model) ListInteractions(ctx context.Context, tenant string, f store.InteractionFilter, limit int) ([]store.KeptInteraction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	var page []store.KeptInteraction
	for id, i := range m.tenant(tenant).interactions {
		cursor := store.Cursor{SubmittedAt: happened(i), Key: modelKey(id)}
		if does(i, f) && (f.After == nil || falling(*f.After, cursor) < 0) {
			page = append(page, store.KeptInteraction{Interaction: copied(i), Cursor: cursor})
		}
	}
	slices.SortFunc(page, func(a, b store.KeptInteraction) int { return falling(a.Cursor, b.Cursor) })
	return page[:min(limit, len(page))], nil
}

func (m *model) Doings(ctx context.Context, tenant string, asks []store.Ask) ([]store.Doings, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	doings := make([]store.Doings, len(asks))
	for i, ask := range asks {
		doings[i] = m.tenant(tenant).doings(ask)
	}
	return doings, nil
}

func (t *modelTenant) doings(ask store.Ask) store.Doings {
	var d store.Doings
	if c := t.customers[ask.CustomerID]; c != nil && c.profile.GetFirstSeenAt() != nil {
		d.FirstSeen = new(c.profile.GetFirstSeenAt().AsTime().UnixMicro())
	}
	for _, i := range t.interactions {
		when, kind := happened(i), slices.Index(ask.Kinds, i.GetKind())
		theirs, within := i.GetCustomerId() == ask.CustomerID, kind >= 0 && ask.After < when && when <= ask.UpTo
		d.Recorded = d.Recorded || within
		if theirs && within {
			d.Events = append(d.Events, store.Doing{At: when, Kind: kind})
		}
		if theirs && when <= ask.UpTo && (d.FirstInteraction == nil || when < *d.FirstInteraction) {
			d.FirstInteraction = new(when)
		}
	}
	slices.SortFunc(d.Events, inTime)
	return d
}

// inTime orders doings by time, and those of the same time by kind, which a store need not.
func inTime(a, b store.Doing) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind))
}
