package storetest

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// labels are what cuts may go by of a customer.
func labels(c *cmiv1.Customer) []string {
	all := []string{"", "account " + c.GetAccountId()}
	for key, value := range c.GetSegments() {
		all = append(all, fmt.Sprintf("segment %q %q", key, value))
	}
	return all
}

// labelAsked is the one that a cut goes by.
func labelAsked(of store.CustomerCut) string {
	if of.AccountID != "" {
		return "account " + of.AccountID
	}
	label := ""
	for _, s := range of.Segments {
		if words := fmt.Sprintf("segment %q %q", s.Key, s.Value); label == "" || words < label {
			label = words
		}
	}
	return label
}

func (m *model) CutCustomers(ctx context.Context, tenant string, of store.CustomerCut, size int) ([]store.CustomerSlice, error) {
	return asked(ctx, m, func() ([]store.CustomerSlice, error) {
		label := labelAsked(of)
		var known, nameless []int64
		for _, c := range m.tenant(tenant).customers {
			if slices.Contains(labels(c.profile), label) {
				known = append(known, c.shown)
			}
		}
		for _, r := range m.tenant(tenant).responses {
			if r.score.GetCustomerId() == "" && label == "" {
				nameless = append(nameless, r.seq)
			}
		}
		var cut []store.CustomerSlice
		for anonymous, keys := range map[bool][]int64{false: known, true: nameless} {
			slices.Sort(keys)
			for part := range slices.Chunk(keys, max(size, 1)) {
				cut = append(cut, store.CustomerSlice{Label: label, Anonymous: anonymous, From: part[0], To: part[len(part)-1], N: len(part)})
			}
		}
		slices.SortStableFunc(cut, func(a, b store.CustomerSlice) int {
			if a.Anonymous != b.Anonymous {
				return map[bool]int{false: -1, true: 1}[a.Anonymous]
			}
			return cmp.Compare(a.From, b.From)
		})
		return cut, nil
	})
}

func (m *model) HistoriesIn(ctx context.Context, tenant string, slice store.CustomerSlice, ask store.HistoryAsk) ([]*store.History, error) {
	return asked(ctx, m, func() ([]*store.History, error) {
		t := m.tenant(tenant)
		var all []*store.History
		keep := func(h *store.History, everybody bool) {
			if h.Key >= slice.From && h.Key <= slice.To && (everybody || len(h.Scores) > 0) {
				all = append(all, h)
			}
		}
		if slice.Anonymous {
			for _, r := range t.responses {
				if r.score.GetCustomerId() == "" {
					keep(t.history(r.seq, nil, []*modelResponse{r}, ask), false)
				}
			}
		} else {
			for id, c := range t.customers {
				if slices.Contains(labels(c.profile), slice.Label) {
					keep(t.history(c.shown, c.profile, t.responsesOf(id), ask), ask.Everybody)
				}
			}
		}
		slices.SortFunc(all, func(a, b *store.History) int { return cmp.Compare(a.Key, b.Key) })
		return all, nil
	})
}

func (t *modelTenant) responsesOf(customer string) []*modelResponse {
	var all []*modelResponse
	for _, r := range t.responses {
		if r.score.GetCustomerId() == customer {
			all = append(all, r)
		}
	}
	return all
}

func (t *modelTenant) history(key int64, profile *cmiv1.Customer, responses []*modelResponse, ask store.HistoryAsk) *store.History {
	h := &store.History{Key: key}
	slices.SortFunc(responses, inIndex)
	for _, r := range responses {
		switch at := r.submitted(); {
		case r.score.GetVoid() != nil:
			continue
		case ask.Contacts && at <= ask.UpTo:
			h.Contacts = append(h.Contacts, at)
		}
		if reported(r.score, ask) {
			h.Scores = append(h.Scores, inShort(r))
		}
	}
	if profile == nil {
		return h
	}
	h.Profile = copied(profile)
	for _, i := range t.interactions {
		if ask.Contacts && i.GetCustomerId() == profile.GetCustomerId() && happened(i) <= ask.UpTo {
			h.Interactions, h.Contacts = append(h.Interactions, happened(i)), append(h.Contacts, happened(i))
		}
	}
	slices.Sort(h.Interactions)
	slices.Sort(h.Contacts)
	for _, o := range t.outcomes {
		if ask.Outcomes && o.GetCustomerId() == profile.GetCustomerId() && o.GetOccurredAt().AsTime().UnixMicro() <= ask.UpTo {
			h.Outcomes = append(h.Outcomes, copied(o))
		}
	}
	slices.SortFunc(h.Outcomes, func(a, b *cmiv1.Outcome) int { return a.GetOccurredAt().AsTime().Compare(b.GetOccurredAt().AsTime()) })
	return h
}

// reported is the rule of what is asked for, said once more and plainly.
func reported(s *cmiv1.Score, ask store.HistoryAsk) bool {
	at := s.GetSubmittedAt().AsTime().UnixMicro()
	return (ask.From == 0 || at >= ask.From) && (ask.Before == 0 || at < ask.Before) &&
		(len(ask.QuestionnaireIDs) == 0 || slices.Contains(ask.QuestionnaireIDs, s.GetQuestionnaireId()))
}

func inShort(r *modelResponse) store.ReportedScore {
	s := r.score
	short := store.ReportedScore{
		Place: r.seq, At: r.submitted(), QuestionnaireID: s.GetQuestionnaireId(), Version: s.GetQuestionnaireVersion(), Channel: s.GetChannel(),
		Status: s.GetStatus(), Bucket: s.GetBucket(), Divergent: s.GetDivergent(),
		CMI: math.NaN(), Pillars: [3]float64{math.NaN(), math.NaN(), math.NaN()},
	}
	if s.Cmi != nil {
		short.CMI = s.GetCmi()
	}
	for _, p := range s.GetPillars() {
		if p.Score != nil && p.GetPillar() >= 1 && p.GetPillar() <= 3 {
			short.Pillars[p.GetPillar()-1] = p.GetScore()
		}
	}
	return short
}

func (m *model) ResponsesAt(ctx context.Context, tenant string, places []int64) ([]*store.Kept, error) {
	return asked(ctx, m, func() ([]*store.Kept, error) {
		all := make([]*store.Kept, len(places))
		for _, r := range m.tenant(tenant).responses {
			for i, place := range places {
				if place == r.seq && r.score.GetVoid() == nil {
					all[i] = r.kept()
				}
			}
		}
		return all, nil
	})
}
