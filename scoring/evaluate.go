package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// evaluation is what a sheet comes to: everything of a score but its facets and its words.
type evaluation struct {
	pillars [pillarCount]pillarScore
	status  cmiv1.ScoreStatus
	weight  float64 // of the pillars that the CMI rests on
	cmi     float64 // snapped; 0 when unscored
}

// pillarScore is the weighted mean of the answered items of a pillar or a facet, and how much of it there is.
type pillarScore struct {
	sum        float64 // of weight times score, answered
	answered   float64 // weight answered
	applicable float64 // weight that applies
	score      float64 // 0..100; only where present
	coverage   float64 // 0..1, snapped
	present    bool
}

// add takes in an item of a weight.
func (p *pillarScore) add(weight float64, st state, score float64) {
	if st == notApplicable {
		return
	}
	if st.counts() {
		p.sum += float64(weight * score)
		p.answered += weight
	}
	p.applicable += weight
}

// close computes the mean and the coverage, once every item was added. With a coverage below least it is missing, as it is
// when nothing was answered at all. At least half is the default of the scoring manuals of the SF-36 (J. E. Ware, SF-36
// Health Survey: Manual and Interpretation Guide, 1993) and the EORTC QLQ-C30 (P. Fayers et al., Scoring Manual, 2001).
func (p *pillarScore) close(least float64) {
	if p.answered == 0 {
		return
	}
	p.coverage = snap(p.answered / p.applicable)
	if p.present = p.coverage >= least; p.present {
		p.score = mean(p.sum, p.answered)
	}
}

// mean divides a sum of weighted scores, none below 0, by the weight. It lies between its terms, but for the last bit of the
// division.
func mean(sum, weight float64) float64 {
	if x := sum / weight; !(x > 100) {
		return x
	}
	return 100
}

// outcome is what the CMI can be said from: which of the pillars that weigh in it are there.
type outcome struct {
	status cmiv1.ScoreStatus
	weight float64 // of those that are there
}

// cmi gives the CMI from the sum of weight times score of the pillars that are there, snapped.
func (o *outcome) cmi(sum float64) float64 { return snap(mean(sum, o.weight)) }

// compileOutcomes lays out what every set of pillars, a bit for each, comes to.
func (s *Scorer) compileOutcomes() {
	for set := range s.outcomes {
		o := &s.outcomes[set]
		weighted, present := 0, 0
		for p := range s.pillars {
			weight := s.pillars[p].weight
			if weight == 0 {
				continue
			}
			weighted++
			if set>>p&1 != 0 {
				present++
				o.weight += weight
			}
		}
		switch {
		case present == weighted:
			o.status = cmiv1.ScoreStatus_SCORE_STATUS_SCORED
		case s.allowPartial && present >= 2 && snap(o.weight/s.weight) >= 0.5:
			o.status = cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL
		default:
			o.status = cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED
		}
	}
}

// evaluate sums up a sheet and computes pillars, status and CMI.
func (s *Scorer) evaluate(from sheet, e *evaluation) {
	for k := range s.used {
		u := &s.used[k]
		e.pillars[u.pillar].add(u.weight, from.states[u.item], from.scores[u.item])
	}
	set, sum := 0, 0.0
	for p := range e.pillars {
		e.pillars[p].close(s.minCoverage)
		if weight := s.pillars[p].weight; weight > 0 && e.pillars[p].present {
			set |= 1 << p
			sum += float64(weight * e.pillars[p].score)
		}
	}
	o := &s.outcomes[set]
	e.status, e.weight = o.status, o.weight
	if o.status != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
		e.cmi = o.cmi(sum)
	}
}

// apart gives how far pillar a lies above pillar b, snapped; it answers false when that is not a divergence, or one of the
// two is missing. Whether they weigh in the CMI does not matter.
func (s *Scorer) apart(e *evaluation, a, b int) (float64, bool) {
	if !e.pillars[a].present || !e.pillars[b].present {
		return 0, false
	}
	if e.pillars[a].score <= e.pillars[b].score {
		return 0, false // the threshold is above 0
	}
	points := snap(e.pillars[a].score - e.pillars[b].score)
	return points, points >= s.divergenceThreshold
}
