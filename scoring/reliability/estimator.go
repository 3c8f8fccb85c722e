package reliability

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Least is how many complete responses a calibration needs at least.
const Least = 30

// Estimator estimates how precisely one version of a questionnaire measures. It takes in one response at a time, and its
// memory does not grow with them. It is not safe for concurrent use.
type Estimator struct {
	scorer  *scoring.Scorer
	pillars []pillar // those that carry weight, in the order ECI, BEI, FII
	scores  []float64
	n       int
}

// New makes an estimator for the version that a scorer was compiled from.
func New(s *scoring.Scorer) *Estimator {
	e := &Estimator{scorer: s}
	weighted := s.WeightedItems()
	for _, name := range []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII} {
		p := pillar{name: name}
		for position, it := range weighted {
			if it.Pillar == name {
				p.share = it.PillarShare
				p.items = append(p.items, item{position: position, share: it.Share})
			}
		}
		if len(p.items) > 0 {
			e.pillars = append(e.pillars, p)
		}
	}
	return e
}

// Add takes in a recorded response, where its score is SCORED and every item of positive weight in a pillar of positive weight was
// answered or measured, and answers whether it did. An item that was not applicable is not answered. The score must be that
// of the response by the estimator's version; which of a customer's responses are added is for the caller to choose, and
// the result depends on their order by the last bits. An error says that the response cannot be read, and changes nothing.
func (e *Estimator) Add(r *cmiv1.Response, score *cmiv1.Score) (complete bool, err error) {
	if score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
		return false, nil
	}
	e.scores, complete, err = e.scorer.ItemScores(r, score, e.scores)
	if err != nil || !complete {
		return false, err
	}
	for k := range e.pillars {
		e.pillars[k].add(e.scores)
	}
	e.n++
	return true, nil
}

// N answers how many responses were taken in. Below [Least] the estimates are too rough to be used.
func (e *Estimator) N() int { return e.n }

// Calibration answers what was found so far: n, each pillar that carries weight, and the standard error of measurement of the
// CMI. What cannot be said is absent: a pillar with a single item has neither alpha nor standard error, and neither has
// one in which nobody differs from anybody, since what an alpha of equal scores would be is 0/0: they may be equal because the
// measure is exact, or because it is blind. The id, the questionnaire and the time are left to the caller.
func (e *Estimator) Calibration() *cmiv1.Calibration {
	m := &cmiv1.Calibration{N: int32(e.n)}
	for k := range e.pillars {
		m.Pillars = append(m.Pillars, e.pillars[k].message())
	}
	if sem, ok := e.sem(); ok {
		m.Sem = &sem
	}
	return m
}

// sem is the standard error of measurement of the CMI, in points: sqrt(sum of (share of the pillar * its error)^2), as the
// errors of the pillars are independent. It answers false when a pillar has none.
func (e *Estimator) sem() (float64, bool) {
	squares := 0.0
	for k := range e.pillars {
		sem, ok := e.pillars[k].sem()
		if !ok {
			return 0, false
		}
		part := float64(e.pillars[k].share * sem)
		squares += float64(part * part)
	}
	return math.Sqrt(squares), true
}
