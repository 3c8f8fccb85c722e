package scores

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/behaviour"
	"github.com/customer-momentum/cmi/server/store"
)

// measures are what customers did, one row of measures for each response, or nothing at all.
type measures struct {
	needs int
	all   []*cmiv1.Behaviour // nil where it is missing
}

// of answers the measures for response i, in the order of the scorer's needs.
func (m measures) of(i int) []*cmiv1.Behaviour {
	if m.needs == 0 {
		return nil
	}
	return m.all[i*m.needs : (i+1)*m.needs]
}

// measure asks the store what the customers did up to their responses, where the questionnaire has items that measure it. A
// response that brings its behaviour itself, or is anonymous, is not asked about.
func (r *Run) measure(ctx context.Context, responses []*cmiv1.Response, now time.Time) (measures, error) {
	if r.scorer == nil {
		return measures{}, nil
	}
	needs := r.scorer.BehaviourNeeds()
	if len(needs) == 0 {
		return measures{}, nil
	}
	m := measures{needs: len(needs), all: make([]*cmiv1.Behaviour, len(responses)*len(needs))}
	var asks []store.Ask
	var places []int // in all
	for i, response := range responses {
		if response.GetBehaviour() != nil || !scoring.ValidID(response.GetCustomerId()) {
			continue
		}
		at := now
		if response.GetSubmittedAt().IsValid() {
			at = response.GetSubmittedAt().AsTime()
		}
		for k, need := range needs {
			asks = append(asks, ask(response.GetCustomerId(), need, at.UnixMicro()))
			places = append(places, i*len(needs)+k)
		}
	}
	if len(asks) == 0 {
		return m, nil
	}
	doings, err := r.scores.store.Doings(ctx, r.tenant, asks)
	if err != nil {
		return measures{}, fmt.Errorf("read what customers did: %w", err)
	}
	for j, done := range doings {
		m.all[places[j]] = measureOne(needs[places[j]%len(needs)], asks[j].UpTo, done)
	}
	return m, nil
}

// ask is what the store is asked about a customer at a time.
func ask(customer string, need scoring.BehaviourNeed, at int64) store.Ask {
	const microsPerDay, longest = 24 * 60 * 60 * 1e6, 1e7 // days: longer than there are times
	window := int64(min(need.WindowDays, longest) * microsPerDay)
	return store.Ask{CustomerID: customer, Kinds: need.Kinds, UpTo: at, After: at - window}
}

// measureOne computes the measures. Since when a customer is known goes by the profile, or else by the first interaction, and
// not by earlier responses: the score must not depend on the order in which responses are recorded.
func measureOne(need scoring.BehaviourNeed, at int64, done store.Doings) *cmiv1.Behaviour {
	events := make([]behaviour.Event, len(done.Events))
	for i, e := range done.Events {
		events[i] = behaviour.Event{At: e.At, Kind: e.Kind}
	}
	since := done.FirstSeen
	if since == nil {
		since = done.FirstInteraction
	}
	window := behaviour.Window{WindowDays: need.WindowDays, HalfLifeDays: need.HalfLifeDays}
	return window.Measure(len(need.Kinds), events, since, done.Recorded, at)
}
