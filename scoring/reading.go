package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Position answers where an item stands in the questionnaire, for [Scorer.Readings]; false where there is none of this id.
func (s *Scorer) Position(itemID string) (int, bool) {
	k, known := s.index[itemID]
	return k, known
}

// Scored tells whether the item at a position gives a score: texts and choices without points do not.
func (s *Scorer) Scored(position int) bool { return s.items[position].scored }

// Readings reads a recorded response by the measures of behaviour that its recorded score carries, as
// [Scorer.ExplainRecorded] does, and answers the scores of the items at some positions, 0..100 after reversal, whatever they
// weigh: NaN of one that was not answered or measured, or gives no score. They are appended to to[:0]. The errors are those of
// [Scorer.ScoreMeasured].
func (s *Scorer) Readings(r *cmiv1.Response, recorded *cmiv1.Score, positions []int, to []float64) ([]float64, error) {
	to = to[:0]
	on := newSheet(len(s.items))
	if err := s.fill(r, s.recordedMeasures(recorded), on); err != nil {
		return to, err
	}
	for _, k := range positions {
		if s.items[k].scored && on.states[k].counts() {
			to = append(to, on.scores[k])
		} else {
			to = append(to, math.NaN())
		}
	}
	return to, nil
}
