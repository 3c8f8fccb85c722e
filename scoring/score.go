package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// fewItems is up to how many items are kept track of on the stack while a response is scored.
const fewItems = 64

// Score scores a response. The error is an [*Invalid] that names everything that is wrong with the response at once.
//
// The score has all three pillars, whatever was answered, and what cannot be said is absent: an UNSCORED one has no CMI,
// no display score and no bucket, and a missing pillar has no score. Its time is the response's submitted_at, in whole
// microseconds, absent when that is absent; scored_at, the interval and the calibration are left to the caller. The score
// shares no mutable memory with the response or with other scores.
//
// Score allocates its result and nothing else: one block, one more for the facets where there are any, and one for
// the behaviour where the response brings it. (Beyond 64 items it needs two more for its work, beyond 9 facets one
// more, beyond 12 two.) What the customer's recorded interactions came to is for [Scorer.ScoreMeasured].
func (s *Scorer) Score(r *cmiv1.Response) (*cmiv1.Score, error) {
	return s.score(r, nil, false)
}

// Explain scores a response as [Scorer.Score] does and adds the explanation: what each item brings to the CMI, what would raise it,
// and which pillars diverge. An UNSCORED score has no explanation, since there is no CMI to explain.
func (s *Scorer) Explain(r *cmiv1.Response) (*cmiv1.Score, error) {
	return s.score(r, nil, true)
}

func (s *Scorer) score(r *cmiv1.Response, measured []*cmiv1.Behaviour, explain bool) (*cmiv1.Score, error) {
	var states [fewItems]state
	var scores [fewItems]float64
	on := sheet{states: states[:], scores: scores[:]}
	if n := len(s.items); n <= fewItems {
		on.states, on.scores = on.states[:n], on.scores[:n]
	} else {
		on = newSheet(n)
	}
	if err := s.fill(r, measured, on); err != nil {
		return nil, err
	}
	var e evaluation
	s.evaluate(on, &e)
	result := s.write(r, measured, on, &e)
	if explain && e.status != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
		result.Explanation = s.explain(on, &e)
	}
	return result, nil
}
