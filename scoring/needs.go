package scoring

import (
	"slices"
	"strings"
)

// BehaviourNeed is what behaviour items want to know of a customer: which interactions count, and how far back. Items that
// count the same kinds over the same window with the same half-life share one.
type BehaviourNeed struct {
	// Items are the ids of the items, in the questionnaire's order; at least one.
	Items []string
	// Kinds are the kinds of interaction that count, none twice, in the order of the first item.
	Kinds []string
	// WindowDays is how far back it looks, in days, above 0.
	WindowDays float64
	// HalfLifeDays is after how many days an interaction weighs half, above 0.
	HalfLifeDays float64
}

// BehaviourNeeds answers what the behaviour items want to know, in the order in which the questionnaire first asks for it;
// nil when there are no such items. Kinds compare as sets. The caller must not change it.
func (s *Scorer) BehaviourNeeds() []BehaviourNeed { return s.needs }

// window identifies a need, in whichever order its kinds are listed.
type window struct {
	kinds          string
	days, halfLife float64
}

// counted tells which interactions an item counts.
func (b *behaviour) counted() window {
	// No kind holds U+0000, so that the joined kinds are told apart.
	return window{kinds: strings.Join(slices.Sorted(slices.Values(b.kinds)), "\x00"), days: b.window, halfLife: b.halfLife}
}

// gatherNeeds groups the behaviour items, and tells each where its need stands.
func (s *Scorer) gatherNeeds() {
	positions := map[window]int{}
	for _, k := range s.measured {
		b := s.items[k].scale.(*behaviour)
		counted := b.counted()
		position, known := positions[counted]
		if !known {
			position = len(s.needs)
			positions[counted] = position
			s.windows = append(s.windows, counted)
			s.needs = append(s.needs, BehaviourNeed{Kinds: b.kinds, WindowDays: b.window, HalfLifeDays: b.halfLife})
		}
		b.need = position
		s.needs[position].Items = append(s.needs[position].Items, s.items[k].id)
	}
}
