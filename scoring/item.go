package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// item is one compiled question, or one behaviour.
type item struct {
	id       string
	pillar   int // position in the pillars' order; -1: none
	facet    string
	weight   float64 // as given, 1 by default
	reversed bool
	required bool
	scored   bool // whether its scale gives a score at all
	scale    scale
}

// orient turns the score of a reversed item around, so that more is better.
func (it *item) orient(score float64) float64 {
	if it.reversed {
		score = 100 - float64(score)
	}
	return score + 0 // -0, from an answer of -0, becomes 0
}

// claims says, for each pillar, how many items would score it once their own faults are mended.
type claims [pillarCount]int

// compileItems checks the items. What it answers tells a pillar without items from one whose items have faults of their
// own, which are not worth a second fault.
func (s *Scorer) compileItems(list []*cmiv1.Item, f *faults) claims {
	var claimed claims
	switch n := len(list); {
	case n == 0:
		f.add("", "items", "an empty list is not allowed; at least 1 item must be given")
	case n > maxItems:
		f.add("", "items", "a list of %d is too long; at most %d items are allowed", n, maxItems)
		list = list[:maxItems]
	}
	s.items = make([]item, len(list))
	s.index = make(map[string]int, len(list))
	for k, m := range list {
		at := index("items", k)
		if m == nil {
			f.add(at, "", "an empty item is not allowed; one with an id and a scale is")
			continue
		}
		it := &s.items[k]
		s.compileItemID(m.ItemId, k, at, f)
		it.compile(m, at, f)
		if it.pillar >= 0 && it.weight != 0 && it.scored {
			claimed[it.pillar]++
		}
		if _, ok := it.scale.(*behaviour); ok {
			s.measured = append(s.measured, k)
		}
	}
	s.compareItemWeights(f)
	return claimed
}

// compileItemID checks an id, and that it is given once.
func (s *Scorer) compileItemID(id string, k int, at string, f *faults) {
	if before, twice := s.index[id]; twice {
		f.add(at, ".item_id", "%s is the id of items[%d] already; each id may be given once", quoted(id), before)
		return
	}
	if !ValidID(id) {
		f.add(at, ".item_id", "%s is not allowed; %s", quoted(id), idAllowed)
		return
	}
	s.index[id] = k
}

// compile checks everything about an item but its id.
func (it *item) compile(m *cmiv1.Item, at string, f *faults) {
	*it = item{id: m.ItemId, pillar: -1, facet: m.Facet, weight: 1, reversed: m.Reversed, required: m.Required, scored: scores(m)}
	f.text(at, ".prompt", m.Prompt, maxPrompt)
	f.translations(at, ".translations", m.Translations, maxPrompt)
	if m.Weight != nil {
		it.weight = *m.Weight
	}
	switch {
	case !defined(m.Pillar):
		f.enum(at, ".pillar", m.Pillar)
	case m.Pillar != cmiv1.Pillar_PILLAR_UNSPECIFIED:
		it.pillar = int(m.Pillar) - 1
	case it.scored && it.weight != 0:
		f.add(at, ".pillar", "an item that is scored without a pillar is not allowed; PILLAR_ECI, PILLAR_BEI or PILLAR_FII is, or weight 0")
	}
	f.text(at, ".facet", m.Facet, maxWord)
	f.text(at, ".focus_area", m.FocusArea, maxWord)
	if !(it.weight >= 0) || math.IsInf(it.weight, 1) {
		f.add(at, ".weight", "%s is not allowed; numbers of 0 or more are", number(it.weight))
	}
	it.scale = compileScale(m, at, f)
	it.compileMetric(m, at, f)
}

// scores reports whether an item's kind of scale gives a score: all do but texts and choices without points. Of an item
// without a scale it says yes, since that is a fault of its own.
func scores(m *cmiv1.Item) bool {
	switch v := m.Scale.(type) {
	case *cmiv1.Item_Text:
		return v == nil
	case *cmiv1.Item_Choice:
		return v == nil || !nominal(v.Choice)
	}
	return true
}
