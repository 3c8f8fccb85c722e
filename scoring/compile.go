package scoring

import (
	"maps"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Scorer scores the responses to one version of a questionnaire. It never changes, and is safe for concurrent use.
type Scorer struct {
	id, series string
	version    int32

	items    []item
	index    map[string]int // by item id
	measured []int          // positions of the behaviour items
	needs    []BehaviourNeed
	windows  []window   // of each need
	used     []usedItem // those with positive weight, in the questionnaire's order
	facets   []facet    // grouped by pillar
	pillars  [pillarCount]pillar
	outcomes [1 << pillarCount]outcome

	weight              float64 // of all pillars
	growth, advocate    float64 // snapped
	minCoverage         float64 // snapped
	divergenceThreshold float64 // snapped
	allowPartial        bool
}

// QuestionnaireID answers the id of the questionnaire.
func (s *Scorer) QuestionnaireID() string { return s.id }

// Version answers the version of the questionnaire, as it was when compiled.
func (s *Scorer) Version() int32 { return s.version }

// Thresholds answers where the buckets Growth Opportunity and Advocate begin: 0 < growth < advocate <= 100.
func (s *Scorer) Thresholds() (growth, advocate float64) { return s.growth, s.advocate }

// Series answers the series in which the scores are comparable: the questionnaire's, by default its id.
func (s *Scorer) Series() string { return s.series }

// Compile checks a questionnaire and makes a scorer of it. The error is a [*Faults] that names every fault at once. The
// scorer keeps no reference to the questionnaire, which may be changed afterwards.
//
// What the service sets (etag, state, times) is not looked at, but for enum numbers that the contract does not know.
func Compile(q *cmiv1.Questionnaire) (*Scorer, error) {
	var f faults
	if q == nil {
		f.add("", "", "there is no questionnaire")
		return nil, f.err()
	}
	s := &Scorer{id: q.QuestionnaireId, series: q.Series, version: q.Version, allowPartial: true}
	if s.series == "" {
		s.series = s.id
	}
	if q.AllowPartial != nil {
		s.allowPartial = *q.AllowPartial
	}
	compileHead(q, &f)
	claimed := s.compileItems(q.Items, &f)
	s.compilePillarWeights(q.PillarWeights, claimed, &f)
	s.compileThresholds(q.Thresholds, &f)
	s.compileRules(q, &f)
	f.enum("", "state", q.State)
	if err := f.err(); err != nil {
		return nil, err
	}
	s.gatherUsed()
	s.gatherFacets()
	s.gatherNeeds()
	s.compileOutcomes()
	return s, nil
}

// compileHead checks what a questionnaire says about itself.
func compileHead(q *cmiv1.Questionnaire, f *faults) {
	if !ValidID(q.QuestionnaireId) {
		f.add("", "questionnaire_id", "%s is not allowed; %s", quoted(q.QuestionnaireId), idAllowed)
	}
	if q.Version < 0 {
		f.add("", "version", "%d is not allowed; numbers from 1 are, and 0 where there is none yet", q.Version)
	}
	if q.Series != "" && !ValidID(q.Series) {
		f.add("", "series", "%s is not allowed; %s", quoted(q.Series), idAllowed)
	}
	f.text("", "title", q.Title, maxTitle)
	f.text("", "description", q.Description, maxDescription)
	f.text("", "category", q.Category, maxCategory)
	f.enum("", "audience", q.Audience)
	var seen [4]bool
	for k, c := range q.Channels {
		switch {
		case c == cmiv1.Channel_CHANNEL_UNSPECIFIED || !defined(c):
			f.add("", index("channels", k), "%s is not allowed; CHANNEL_FACE_TO_FACE, CHANNEL_ONLINE or CHANNEL_MOBILE_APP is", enumName(c))
		case int(c) < len(seen) && seen[c]:
			f.add("", index("channels", k), "%s is listed already; each channel may be listed once", enumName(c))
		case int(c) < len(seen):
			seen[c] = true
		}
	}
}

// compileThresholds checks where the buckets begin.
func (s *Scorer) compileThresholds(m *cmiv1.Thresholds, f *faults) {
	growth, advocate := 50.0, 80.0
	if m != nil && m.Growth != nil {
		growth = *m.Growth
	}
	if m != nil && m.Advocate != nil {
		advocate = *m.Advocate
	}
	s.growth, s.advocate = snap(growth), snap(advocate)
	// Judged as snapped, since that is how they are compared; NaN fails every comparison.
	advocateFits := s.advocate > 0 && s.advocate <= 100
	switch {
	case !(s.growth > 0 && s.growth < 100):
		f.add("", "thresholds.growth", "%s is not allowed; numbers above 0 and below the advocate threshold are", number(growth))
	case advocateFits && s.growth >= s.advocate:
		f.add("", "thresholds.growth", "%s is not allowed; numbers above 0 and below the advocate threshold, %s, are",
			number(growth), number(advocate))
	}
	if !advocateFits {
		f.add("", "thresholds.advocate", "%s is not allowed; numbers above the growth threshold, up to 100, are", number(advocate))
	}
}

// compileRules checks the coverage that a pillar needs and what counts as divergent.
func (s *Scorer) compileRules(q *cmiv1.Questionnaire, f *faults) {
	s.minCoverage, s.divergenceThreshold = 0.5, 30
	if x := q.MinPillarCoverage; x != nil {
		s.minCoverage = snap(*x)
		if !(*x >= 0 && *x <= 1) {
			f.add("", "min_pillar_coverage", "%s is not allowed; numbers from 0 to 1 are", number(*x))
		}
	}
	if x := q.DivergenceThreshold; x != nil {
		s.divergenceThreshold = snap(*x)
		if !(s.divergenceThreshold > 0 && *x <= 100) {
			f.add("", "divergence_threshold", "%s is not allowed; numbers above 0, up to 100, are", number(*x))
		}
	}
}

// translations checks texts in other languages, in the order of their tags, so that the faults have an order too.
func (f *faults) translations(at, field string, m map[string]string, most int) {
	if len(m) > maxTranslations {
		f.add(at, field, "%d translations are too many; at most %d are allowed", len(m), maxTranslations)
		return
	}
	if len(m) == 0 {
		return
	}
	for _, tag := range slices.Sorted(maps.Keys(m)) {
		entry := field + "[" + quoted(tag) + "]"
		if problem := textProblem(tag, maxLanguageTag); problem != "" || tag == "" {
			f.add(at, entry, "%s is no language tag; one such as \"de\" or \"pt-BR\" is", quoted(tag))
		}
		f.text(at, entry, m[tag], most)
	}
}
