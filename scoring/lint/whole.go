package lint

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// mostQuestions is how many questions a short questionnaire has.
const mostQuestions = 12

func tooLong(r *reading, found report) {
	if r.asked > mostQuestions {
		found(whole("items"), fmt.Sprintf("%d questions are asked; leave out those that decide nothing, so that at most %d remain", r.asked, mostQuestions))
	}
}

func tooManyRequired(r *reading, found report) {
	required := 0
	for _, it := range r.items {
		if it.asked && it.GetRequired() {
			required++
		}
	}
	if r.asked >= 4 && 2*required > r.asked {
		found(whole("items"), fmt.Sprintf("%d of %d questions are required; require only what the questionnaire is worthless without", required, r.asked))
	}
}

func noAudience(r *reading, found report) {
	if r.q.GetAudience() == cmiv1.Audience_AUDIENCE_UNSPECIFIED {
		found(whole("audience"), "no audience is stated; say whether it is for new, active or inactive customers")
	}
}

func noChannel(r *reading, found report) {
	if len(r.q.GetChannels()) == 0 {
		found(whole("channels"), "no channel is stated; say where it is asked")
	}
}

func noSeries(r *reading, found report) {
	if r.q.GetSeries() == "" {
		found(whole("series"), "no series is stated; name one that comparable questionnaires share, so that a customer can be followed from one to the next")
	}
}

func thresholdsUnusual(r *reading, found report) {
	growth, advocate := 50.0, 80.0
	if t := r.q.GetThresholds(); t != nil {
		if t.Growth != nil {
			growth = t.GetGrowth()
		}
		if t.Advocate != nil {
			advocate = t.GetAdvocate()
		}
	}
	if growth != 50 || advocate != 80 {
		found(whole("thresholds"), fmt.Sprintf("the buckets begin at %s and %s, not at 50 and 80; say in the description why, and compare bucket counts only where they begin alike", number(growth), number(advocate)))
	}
}

func coverageLow(r *reading, found report) {
	if q := r.q; q != nil && q.MinPillarCoverage != nil && q.GetMinPillarCoverage() < 0.5 {
		found(whole("min_pillar_coverage"), fmt.Sprintf("a coverage of %s is enough for a pillar; ask for at least 0.5", number(q.GetMinPillarCoverage())))
	}
}

func mixedRanges(r *reading, found report) {
	var ranges []string
	for _, it := range r.items {
		if it.GetRating() == nil || it.GetMetric() == cmiv1.Metric_METRIC_NPS {
			continue
		}
		text := number(it.GetRating().GetMin()) + " to " + number(it.GetRating().GetMax())
		if !contains(ranges, text) {
			ranges = append(ranges, text)
		}
	}
	if len(ranges) > 1 {
		found(whole("items"), fmt.Sprintf("ratings run from %s; use one range (that of the recommendation question aside)", strings.Join(ranges, ", from ")))
	}
}

func metricTwice(r *reading, found report) {
	first := map[cmiv1.Metric]*item{}
	for _, it := range r.items {
		metric := it.GetMetric()
		if metric == cmiv1.Metric_METRIC_UNSPECIFIED {
			continue
		}
		if before, twice := first[metric]; twice {
			found(it.at(".metric"), fmt.Sprintf("%s claims %s, as %s does already; keep the one that the metric is read from", it.name(), metric, before.name()))
			continue
		}
		first[metric] = it
	}
}

// translationsIncomplete looks at every language that occurs anywhere, over prompts and labels.
func translationsIncomplete(r *reading, found report) {
	type text struct {
		at           place
		translations map[string]string
	}
	var texts []text
	for _, it := range r.items {
		if it.GetPrompt() != "" {
			texts = append(texts, text{it.at(".translations"), it.GetTranslations()})
		}
		options, path := it.options()
		for i, o := range options {
			if o.GetLabel() != "" {
				texts = append(texts, text{it.at("%s[%d].translations", path, i), o.GetTranslations()})
			}
		}
	}
	languages := map[string]bool{}
	for _, t := range texts {
		for tag := range t.translations {
			languages[tag] = true
		}
	}
	sorted := make([]string, 0, len(languages))
	for tag := range languages {
		sorted = append(sorted, tag)
	}
	sort.Strings(sorted)
	for _, tag := range sorted {
		missing, first := 0, place{}
		for _, t := range texts {
			if strings.TrimSpace(t.translations[tag]) == "" {
				if missing == 0 {
					first = t.at
				}
				missing++
			}
		}
		if missing > 0 {
			found(first, fmt.Sprintf("%d of %d prompts and labels lack the language %s, first here; translate them all, or take the language out", missing, len(texts), shorten(tag)))
		}
	}
}

func contains(list []string, text string) bool {
	for _, have := range list {
		if have == text {
			return true
		}
	}
	return false
}

// number writes a number as people do.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
