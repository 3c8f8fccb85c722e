package storetest

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (r *reader) histories() {
	r.historiesOf(store.CustomerCut{}, store.HistoryAsk{Everybody: true, Contacts: true, Outcomes: true, UpTo: math.MaxInt64})
	r.historiesOf(someCut(r.random), someAsk(r.random))
}

func (r *reader) historiesOf(of store.CustomerCut, ask store.HistoryAsk) {
	size := 1 + r.random.IntN(4)
	all, err := histories(r.ctx, r.s, r.tenant, of, size, ask)
	words := historiesInWords(all)
	if err == nil {
		var responses string
		responses, err = placesInWords(r.ctx, r.s, r.tenant, all)
		words += responses
	}
	r.say(err, words, "histories of %+v by %+v in slices of %d", of, ask, size)
}

func someCut(random *rand.Rand) store.CustomerCut {
	switch random.IntN(4) {
	case 0:
		return store.CustomerCut{AccountID: some(random, worldAccounts()), Segments: worldSegments()[random.IntN(3):]}
	case 1:
		return store.CustomerCut{Segments: []store.Segment{some(random, worldSegments()), some(random, worldSegments())}}
	}
	return store.CustomerCut{}
}

func someAsk(random *rand.Rand) store.HistoryAsk {
	ask := store.HistoryAsk{
		Contacts: random.IntN(2) == 0, Outcomes: random.IntN(2) == 0, Everybody: random.IntN(3) == 0, UpTo: after(random.IntN(8)).UnixMicro(),
	}
	if random.IntN(2) == 0 {
		ask.From = after(random.IntN(8)).UnixMicro()
	}
	if random.IntN(2) == 0 {
		ask.Before = after(random.IntN(9)).UnixMicro()
	}
	for range random.IntN(3) {
		ask.QuestionnaireIDs = append(ask.QuestionnaireIDs, some(random, append(worldQuestionnaires(), "unknown", "")))
	}
	return ask
}

// histories reads all slices of a cut, one after the other, and answers what is wrong with them or their order.
func histories(ctx context.Context, s store.Store, tenant string, of store.CustomerCut, size int, ask store.HistoryAsk) ([]*store.History, error) {
	cut, err := s.CutCustomers(ctx, tenant, of, size)
	if err != nil {
		return nil, err
	}
	var all []*store.History
	for i, slice := range cut {
		switch {
		case slice.N < 1 || slice.N > size:
			return nil, fmt.Errorf("slice %d holds %d, want up to %d and not none", i, slice.N, size)
		case i > 0 && cut[i-1].Anonymous && !slice.Anonymous:
			return nil, fmt.Errorf("slice %d of customers comes behind anonymous responses", i)
		case slice.Anonymous && (of.AccountID != "" || len(of.Segments) > 0):
			return nil, fmt.Errorf("slice %d has anonymous responses", i)
		}
		part, err := s.HistoriesIn(ctx, tenant, slice, ask)
		if err != nil {
			return nil, err
		}
		if err := historiesFit(part, slice); err != nil {
			return nil, fmt.Errorf("slice %d: %w", i, err)
		}
		all = append(all, part...)
	}
	return all, nil
}

// historiesFit checks what the words do not say: keys and places are numbers of the store's own.
func historiesFit(part []*store.History, slice store.CustomerSlice) error {
	for i, h := range part {
		switch {
		case h.Key < slice.From || h.Key > slice.To || i > 0 && h.Key <= part[i-1].Key:
			return fmt.Errorf("key %d of %+v is out of order", h.Key, slice)
		case slice.Anonymous && (h.Profile != nil || len(h.Scores) != 1 || h.Scores[0].Place != h.Key):
			return fmt.Errorf("anonymous response %d has a profile, or not its own score", h.Key)
		case !slices.IsSortedFunc(h.Scores, func(a, b store.ReportedScore) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Place, b.Place))
		}):
			return fmt.Errorf("the scores of %d are out of order", h.Key)
		}
	}
	return nil
}

func historiesInWords(all []*store.History) string { return inTurn(all, historyInWords) }

// historyInWords leaves out keys and places.
func historyInWords(h *store.History) string {
	words := fmt.Sprintf("%s interactions %v contacts %v", text(h.Profile), h.Interactions, h.Contacts)
	for _, s := range h.Scores {
		s.Place = 0
		words += fmt.Sprintf("\n      %+v", s)
	}
	var outcomes []string
	for i, o := range h.Outcomes {
		if i > 0 && o.GetOccurredAt().AsTime().Before(h.Outcomes[i-1].GetOccurredAt().AsTime()) {
			return "outcomes out of order"
		}
		outcomes = append(outcomes, text(o))
	}
	slices.Sort(outcomes)
	return words + inTurn(outcomes, strings.Clone)
}

// placesInWords reads the responses of histories by their places, and checks that they are those.
func placesInWords(ctx context.Context, s store.Store, tenant string, all []*store.History) (string, error) {
	places := []int64{0, -1, math.MaxInt64}
	for _, h := range all {
		for _, score := range h.Scores {
			places = append(places, score.Place)
		}
	}
	kept, err := s.ResponsesAt(ctx, tenant, places)
	if err != nil || len(kept) != len(places) {
		return "", fmt.Errorf("%d responses at %d places: %w", len(kept), len(places), err)
	}
	return inTurn(kept, func(k *store.Kept) string {
		if k == nil {
			return "nil"
		}
		return keptInWords(k)
	}), nil
}

// visitsOfHistories finds slices and places behind the back of ctx, as keyOf does.
func visitsOfHistories() []visit {
	everything := store.HistoryAsk{Everybody: true, Contacts: true, Outcomes: true, UpTo: math.MaxInt64}
	return []visit{
		{method: "CutCustomers", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			cut, err := s.CutCustomers(ctx, tenant, store.CustomerCut{}, 1)
			return inTurn(cut, func(c store.CustomerSlice) string { return fmt.Sprint(c.Label, c.Anonymous, c.N) }), err
		}},
		{method: "HistoriesIn", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			words := ""
			for _, of := range []store.CustomerCut{{}, {AccountID: "home"}} {
				cut, err := s.CutCustomers(context.WithoutCancel(ctx), tenant, of, 2)
				if err != nil {
					cut = []store.CustomerSlice{{From: 1, To: 1}}
				}
				for _, slice := range cut {
					part, err := s.HistoriesIn(ctx, tenant, slice, everything)
					if err != nil {
						return "", err
					}
					words += historiesInWords(part)
				}
			}
			return words, nil
		}},
		{method: "ResponsesAt", call: func(ctx context.Context, s store.Store, tenant string) (string, error) {
			all, err := histories(context.WithoutCancel(ctx), s, tenant, store.CustomerCut{}, 10, store.HistoryAsk{})
			if err != nil {
				all = []*store.History{{Scores: make([]store.ReportedScore, 1)}}
			}
			return placesInWords(ctx, s, tenant, all)
		}},
	}
}

// pillared gives a score the scores of pillars; nil leaves one out.
func pillared(scores ...*float64) func(*store.Entry) {
	return func(e *store.Entry) {
		e.Score.Pillars = nil
		for i, s := range scores {
			e.Score.Pillars = append(e.Score.Pillars, &cmiv1.PillarScore{Pillar: cmiv1.Pillar(i + 1), Score: s})
		}
	}
}
