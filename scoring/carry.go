package scoring

import (
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// carry reads what was answered to another version, and leaves out what this one cannot read.
func (s *Scorer) carry(from Answered) sheet {
	on := newSheet(len(s.items))
	s.carryAnswers(from.Response, on)
	s.measure(from.Response.Behaviour, s.carryMeasures(from), on)
	return on
}

// carryAnswers reads the answers that this version can read onto a blank sheet.
func (s *Scorer) carryAnswers(r *cmiv1.Response, on sheet) {
	for i, a := range r.Answers {
		k, known := s.index[a.ItemId]
		if !known {
			continue
		}
		var bad violations
		st, score := s.items[k].read(a, i, &bad)
		if len(bad.list) == 0 {
			on.states[k], on.scores[k] = st, score
		}
	}
}

// carryMeasures gives for each need what another version measured for the same need.
func (s *Scorer) carryMeasures(from Answered) []*cmiv1.Behaviour {
	measured := from.Scorer.recordedMeasures(from.Score)
	if measured == nil || len(s.needs) == 0 {
		return nil
	}
	list := make([]*cmiv1.Behaviour, len(s.needs))
	for k, counted := range s.windows {
		if same := slices.Index(from.Scorer.windows, counted); same >= 0 {
			list[k] = measured[same]
		}
	}
	return list
}
