package scoring

import (
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// What a behaviour scale takes for granted.
const (
	defaultRateSaturation = 30.0 / 7 // per 30 days: once a week
	defaultHalfLife       = 90.0     // days
	defaultWindow         = 180.0    // days
)

// behaviour is a measure of what the customer does: of the response's behaviour, or of the item's own answer.
type behaviour struct {
	measure       cmiv1.BehaviourMeasure
	logSaturation float64 // of the rate, for frequency
	halfLife      float64 // in days, for recency, and of an interaction's weight
	window        float64 // in days
	kinds         []string
	need          int // position in the scorer's needs
}

// score turns the item's own measure into 0..100:
//
//   - frequency, from the rate per 30 days: 100 min(1, ln(1 + rate) / ln(1 + saturation));
//   - diversity, from 0..1 (Shannon entropy over its maximum): 100 times it;
//   - recency, from the days since the last interaction: 100 * 0.5^(days / half-life).
//
// It answers false for a number that is no such measure.
func (b *behaviour) score(x float64) (float64, bool) {
	if !(x >= 0) || math.IsInf(x, 1) {
		return 0, false
	}
	switch b.measure {
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_FREQUENCY:
		return logShare(x, b.logSaturation), true
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY:
		return 100 * x, x <= 1
	default:
		return 100 * math.Exp2(-x/b.halfLife), true
	}
}

// of picks the item's measure out of the response's behaviour and scores it; known is false when the measure is absent. A
// rate of 0 says that there was no interaction, so that diversity and recency are 0 even when they are absent.
func (b *behaviour) of(m *cmiv1.Behaviour) (score float64, known bool) {
	x := m.Rate
	switch b.measure {
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY:
		x = m.Diversity
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_RECENCY:
		x = m.DaysSince
	}
	if x == nil {
		return 0, m.Rate != nil && *m.Rate == 0
	}
	score, _ = b.score(*x) // a measure out of range is noted by readBehaviour
	return score, true
}

func (b *behaviour) allowed() string {
	switch b.measure {
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_FREQUENCY:
		return "a rate per 30 days of 0 or more is"
	case cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY:
		return "a diversity from 0 to 1 is"
	default:
		return "a number of days of 0 or more is"
	}
}

// readBehaviour notes what is wrong with the response's behaviour, whether an item reads it or not.
func readBehaviour(m *cmiv1.Behaviour, bad *violations) {
	if m == nil {
		return
	}
	if x := m.Rate; x != nil && (!(*x >= 0) || math.IsInf(*x, 1)) {
		bad.add("behaviour.rate", "rate %s is not allowed; numbers of 0 or more are", number(*x))
	}
	if x := m.Diversity; x != nil && !(*x >= 0 && *x <= 1) {
		bad.add("behaviour.diversity", "diversity %s is not allowed; numbers from 0 to 1 are", number(*x))
	}
	if x := m.DaysSince; x != nil && (!(*x >= 0) || math.IsInf(*x, 1)) {
		bad.add("behaviour.days_since", "days_since %s is not allowed; numbers of 0 or more are", number(*x))
	}
}

// compileBehaviour checks the measure, the kinds and the constants.
func compileBehaviour(m *cmiv1.BehaviourScale, at string, f *faults) *behaviour {
	b := &behaviour{
		measure: m.GetMeasure(), logSaturation: math.Log1p(defaultRateSaturation),
		halfLife: defaultHalfLife, window: defaultWindow, kinds: slices.Clone(m.GetKinds()),
	}
	if b.measure == cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_UNSPECIFIED || !defined(b.measure) {
		f.add(at, ".measure", "%s is not allowed; frequency, diversity or recency is", enumName(b.measure))
	}
	compileKinds(m.GetKinds(), b.measure, at, f)
	if m == nil {
		return b
	}
	if m.Saturation != nil {
		f.positive(at, ".saturation", *m.Saturation)
		b.logSaturation = math.Log1p(*m.Saturation)
	}
	if m.WindowDays != nil {
		f.positive(at, ".window_days", *m.WindowDays)
		b.window = *m.WindowDays
	}
	if m.HalfLifeDays != nil {
		f.positive(at, ".half_life_days", *m.HalfLifeDays)
		b.halfLife = *m.HalfLifeDays
	}
	return b
}

// compileKinds checks the kinds of interaction that count.
func compileKinds(kinds []string, measure cmiv1.BehaviourMeasure, at string, f *faults) {
	switch n := len(kinds); {
	case n == 0:
		f.add(at, ".kinds", "an empty list is not allowed; at least 1 kind of interaction must be given")
	case n == 1 && measure == cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY:
		f.add(at, ".kinds", "a list of 1 is too short; diversity needs at least 2 kinds")
	case n > maxKinds:
		f.add(at, ".kinds", "a list of %d is too long; at most %d kinds are allowed", n, maxKinds)
		kinds = kinds[:maxKinds]
	}
	first := make(map[string]int, len(kinds))
	for k, kind := range kinds {
		if kind == "" {
			f.add(at, index(".kinds", k), "an empty kind is not allowed; the name of a kind of interaction is")
		} else if before, twice := first[kind]; twice {
			f.add(at, index(".kinds", k), "%s is kinds[%d] already; each kind may be given once", quoted(kind), before)
		} else {
			first[kind] = k
			f.text(at, index(".kinds", k), kind, maxKind)
		}
	}
}
