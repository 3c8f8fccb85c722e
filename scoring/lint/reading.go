package lint

import (
	"fmt"
	"math"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// pillars lists the three in their order.
var pillars = [...]cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII}

// reading is a questionnaire with what several rules need to know about it.
type reading struct {
	q     *cmiv1.Questionnaire
	items []*item
	// asked counts the items that are questions; a behaviour is measured.
	asked int
	// pillarWeight is what each pillar weighs in the CMI, and itemWeight the sum of its scored items.
	pillarWeight, itemWeight map[cmiv1.Pillar]float64
}

// item is one item with its place and what it counts for.
type item struct {
	*cmiv1.Item
	index int
	// weight is what it weighs in its pillar; 0 for what is not scored.
	weight float64
	// asked tells a question from a behaviour.
	asked bool
	// wordings are the English texts of the prompt.
	wordings []wording
}

// wording is one English text of a prompt.
type wording struct {
	place
	text string
	// question is the text without what only explains the ends of a rating, in lower case.
	question string
}

func read(q *cmiv1.Questionnaire) *reading {
	w := q.GetPillarWeights()
	r := &reading{
		q: q,
		pillarWeight: map[cmiv1.Pillar]float64{
			pillars[0]: weightOf(w != nil && w.Eci != nil, w.GetEci()),
			pillars[1]: weightOf(w != nil && w.Bei != nil, w.GetBei()),
			pillars[2]: weightOf(w != nil && w.Fii != nil, w.GetFii()),
		},
		itemWeight: map[cmiv1.Pillar]float64{},
	}
	for i, m := range q.GetItems() {
		it := &item{Item: m, index: i, asked: m.GetBehaviour() == nil}
		if m.GetPillar() != cmiv1.Pillar_PILLAR_UNSPECIFIED && scores(m) {
			it.weight = weightOf(m.Weight != nil, m.GetWeight())
		}
		it.wordings = wordingsOf(it)
		if it.asked {
			r.asked++
		}
		r.itemWeight[m.GetPillar()] += it.weight
		r.items = append(r.items, it)
	}
	return r
}

// weightOf answers a weight with its default, and 0 for what no scorer would take.
func weightOf(given bool, weight float64) float64 {
	switch {
	case !given:
		return 1
	case weight > 0 && !math.IsInf(weight, 1):
		return weight
	}
	return 0
}

// scores tells whether an item's scale makes a score.
func scores(m *cmiv1.Item) bool {
	switch {
	case m.GetScale() == nil, m.GetText() != nil:
		return false
	case m.GetChoice() != nil:
		return !nominal(m)
	}
	return true
}

// nominal tells whether a choice has no points at all.
func nominal(m *cmiv1.Item) bool {
	if m.GetChoice() == nil {
		return false
	}
	for _, o := range m.GetChoice().GetOptions() {
		if o != nil && o.Points != nil {
			return false
		}
	}
	return true
}

// at answers the place of a field of the item.
func (it *item) at(format string, args ...any) place {
	return place{it.index, fmt.Sprintf("items[%d]", it.index) + fmt.Sprintf(format, args...)}
}

// name names the item in a sentence.
func (it *item) name() string {
	if it.GetItemId() == "" {
		return fmt.Sprintf("item %d", it.index+1)
	}
	return shorten(it.GetItemId())
}

// options answers the options of either kind of choice, and the path of the list.
func (it *item) options() ([]*cmiv1.Option, string) {
	if m := it.GetMultipleChoice(); m != nil {
		return m.GetOptions(), ".multiple_choice.options"
	}
	return it.GetChoice().GetOptions(), ".choice.options"
}

// attitude tells whether the item asks how somebody stands to something, on a scale with two ends.
func (it *item) attitude() bool {
	return it.GetRating() != nil || it.GetYesNo() != nil || it.GetChoice() != nil && !nominal(it.Item)
}

// shortName names a pillar as people do.
func shortName(p cmiv1.Pillar) string { return strings.TrimPrefix(p.String(), "PILLAR_") }

// shorten cuts text that is too long for a sentence.
func shorten(text string) string {
	const most = 50
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

// labelOf answers what an option shows.
func labelOf(o *cmiv1.Option) string {
	if o.GetLabel() != "" {
		return o.GetLabel()
	}
	return o.GetValue()
}
