package form

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Histories puts histories together from rows as drivers read them: scores first, then profiles, then the rest.
type Histories struct {
	ask   store.HistoryAsk
	only  []int64 // scopes of the questionnaires that are asked for; nil: all
	byKey map[int64]*history
	// scores are those of all customers, one customer's behind the other's, and scopes their questionnaires.
	scores []store.ReportedScore
	scopes []int64
	last   *history
	old    map[int64]int // where among scores those are whose digests are missing, by their places
}

// history is one in the making.
type history struct {
	store.History
	from, to int // its scores
}

// NewHistories makes place for what is asked of a slice. only are the scopes of those questionnaires asked for that the store
// knows.
func NewHistories(slice store.CustomerSlice, ask store.HistoryAsk, only []int64) *Histories {
	ask.Everybody = ask.Everybody && !slice.Anonymous // an anonymous response that does not match is nobody
	if len(ask.QuestionnaireIDs) == 0 {
		only = nil
	} else if only == nil {
		only = []int64{}
	}
	return &Histories{ask: ask, only: only, byKey: make(map[int64]*history), old: make(map[int64]int)}
}

// Reach is which responses are to be read: those submitted at from or later and before a time, and to questionnaires of these
// scopes; nil are all. Contacts are made by all responses, whatever else is asked for.
func (h *Histories) Reach() (from, before int64, only []int64) {
	if h.ask.Contacts {
		return math.MinInt64, math.MaxInt64, nil
	}
	return h.from(), h.before(), h.only
}

func (h *Histories) from() int64 {
	if h.ask.From == 0 {
		return math.MinInt64
	}
	return h.ask.From
}

func (h *Histories) before() int64 {
	if h.ask.Before == 0 {
		return math.MaxInt64
	}
	return h.ask.Before
}

// Score takes a response that is not void. Those of one customer come one after the other; class is that of the questionnaire.
func (h *Histories) Score(key, place, at, class int64, digest []byte) error {
	if h.last == nil || h.last.Key != key {
		if h.byKey[key] != nil {
			return fmt.Errorf("%w: the responses of customer %d do not come together", store.ErrUnavailable, key)
		}
		h.last = h.open(key)
	}
	if h.ask.Contacts && at <= h.ask.UpTo {
		h.last.Contacts = append(h.last.Contacts, at)
	}
	scope := class / PerScope
	if at < h.from() || at >= h.before() || h.only != nil && !slices.Contains(h.only, scope) {
		return nil
	}
	h.grow()
	h.scores, h.scopes = append(h.scores, store.ReportedScore{Place: place, At: at}), append(h.scopes, scope)
	h.last.to = len(h.scores)
	score := &h.scores[len(h.scores)-1]
	score.Status, score.Bucket = Class(class % PerScope).Split()
	if digest == nil {
		h.old[place] = len(h.scores) - 1
		return nil
	}
	return DecodeDigest(digest, score)
}

// grow doubles what is full: append would copy large slices again and again.
func (h *Histories) grow() {
	const least = 1024
	if n := len(h.scores); n == cap(h.scores) {
		h.scores, h.scopes = slices.Grow(h.scores, max(least, n)), slices.Grow(h.scopes, max(least, n))
	}
}

func (h *Histories) open(key int64) *history {
	one := &history{History: store.History{Key: key}, from: len(h.scores), to: len(h.scores)}
	h.byKey[key] = one
	return one
}

// Old answers the places of scores without a digest.
func (h *Histories) Old() []int64 {
	places := make([]int64, 0, len(h.old))
	for place := range h.old {
		places = append(places, place)
	}
	return places
}

// Digest takes the body of a score whose digest is missing.
func (h *Histories) Digest(place int64, body []byte) error {
	i, missing := h.old[place]
	if !missing {
		return nil
	}
	delete(h.old, place)
	return DigestScore(body, &h.scores[i])
}

// NameQuestionnaires names those of the scores by their scopes.
func (h *Histories) NameQuestionnaires(name func(scope int64) (string, error)) error {
	names := make(map[int64]string)
	for i, scope := range h.scopes {
		id, known := names[scope]
		if !known {
			var err error
			if id, err = name(scope); err != nil {
				return fmt.Errorf("name a questionnaire: %w", err)
			}
			names[scope] = id
		}
		h.scores[i].QuestionnaireID = id
	}
	return nil
}

// Profile takes the profile of a customer of the slice.
func (h *Histories) Profile(key int64, body []byte) error {
	one := h.byKey[key]
	if one == nil && h.ask.Everybody {
		one = h.open(key)
	}
	if !h.wanted(one) {
		return nil
	}
	one.Profile = &cmiv1.Customer{}
	return Decode(body, one.Profile, "profile")
}

// wanted says whether a history is to be answered.
func (h *Histories) wanted(one *history) bool {
	return one != nil && (h.ask.Everybody || one.to > one.from)
}

// Interaction takes an interaction up to the time asked for; those of one customer come in order of time.
func (h *Histories) Interaction(key, at int64) {
	if one := h.byKey[key]; h.wanted(one) {
		one.Interactions = append(one.Interactions, at)
	}
}

// Outcome takes an outcome up to the time asked for; those of one customer come in order of time.
func (h *Histories) Outcome(key int64, body []byte) error {
	one := h.byKey[key]
	if !h.wanted(one) {
		return nil
	}
	outcome := &cmiv1.Outcome{}
	one.Outcomes = append(one.Outcomes, outcome)
	return Decode(body, outcome, "outcome")
}

// All answers what came together. A score whose digest never came is one that the store lost.
func (h *Histories) All() ([]*store.History, error) {
	if len(h.old) > 0 {
		return nil, fmt.Errorf("%w: %d scores are not there", store.ErrUnavailable, len(h.old))
	}
	var all []*store.History
	for _, one := range h.byKey {
		if !h.wanted(one) {
			continue
		}
		if one.from < one.to {
			one.Scores = h.scores[one.from:one.to:one.to]
			// The indexes have them in order, which costs the less to make sure of.
			slices.SortFunc(one.Scores, func(a, b store.ReportedScore) int {
				return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Place, b.Place))
			})
		}
		if len(one.Interactions) > 0 {
			one.Contacts = append(one.Contacts, one.Interactions...)
			slices.Sort(one.Contacts)
		}
		all = append(all, &one.History)
	}
	slices.SortFunc(all, func(a, b *store.History) int { return cmp.Compare(a.Key, b.Key) })
	return all, nil
}
