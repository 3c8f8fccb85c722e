package lint

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func pillarUncovered(r *reading, found report) {
	for _, p := range pillars {
		if r.pillarWeight[p] > 0 && r.itemWeight[p] == 0 {
			found(whole("items"), fmt.Sprintf("%s weighs in the CMI and has no scored item; add one, or give the pillar the weight 0", shortName(p)))
		}
	}
}

func noAttitude(r *reading, found report) {
	scored := false
	for _, it := range r.items {
		if it.weight == 0 {
			continue
		}
		scored = true
		if it.asked && it.GetCount() == nil {
			return
		}
	}
	if scored {
		found(whole("items"), "every scored item is a count or a behaviour; add items that ask what customers feel and intend")
	}
}

func dominantItem(r *reading, found report) {
	var total float64
	for _, p := range pillars {
		total += r.pillarWeight[p]
	}
	for _, it := range r.items {
		p := it.GetPillar()
		if it.weight == 0 || total == 0 {
			continue
		}
		if share := r.pillarWeight[p] / total * it.weight / r.itemWeight[p]; share > 0.5 {
			found(it.at(".weight"), fmt.Sprintf("%s holds %.0f%% of the CMI; lower its weight or that of %s, or add items beside it", it.name(), 100*share, shortName(p)))
		}
	}
}

func singleItemPillar(r *reading, found report) {
	for _, p := range pillars {
		var only *item
		count := 0
		for _, it := range r.items {
			if it.GetPillar() == p && it.weight > 0 {
				only = it
				count++
			}
		}
		if count == 1 && r.pillarWeight[p] > 0 {
			found(whole("items"), fmt.Sprintf("%s has one scored item, %s; add a second one, so that its reliability can be computed", shortName(p), only.name()))
		}
	}
}

// usualFacets are those of the model. Inactive customers have nothing to continue: they are asked about returning.
func usualFacets(p cmiv1.Pillar, audience cmiv1.Audience) []string {
	switch p {
	case cmiv1.Pillar_PILLAR_ECI:
		return []string{"trust", "confidence", "attachment"}
	case cmiv1.Pillar_PILLAR_BEI:
		return []string{"frequency", "diversity", "recency", "features"}
	}
	if audience == cmiv1.Audience_AUDIENCE_INACTIVE {
		return []string{"recommend", "return"}
	}
	return []string{"continue", "recommend"}
}

func facetMissing(r *reading, found report) {
	for _, p := range pillars {
		has := map[string]bool{}
		for _, it := range r.items {
			if it.GetPillar() == p && it.weight > 0 {
				has[strings.ToLower(strings.TrimSpace(it.GetFacet()))] = true
			}
		}
		if len(has) == 0 || r.pillarWeight[p] == 0 {
			continue
		}
		var missing []string
		for _, facet := range usualFacets(p, r.q.GetAudience()) {
			if !has[facet] {
				missing = append(missing, facet)
			}
		}
		if len(missing) > 0 {
			found(whole("items"), fmt.Sprintf("%s has no scored item with the facet %s; ask about it, or say in the description why it is left out",
				shortName(p), strings.Join(missing, ", ")))
		}
	}
}

func noWhy(r *reading, found report) {
	for _, it := range r.items {
		if it.GetText() != nil {
			return
		}
	}
	found(whole("items"), "no item is a text; add one that asks for the reason")
}

func oneDirection(r *reading, found report) {
	ratings, reversed := 0, 0
	for _, it := range r.items {
		if it.weight > 0 && it.GetRating() != nil {
			ratings++
			if it.GetReversed() {
				reversed++
			}
		}
	}
	switch {
	case ratings < 4:
	case reversed == 0:
		found(whole("items"), fmt.Sprintf("all %d scored ratings point the same way; word one so that a high answer is a bad sign, where it reads naturally, and mark it reversed", ratings))
	case reversed == ratings:
		found(whole("items"), fmt.Sprintf("all %d scored ratings are reversed; word some so that a high answer is a good sign", ratings))
	}
}
