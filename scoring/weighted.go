package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// WeightedItem is an item that the CMI rests on: of positive weight, in a pillar of positive weight.
type WeightedItem struct {
	// ItemID is the item's id.
	ItemID string
	// Pillar is its pillar.
	Pillar cmiv1.Pillar
	// Share is the item's share of its pillar's weight, above 0 up to 1; those of a pillar add up to 1.
	Share float64
	// PillarShare is the pillar's share of the CMI's weight, above 0 up to 1; those of the pillars add up to 1.
	PillarShare float64
}

// WeightedItems answers the items that the CMI rests on, in the questionnaire's order. The list is new with each call.
func (s *Scorer) WeightedItems() []WeightedItem {
	var sums [pillarCount]float64
	for _, u := range s.used {
		sums[u.pillar] += u.weight
	}
	var list []WeightedItem
	for _, u := range s.used {
		if weight := s.pillars[u.pillar].weight; weight > 0 {
			list = append(list, WeightedItem{
				ItemID: s.items[u.item].id, Pillar: cmiv1.Pillar(u.pillar + 1), Share: u.weight / sums[u.pillar], PillarShare: weight / s.weight,
			})
		}
	}
	return list
}

// ItemScores reads a recorded response by the measures of behaviour that its recorded score carries, as
// [Scorer.ExplainRecorded] does, and answers the scores of the weighted items, 0..100 after reversal, in the order of
// [Scorer.WeightedItems]. They are appended to to[:0]. A response is complete when each of these items was answered or
// measured; of one that is not, there are no scores. The errors are those of [Scorer.ScoreMeasured].
func (s *Scorer) ItemScores(r *cmiv1.Response, recorded *cmiv1.Score, to []float64) (scores []float64, complete bool, err error) {
	scores = to[:0]
	on := newSheet(len(s.items))
	if err := s.fill(r, s.recordedMeasures(recorded), on); err != nil {
		return scores, false, err
	}
	for _, u := range s.used {
		if s.pillars[u.pillar].weight == 0 {
			continue
		}
		if !on.states[u.item].counts() {
			return to[:0], false, nil
		}
		scores = append(scores, on.scores[u.item])
	}
	return scores, true, nil
}
