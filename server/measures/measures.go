// Package measures turns what customers did into the measures of behaviour that a questionnaire scores, as of the time of each
// response.
package measures

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/behaviour"
	"github.com/customer-momentum/cmi/server/store"
)

// Store knows what customers did.
type Store interface {
	Doings(ctx context.Context, tenant string, asks []store.Ask) ([]store.Doings, error)
}

// Measures are one row for each response, or nothing at all.
type Measures struct {
	needs int
	all   []*cmiv1.Behaviour // nil where it is missing
}

// Of answers the measures for response i, in the order of the scorer's needs.
func (m Measures) Of(i int) []*cmiv1.Behaviour {
	if m.needs == 0 {
		return nil
	}
	return m.all[i*m.needs : (i+1)*m.needs]
}

// Take asks the store what the customers did up to their responses, where the questionnaire has items that measure it. A
// response that brings its behaviour itself, or is anonymous, is not asked about. submitted answers the time of response i.
func Take(
	ctx context.Context, from Store, tenant string, scorer *scoring.Scorer, responses []*cmiv1.Response, submitted func(i int) time.Time,
) (Measures, error) {
	needs := scorer.BehaviourNeeds()
	if len(needs) == 0 {
		return Measures{}, nil
	}
	m := Measures{needs: len(needs), all: make([]*cmiv1.Behaviour, len(responses)*len(needs))}
	var asks []store.Ask
	var places []int // in all
	for i, response := range responses {
		if response.GetBehaviour() != nil || !scoring.ValidID(response.GetCustomerId()) {
			continue
		}
		at := submitted(i).UnixMicro()
		for k, need := range needs {
			asks = append(asks, ask(response.GetCustomerId(), need, at))
			places = append(places, i*len(needs)+k)
		}
	}
	if len(asks) == 0 {
		return m, nil
	}
	doings, err := from.Doings(ctx, tenant, asks)
	if err != nil {
		return Measures{}, fmt.Errorf("read what customers did: %w", err)
	}
	for j, done := range doings {
		m.all[places[j]] = measure(needs[places[j]%len(needs)], asks[j].UpTo, done)
	}
	return m, nil
}

// ask is what the store is asked about a customer at a time.
func ask(customer string, need scoring.BehaviourNeed, at int64) store.Ask {
	const microsPerDay, longest = 24 * 60 * 60 * 1e6, 1e7 // days: longer than there are times
	window := int64(min(need.WindowDays, longest) * microsPerDay)
	return store.Ask{CustomerID: customer, Kinds: need.Kinds, UpTo: at, After: at - window}
}

// measure computes one. Since when a customer is known goes by the profile, or else by the first interaction, and not by
// earlier responses: the score must not depend on the order in which responses are recorded.
func measure(need scoring.BehaviourNeed, at int64, done store.Doings) *cmiv1.Behaviour {
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
