package insight

import (
	"context"
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// subject is a customer, or an anonymous response, whom a report is about.
type subject struct {
	*store.History
	// lifecycle and weight are computed where the scope asks for lives. The weight is 1 where everybody counts the same, and
	// 0 where a key weight is not known.
	lifecycle cmiv1.Lifecycle
	weight    float64
	// scores are those that match, in order of time, and chosen the places among them of those whose answers are needed.
	scores []observed
	chosen []int
}

// observed is a score with the survey that it came from.
type observed struct {
	*store.ReportedScore
	survey *survey
	period int64 // when its period began, in microseconds since 1970; 0 where all time is one
	// kept has the answers, where they were asked for. nil: not asked for, or erased meanwhile.
	kept *store.Kept
}

// scored tells whether there is a CMI.
func (o *observed) scored() bool { return !math.IsNaN(o.CMI) }

// subject answers what of a history the scope is about; nil where nothing is.
func (i *Insight) subject(ctx context.Context, s *scope, books *library, h *store.History) (*subject, error) {
	if !s.includes(h) {
		return nil, nil
	}
	one := &subject{History: h, weight: 1}
	if s.lived && h.Profile != nil {
		phase, weight := i.people.Phase(h.Profile, h.Contacts, h.Interactions, s.asOf)
		one.lifecycle = phase
		if s.weighted {
			one.weight = 0
			if weight != nil {
				one.weight = *weight
			}
		}
	} else if s.weighted {
		one.weight = 0
	}
	if asked := s.filter.GetLifecycle(); asked != 0 && one.lifecycle != asked {
		return nil, nil
	}
	for k := range h.Scores {
		score := &h.Scores[k]
		from, err := books.get(ctx, score.QuestionnaireID, score.Version)
		if err != nil {
			return nil, fmt.Errorf("questionnaire %q: %w", score.QuestionnaireID, err)
		}
		if s.matches(score, from) {
			one.scores = append(one.scores, observed{ReportedScore: score, survey: from, period: begin(s.period, score.At)})
		}
	}
	if len(one.scores) == 0 {
		return nil, nil
	}
	return one, nil
}

// includes tells whether the filter names a customer's account and segments.
func (s *scope) includes(h *store.History) bool {
	if account := s.filter.GetAccountId(); account != "" && h.Profile.GetAccountId() != account {
		return false
	}
	for key, value := range s.filter.GetSegments() {
		if has, ok := h.Profile.GetSegments()[key]; !ok || has != value {
			return false
		}
	}
	return true
}

// matches tells whether the filter names a score. Questionnaires and times are looked at too, since a report may read more
// than one filter asks for.
func (s *scope) matches(score *store.ReportedScore, from *survey) bool {
	f := s.filter
	return score.At >= s.from && score.At < s.before &&
		(len(f.GetQuestionnaireIds()) == 0 || slices.Contains(f.GetQuestionnaireIds(), score.QuestionnaireID)) &&
		(len(f.GetChannels()) == 0 || slices.Contains(f.GetChannels(), score.Channel)) &&
		(f.GetAudience() == 0 || f.GetAudience() == from.GetAudience()) &&
		(f.GetSeries() == "" || f.GetSeries() == from.scorer.Series())
}

// each lets through every score that is eligible, or of a customer the latest of each period, as the scope counts.
func (s *scope) each(one *subject, eligible func(*observed) bool) []int {
	return s.eachOf(one, func(o *observed) (string, bool) { return "", eligible(o) })
}

// eachOf is each with the latest of each kind in a period.
func (s *scope) eachOf(one *subject, kind func(*observed) (name string, eligible bool)) []int {
	var chosen []int
	alone := s.unit == cmiv1.Unit_UNIT_RESPONSE || one.Profile == nil
	type choice struct {
		name  string
		place int // in chosen
	}
	var latest []choice // of the period that is being looked at
	for k := range one.scores {
		o := &one.scores[k]
		name, eligible := kind(o)
		if !eligible {
			continue
		}
		// They are in order of time, and so are the periods.
		if last := len(chosen) - 1; last >= 0 && one.scores[chosen[last]].period != o.period {
			latest = latest[:0]
		}
		was := slices.IndexFunc(latest, func(c choice) bool { return c.name == name })
		if was >= 0 && !alone {
			// It takes the end of the line, so that those chosen stay in order of time.
			gone := latest[was].place
			chosen = slices.Delete(chosen, gone, gone+1)
			latest = slices.Delete(latest, was, was+1)
			for n := range latest {
				if latest[n].place > gone {
					latest[n].place--
				}
			}
		}
		latest = append(latest, choice{name, len(chosen)})
		chosen = append(chosen, k)
	}
	return chosen
}
