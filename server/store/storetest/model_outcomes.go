package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// event is what interactions and outcomes have in common.
type event interface {
	proto.Message
	GetCustomerId() string
	GetOccurredAt() *timestamppb.Timestamp
}

// happened is when an event was, in microseconds since 1970.
func happened(e event) int64 { return e.GetOccurredAt().AsTime().UnixMicro() }

// become says what becomes of an event with an id: kept are those of its sort, erased the ids of those that were erased.
func become[E event](t *modelTenant, kept map[string]E, erased map[string]bool, id string, given E) store.Result {
	have, used := kept[id]
	switch {
	case erased[id]:
		return store.Erased
	case used && !proto.Equal(have, given):
		return store.Conflict
	case used:
		return store.Replayed
	case t.erased.customers[given.GetCustomerId()]:
		return store.Erased
	}
	kept[id] = copied(given)
	return store.Recorded
}

// eraseEvents erases those of a customer, notes their ids, and answers how many they were.
func eraseEvents[E event](kept map[string]E, erased map[string]bool, customer string) int {
	before := len(kept)
	maps.DeleteFunc(kept, func(id string, e E) bool {
		theirs := e.GetCustomerId() == customer
		erased[id] = erased[id] || theirs
		return theirs
	})
	return before - len(kept)
}

func (m *model) RecordOutcomes(ctx context.Context, tenant string, outcomes []*cmiv1.Outcome, at time.Time) ([]store.Result, error) {
	return asked(ctx, m, func() ([]store.Result, error) {
		t, results := m.tenant(tenant), make([]store.Result, len(outcomes))
		for i, o := range outcomes {
			customer := o.GetCustomerId()
			results[i] = become(t, t.outcomes, t.erased.outcomes, o.GetOutcomeId(), o)
			if results[i] == store.Recorded && t.customers[customer] == nil {
				m.touch(t, customer, &cmiv1.Customer{CustomerId: customer, CreatedAt: timestamppb.New(at)})
			}
		}
		return results, nil
	})
}

// comes is the rule of filters, said once more and plainly.
func comes(o *cmiv1.Outcome, f store.OutcomeFilter) bool {
	when := o.GetOccurredAt().AsTime()
	return (f.CustomerID == "" || o.GetCustomerId() == f.CustomerID) &&
		(f.Kind == 0 || o.GetKind() == f.Kind) &&
		(f.From.IsZero() || !when.Before(f.From)) &&
		(f.Before.IsZero() || when.Before(f.Before))
}

func (m *model) ListOutcomes(ctx context.Context, tenant string, f store.OutcomeFilter, limit int) ([]store.KeptOutcome, error) {
	return asked(ctx, m, func() ([]store.KeptOutcome, error) {
		var page []store.KeptOutcome
		for id, o := range m.tenant(tenant).outcomes {
			cursor := store.Cursor{SubmittedAt: happened(o), Key: modelKey(id)}
			if comes(o, f) && (f.After == nil || falling(*f.After, cursor) < 0) {
				page = append(page, store.KeptOutcome{Outcome: copied(o), Cursor: cursor})
			}
		}
		slices.SortFunc(page, func(a, b store.KeptOutcome) int { return falling(a.Cursor, b.Cursor) })
		return page[:min(limit, len(page))], nil
	})
}

// period is what invitations are kept under.
type period struct {
	questionnaire string
	channel       cmiv1.Channel
	from, to      int64
}

func periodOf(i *cmiv1.Invitations) period {
	return period{i.GetQuestionnaireId(), i.GetChannel(), i.GetFrom().AsTime().UnixMicro(), i.GetTo().AsTime().UnixMicro()}
}

func (p period) compare(other period) int {
	return cmp.Or(strings.Compare(p.questionnaire, other.questionnaire), cmp.Compare(p.channel, other.channel),
		cmp.Compare(p.from, other.from), cmp.Compare(p.to, other.to))
}

func (m *model) RecordInvitations(ctx context.Context, tenant string, invitations []*cmiv1.Invitations) (int, error) {
	return asked(ctx, m, func() (int, error) {
		kept, before := m.tenant(tenant).invitations, map[period]int32{}
		for _, i := range invitations {
			if _, twice := before[periodOf(i)]; !twice {
				before[periodOf(i)] = kept[periodOf(i)]
			}
			kept[periodOf(i)] = i.GetCount()
		}
		changed := 0
		for p, count := range before {
			if kept[p] != count {
				changed++
			}
		}
		return changed, nil
	})
}

func (m *model) InvitationsWithin(ctx context.Context, tenant string, from, to time.Time, limit int) ([]*cmiv1.Invitations, error) {
	return asked(ctx, m, func() ([]*cmiv1.Invitations, error) {
		kept := m.tenant(tenant).invitations
		var all []*cmiv1.Invitations
		for _, p := range slices.SortedFunc(maps.Keys(kept), period.compare) {
			starts, ends := time.UnixMicro(p.from), time.UnixMicro(p.to)
			if kept[p] > 0 && (from.IsZero() || !starts.Before(from)) && (to.IsZero() || !ends.After(to)) {
				all = append(all, &cmiv1.Invitations{
					From: timestamppb.New(starts), To: timestamppb.New(ends), QuestionnaireId: p.questionnaire, Channel: p.channel, Count: kept[p],
				})
			}
		}
		return all[:min(limit, len(all))], nil
	})
}
