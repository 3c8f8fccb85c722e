package scoring

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// contributionBlock is the memory of one contribution.
type contributionBlock struct {
	message                              cmiv1.Contribution
	score, share, contribution, headroom float64
}

// explanationBlock is the memory of an explanation.
type explanationBlock struct {
	message cmiv1.Explanation
	next    cmiv1.NextBucket
	points  float64
}

// explain takes a CMI apart. It is called only when there is one.
func (s *Scorer) explain(on sheet, e *evaluation) *cmiv1.Explanation {
	b := new(explanationBlock)
	b.message.Contributions = s.contributions(on, e)
	if s.nextBucket(b.message.Contributions, e.cmi, b) {
		b.message.NextBucket = &b.next
	}
	b.message.Divergences = s.divergences(e)
	return &b.message
}

// contributions lists what each used item brings to the CMI: its share of the weight, (W_p / sum W) (w_i / sum w) over what
// was used, times its score. They add up to the CMI to 1e-9. The headroom is the share times what the score lacks to 100.
func (s *Scorer) contributions(on sheet, e *evaluation) []*cmiv1.Contribution {
	blocks := make([]contributionBlock, 0, len(s.used))
	list := make([]*cmiv1.Contribution, 0, len(s.used))
	for k := range s.used {
		u := &s.used[k]
		of, weight := &e.pillars[u.pillar], s.pillars[u.pillar].weight
		if !of.present || weight == 0 || !on.states[u.item].counts() {
			continue
		}
		score := on.scores[u.item]
		share := float64((weight / e.weight) * (u.weight / of.answered))
		blocks = append(blocks, contributionBlock{
			score: score, share: share, contribution: share * score, headroom: share * float64(100-score),
		})
		b, it := &blocks[len(blocks)-1], &s.items[u.item]
		m := &b.message
		m.ItemId, m.Pillar, m.Facet = it.id, cmiv1.Pillar(u.pillar+1), it.facet
		m.Score, m.Share, m.Contribution, m.Headroom = &b.score, &b.share, &b.contribution, &b.headroom
		list = append(list, m)
	}
	return list
}

// nextBucket says how much the CMI lacks to the bucket above and the fewest items that would cross it were they at 100; it
// answers false for an Advocate. Taking the largest headroom first gives the fewest: no other set of as many items rises
// higher. Equal headrooms (snapped) go in the questionnaire's order.
func (s *Scorer) nextBucket(contributions []*cmiv1.Contribution, cmi float64, to *explanationBlock) bool {
	bucket, threshold, ok := s.above(cmi)
	if !ok {
		return false
	}
	to.points = snap(threshold - cmi)
	to.next.Bucket, to.next.Points = bucket, &to.points
	byHeadroom := slices.Clone(contributions)
	slices.SortStableFunc(byHeadroom, func(a, b *cmiv1.Contribution) int {
		return cmp.Compare(snap(*b.Headroom), snap(*a.Headroom))
	})
	needed := 0
	for risen := cmi; needed < len(byHeadroom) && snap(risen) < threshold; needed++ {
		risen += *byHeadroom[needed].Headroom
	}
	to.next.ItemIds = make([]string, needed)
	for k := range to.next.ItemIds {
		to.next.ItemIds[k] = byHeadroom[k].ItemId
	}
	return true
}

// divergences lists the pairs of present pillars that differ by the threshold or more, the largest difference first; equal
// ones in the order of the pillars.
func (s *Scorer) divergences(e *evaluation) []*cmiv1.Divergence {
	var list []*cmiv1.Divergence
	for a := range e.pillars {
		for b := range e.pillars {
			if points, yes := s.apart(e, a, b); yes {
				list = append(list, &cmiv1.Divergence{Higher: cmiv1.Pillar(a + 1), Lower: cmiv1.Pillar(b + 1), Points: proto.Float64(points)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *cmiv1.Divergence) int { return cmp.Compare(*b.Points, *a.Points) })
	return list
}
