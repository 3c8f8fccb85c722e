package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// pillarCount is how many pillars there are: ECI, BEI and FII, in this order everywhere.
const pillarCount = 3

// pillarNames are the names of the pillars in paths.
var pillarNames = [pillarCount]string{"eci", "bei", "fii"}

// pillar is what the scorer knows about one pillar.
type pillar struct {
	weight              float64 // in the CMI, scaled; 0: left out
	facetFrom, facetEnd int     // its facets
}

// usedItem is an item that enters sums.
type usedItem struct {
	item   int
	pillar int
	facet  int // position in the scorer's facets; -1: none
	weight float64
}

// facet is a named part of a pillar.
type facet struct {
	name   string
	pillar int
}

// compilePillarWeights checks the weights of the pillars, and that each that weighs has items to score it.
func (s *Scorer) compilePillarWeights(m *cmiv1.PillarWeights, claimed claims, f *faults) {
	weights := [pillarCount]float64{1, 1, 1}
	if m != nil {
		for p, w := range [pillarCount]*float64{m.Eci, m.Bei, m.Fii} {
			if w != nil {
				weights[p] = *w
			}
		}
	}
	if weights == [pillarCount]float64{} {
		f.add("", "pillar_weights", "0 for every pillar is not allowed; at least one weight above 0 is")
		return
	}
	fine := true
	for p, w := range weights {
		switch {
		case !(w >= 0) || math.IsInf(w, 1):
			f.add("", "pillar_weights."+pillarNames[p], "%s is not allowed; numbers of 0 or more are", number(w))
			fine = false
		case w > 0 && claimed[p] == 0:
			f.add("", "pillar_weights."+pillarNames[p],
				"%s is not allowed without a scored item of positive weight in the pillar; such an item is, or weight 0", number(w))
		}
	}
	if least, most := spread(weights[:]); fine && most/least > maxWeightRatio {
		f.add("", "pillar_weights", "weights from %s to %s are too far apart; up to %s times is allowed",
			number(least), number(most), number(maxWeightRatio))
	}
	scaleWeights(weights[:])
	for p, w := range weights {
		s.pillars[p].weight = w
		s.weight += w
	}
}

// compareItemWeights checks that no weights of one pillar lie too far apart.
func (s *Scorer) compareItemWeights(f *faults) {
	for p := range s.pillars {
		weights := s.itemWeights(p)
		if least, most := spread(weights); most/least > maxWeightRatio && finite(most) {
			f.add("", "items", "weights from %s to %s in pillar %s are too far apart; up to %s times is allowed",
				number(least), number(most), pillarNames[p], number(maxWeightRatio))
		}
	}
}

// itemWeights gives the positive weights of a pillar's scored items, in the questionnaire's order.
func (s *Scorer) itemWeights(p int) []float64 {
	var weights []float64
	for k := range s.items {
		if it := &s.items[k]; it.pillar == p && it.scored && it.weight > 0 {
			weights = append(weights, it.weight)
		}
	}
	return weights
}

// spread gives the least positive weight and the largest one; 1 and 1 when there is none.
func spread(weights []float64) (least, most float64) {
	least, most = math.Inf(1), 0
	for _, w := range weights {
		if w > 0 {
			least, most = min(least, w), max(most, w)
		}
	}
	if most == 0 {
		return 1, 1
	}
	return least, most
}

// scaleWeights multiplies weights by one power of 2 that brings the largest below 1, so that sums of weights like 1e308
// stay finite. Only ratios of weights matter, and a power of 2 leaves every bit of them as it was.
func scaleWeights(weights []float64) {
	_, most := spread(weights)
	_, exponent := math.Frexp(most)
	for k := range weights {
		weights[k] = math.Ldexp(weights[k], -exponent)
	}
}

// gatherUsed lists the items that enter sums.
func (s *Scorer) gatherUsed() {
	var weights [pillarCount][]float64
	for p := range weights {
		weights[p] = s.itemWeights(p)
		scaleWeights(weights[p])
	}
	for k := range s.items {
		it := &s.items[k]
		if it.pillar < 0 || !it.scored || it.weight == 0 {
			continue
		}
		of := &weights[it.pillar]
		s.used = append(s.used, usedItem{item: k, pillar: it.pillar, facet: -1, weight: (*of)[0]})
		*of = (*of)[1:]
	}
}

// gatherFacets lists the facets of each pillar in the order in which the questionnaire first names them, and tells each
// item its facet. A facet that no used item measures is not listed.
func (s *Scorer) gatherFacets() {
	for p := range s.pillars {
		s.pillars[p].facetFrom = len(s.facets)
		seen := map[string]bool{"": true}
		for k := range s.items {
			name := s.items[k].facet
			if s.items[k].pillar != p || seen[name] {
				continue
			}
			seen[name] = true
			if s.assignFacet(p, name, len(s.facets)) {
				s.facets = append(s.facets, facet{name: name, pillar: p})
			}
		}
		s.pillars[p].facetEnd = len(s.facets)
	}
}

// assignFacet tells the used items of a pillar's facet where it stands, and reports whether there are any.
func (s *Scorer) assignFacet(p int, name string, position int) bool {
	found := false
	for k := range s.used {
		if u := &s.used[k]; u.pillar == p && s.items[u.item].facet == name {
			u.facet, found = position, true
		}
	}
	return found
}
