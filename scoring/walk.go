package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// rated is a sheet with what it comes to.
type rated struct {
	sheet
	evaluation
}

// rate evaluates a sheet.
func (s *Scorer) rate(on sheet) *rated {
	r := &rated{sheet: on}
	s.evaluate(on, &r.evaluation)
	return r
}

// scored reports whether there is a CMI.
func (e *evaluation) scored() bool { return e.status != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED }

// walk goes from level to level.
type walk struct {
	level  float64 // CMI of the last step that had one
	merged []cmiv1.ChangeStep
	open   bool // whether the last step had none
}

// step takes a step, and answers how far it leads: nothing when there is no CMI at its end, in which case the next step leads
// there.
func (w *walk) step(name cmiv1.ChangeStep, to *rated) *float64 {
	if w.open || !to.scored() {
		w.merged = append(w.merged, name)
	}
	if w.open = !to.scored(); w.open {
		return nil
	}
	points := to.cmi - w.level
	w.level = to.cmi
	return &points
}

// restrict blanks all but the common items of two sheets.
func (s *Scorer) restrict(before, after *rated) (commonBefore, commonAfter *rated) {
	states := make([]state, len(s.items))
	for k := range states {
		a, b := before.states[k], after.states[k]
		switch {
		case a.counts() && b.counts():
			states[k] = answered
		case a == notApplicable && b == notApplicable:
			states[k] = notApplicable
		}
	}
	return s.rate(sheet{states: states, scores: before.scores}), s.rate(sheet{states: states, scores: after.scores})
}
