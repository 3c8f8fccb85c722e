package scoring

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	// fewFacets is up to how many facets are summed on the stack.
	fewFacets = 12
	// listedFacets is up to how many facets are listed within the block: one more, and a block of memory is a size larger.
	listedFacets = 9
)

// block is the memory of one score. The message and what its pointers point to lie side by side, so that a score is one
// allocation instead of a dozen.
type block struct {
	score       cmiv1.Score
	pillars     [pillarCount]cmiv1.PillarScore
	list        [pillarCount]*cmiv1.PillarScore
	facets      [listedFacets]*cmiv1.FacetScore
	submittedAt timestamppb.Timestamp
	cmi         float64
	display     int32
	scores      [pillarCount]float64
	coverages   [pillarCount]float64
}

// facetBlock is the memory of one facet's score.
type facetBlock struct {
	message         cmiv1.FacetScore
	score, coverage float64
}

// behaviourBlock is the memory of a copy of a behaviour.
type behaviourBlock struct {
	message                    cmiv1.Behaviour
	rate, diversity, daysSince float64
}

// write makes the message of a score.
func (s *Scorer) write(r *cmiv1.Response, measured []*cmiv1.Behaviour, on sheet, e *evaluation) *cmiv1.Score {
	b := new(block)
	m := &b.score
	m.ResponseId, m.CustomerId, m.Channel = r.ResponseId, r.CustomerId, r.Channel
	m.QuestionnaireId, m.QuestionnaireVersion, m.Series = s.id, s.version, s.series
	m.Status = e.status
	if e.status != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
		b.cmi, b.display = e.cmi, display(e.cmi)
		m.Cmi, m.DisplayScore, m.Bucket = &b.cmi, &b.display, s.bucket(e.cmi)
	}
	m.Divergent = s.divergent(e)
	switch {
	case r.Behaviour != nil:
		m.Behaviour = new(behaviourBlock).copy(r.Behaviour)
	case len(measured) == 1 && measured[0] != nil:
		m.Behaviour = new(behaviourBlock).copy(measured[0])
	case len(measured) > 1:
		m.ItemBehaviours = s.writeItemBehaviours(measured, on)
	}
	if t := r.SubmittedAt; t != nil {
		b.submittedAt.Seconds, b.submittedAt.Nanos = t.Seconds, t.Nanos-t.Nanos%1000
		m.SubmittedAt = &b.submittedAt
	}
	s.writePillars(b, on, e)
	return m
}

// writePillars lists the three pillars with their facets.
func (s *Scorer) writePillars(b *block, on sheet, e *evaluation) {
	facets := s.writeFacets(b, on)
	for p := range b.pillars {
		from, m := &e.pillars[p], &b.pillars[p]
		m.Pillar = cmiv1.Pillar(p + 1)
		if from.present {
			b.scores[p] = from.score
			m.Score = &b.scores[p]
		}
		b.coverages[p] = from.coverage
		m.Coverage = &b.coverages[p]
		if first, end := s.pillars[p].facetFrom, s.pillars[p].facetEnd; first < end {
			m.Facets = facets[first:end:end] // appending to one pillar's must not write over the next one's
		}
		b.list[p] = m
	}
	b.score.Pillars = b.list[:]
}

// writeFacets makes the messages of all facets, in the scorer's order.
func (s *Scorer) writeFacets(b *block, on sheet) []*cmiv1.FacetScore {
	n := len(s.facets)
	if n == 0 {
		return nil
	}
	var few [fewFacets]pillarScore
	sums, list := few[:], b.facets[:]
	if n > fewFacets {
		sums = make([]pillarScore, n)
	}
	if n > listedFacets {
		list = make([]*cmiv1.FacetScore, n)
	}
	for k := range s.used {
		if u := &s.used[k]; u.facet >= 0 {
			sums[u.facet].add(u.weight, on.states[u.item], on.scores[u.item])
		}
	}
	blocks := make([]facetBlock, n)
	for k := range blocks {
		to, from := &blocks[k], &sums[k]
		from.close(0) // a facet has a score as soon as one item was answered: the half rule is about pillars
		to.message.Facet = s.facets[k].name
		if from.present {
			to.score = from.score
			to.message.Score = &to.score
		}
		to.coverage = from.coverage
		to.message.Coverage = &to.coverage
		list[k] = &to.message
	}
	return list[:n]
}

// copy copies the inputs, so that the score keeps what it used whatever becomes of where they came from.
func (b *behaviourBlock) copy(m *cmiv1.Behaviour) *cmiv1.Behaviour {
	if m.Rate != nil {
		b.rate = *m.Rate
		b.message.Rate = &b.rate
	}
	if m.Diversity != nil {
		b.diversity = *m.Diversity
		b.message.Diversity = &b.diversity
	}
	if m.DaysSince != nil {
		b.daysSince = *m.DaysSince
		b.message.DaysSince = &b.daysSince
	}
	return &b.message
}

// divergent reports whether any two present pillars diverge.
func (s *Scorer) divergent(e *evaluation) bool {
	for a := range e.pillars {
		for b := range e.pillars {
			if _, yes := s.apart(e, a, b); yes {
				return true
			}
		}
	}
	return false
}
