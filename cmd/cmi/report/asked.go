package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// asked says what a request is about, in the words of the command line. What was not said is left out.
func asked(request proto.Message) []fact {
	var facts []fact
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{name, text})
		}
	}
	askedFilter(request, add)
	if r, ok := request.(interface{ GetGroupBy() []string }); ok {
		add("grouped by", strings.Join(r.GetGroupBy(), ", "))
	}
	if r, ok := request.(interface{ GetPeriod() cmiv1.Period }); ok {
		add("period", Word(r.GetPeriod()))
	}
	if r, ok := request.(interface{ GetGrid() cmiv1.Period }); ok {
		add("step", Word(r.GetGrid()))
	}
	if r, ok := request.(interface{ GetUnit() cmiv1.Unit }); ok && r.GetUnit() == cmiv1.Unit_UNIT_RESPONSE {
		add("counted", "every response")
	}
	if r, ok := request.(interface{ GetWeighting() cmiv1.Weighting }); ok && r.GetWeighting() == cmiv1.Weighting_WEIGHTING_KEY_WEIGHT {
		add("weighted", "by key weight")
	}
	if r, ok := request.(interface{ GetMixBy() string }); ok {
		add("split by", r.GetMixBy())
	}
	return facts
}

// askedFilter says which responses a request is about.
func askedFilter(request proto.Message, add func(name, text string)) {
	switch r := request.(type) {
	case interface{ GetFilter() *cmiv1.ReportFilter }:
		filterFacts(r.GetFilter(), add)
	case *cmiv1.CompareLoyaltyRequest:
		add("first", filterText(r.GetFirst()))
		add("second", filterText(r.GetSecond()))
	}
	if r, ok := request.(*cmiv1.CompareWavesRequest); ok {
		add("first", rangeText(r.GetFirst()))
		add("second", rangeText(r.GetSecond()))
	}
}

func rangeText(r *cmiv1.TimeRange) string {
	return fmt.Sprintf("from %s, before %s", clock(r.GetFrom()), clock(r.GetTo()))
}

func filterFacts(f *cmiv1.ReportFilter, add func(name, text string)) {
	add("questionnaire", strings.Join(f.GetQuestionnaireIds(), ", "))
	add("series", f.GetSeries())
	add("audience", Word(f.GetAudience()))
	add("lifecycle", Word(f.GetLifecycle()))
	var channels []string
	for _, c := range f.GetChannels() {
		channels = append(channels, Word(c))
	}
	add("channel", strings.Join(channels, ", "))
	add("account", f.GetAccountId())
	for _, k := range slices.Sorted(maps.Keys(f.GetSegments())) {
		add("segment", k+" = "+f.GetSegments()[k])
	}
	if f.GetFrom() != nil {
		add("from", clock(f.GetFrom()))
	}
	if f.GetTo() != nil {
		add("before", clock(f.GetTo()))
	}
}

// filterText says in one line which responses a filter takes.
func filterText(f *cmiv1.ReportFilter) string {
	var parts []string
	filterFacts(f, func(name, text string) {
		if text != "" {
			parts = append(parts, name+" "+text)
		}
	})
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, ", ")
}
