package scoring

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// ScoreMeasured scores a response as [Scorer.Score] does, with what the customer's recorded interactions came to: measured[i]
// belongs to the i-th of [Scorer.BehaviourNeeds], and nil stands for missing. An item's own answer wins; a response that
// brings a behaviour of its own has measured looked at for no item.
//
// The score says what was used: in behaviour where there is one need, and where there are several in item_behaviours, which
// lists the items that were answered by a measure. It shares no memory with measured.
//
// A list that is not empty and has another length than the needs, and a measure out of its range, are the caller's mistakes:
// the error is no [*Invalid] then, since the response is not at fault.
func (s *Scorer) ScoreMeasured(r *cmiv1.Response, measured []*cmiv1.Behaviour) (*cmiv1.Score, error) {
	return s.score(r, measured, false)
}

// ExplainMeasured scores a response as [Scorer.ScoreMeasured] does and adds the explanation of [Scorer.Explain].
func (s *Scorer) ExplainMeasured(r *cmiv1.Response, measured []*cmiv1.Behaviour) (*cmiv1.Score, error) {
	return s.score(r, measured, true)
}

// ExplainRecorded scores and explains a recorded response again, by the measures of behaviour that its recorded score
// carries: whatever interactions arrived since, the score comes out as it was, to the last bit. The score must be that of
// the response by this version of the questionnaire; nil stands for one without measures. As with [Scorer.Score], what the
// caller set (scored_at, the interval and the calibration, the mark of a void) is not there.
func (s *Scorer) ExplainRecorded(r *cmiv1.Response, recorded *cmiv1.Score) (*cmiv1.Score, error) {
	return s.score(r, s.recordedMeasures(recorded), true)
}

// recordedMeasures gives what was measured for each need when a score was recorded, nil when nothing was. All items of a need
// carry the same measures, and an item that carries none had no use for them.
func (s *Scorer) recordedMeasures(recorded *cmiv1.Score) []*cmiv1.Behaviour {
	if recorded == nil || len(s.needs) == 0 || recorded.Behaviour == nil && len(recorded.ItemBehaviours) == 0 {
		return nil
	}
	measured := make([]*cmiv1.Behaviour, len(s.needs))
	if len(s.needs) == 1 {
		measured[0] = recorded.Behaviour
		return measured
	}
	for _, used := range recorded.ItemBehaviours {
		k, known := s.index[used.GetItemId()]
		if !known {
			continue
		}
		if b, ok := s.items[k].scale.(*behaviour); ok {
			measured[b.need] = used.GetBehaviour()
		}
	}
	return measured
}

// checkMeasured says what is wrong with measures.
func (s *Scorer) checkMeasured(measured []*cmiv1.Behaviour) error {
	if len(measured) != len(s.needs) {
		return fmt.Errorf("scoring: measures for %d behaviour needs are not allowed; for all %d, or none, they are", len(measured), len(s.needs))
	}
	for i, m := range measured {
		var bad violations
		readBehaviour(m, &bad)
		if len(bad.list) > 0 {
			return fmt.Errorf("scoring: measures of behaviour need %d: %s", i, bad.list[0].Message)
		}
	}
	return nil
}

// itemBehaviourBlock is the memory of the measures that one item used.
type itemBehaviourBlock struct {
	message   cmiv1.ItemBehaviour
	behaviour behaviourBlock
}

// writeItemBehaviours lists the items that were answered by a measure, in the questionnaire's order; nil when none was.
func (s *Scorer) writeItemBehaviours(measured []*cmiv1.Behaviour, on sheet) []*cmiv1.ItemBehaviour {
	n := 0
	for _, k := range s.measured {
		if on.states[k] == observed {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	blocks, list := make([]itemBehaviourBlock, 0, n), make([]*cmiv1.ItemBehaviour, 0, n)
	for _, k := range s.measured {
		if on.states[k] != observed {
			continue
		}
		it := &s.items[k]
		blocks = append(blocks, itemBehaviourBlock{})
		b := &blocks[len(blocks)-1]
		b.message.ItemId, b.message.Behaviour = it.id, b.behaviour.copy(measured[it.scale.(*behaviour).need])
		list = append(list, &b.message)
	}
	return list
}
