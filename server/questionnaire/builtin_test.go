package questionnaire_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/lint"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"google.golang.org/protobuf/proto"
)

// facets are those that each audience is asked about, by pillar.
var facets = map[cmiv1.Audience][]string{
	cmiv1.Audience_AUDIENCE_NEW:      {"ECI attachment", "ECI confidence", "ECI trust", "BEI diversity", "BEI features", "BEI frequency", "BEI recency", "FII continue", "FII recommend"},
	cmiv1.Audience_AUDIENCE_ACTIVE:   {"ECI attachment", "ECI confidence", "ECI trust", "BEI diversity", "BEI features", "BEI frequency", "BEI recency", "FII continue", "FII recommend"},
	cmiv1.Audience_AUDIENCE_INACTIVE: {"ECI attachment", "ECI confidence", "ECI trust", "BEI diversity", "BEI features", "BEI frequency", "BEI recency", "FII recommend", "FII return"},
}

// focusAreas are what the model says each audience is to be asked about.
var focusAreas = map[cmiv1.Audience][]string{
	cmiv1.Audience_AUDIENCE_NEW:      {"first_impression", "likelihood_to_stay", "onboarding"},
	cmiv1.Audience_AUDIENCE_ACTIVE:   {"advanced_features", "recommendation", "usage_diversity", "usage_frequency"},
	cmiv1.Audience_AUDIENCE_INACTIVE: {"barriers", "reason_for_leaving", "return_conditions"},
}

func TestBuiltinHasEveryAudienceAndChannelOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, q := range questionnaire.Builtin() {
		if len(q.GetChannels()) != 1 {
			t.Fatalf("%s has the channels %v", q.GetQuestionnaireId(), q.GetChannels())
		}
		audience := strings.TrimPrefix(q.GetAudience().String(), "AUDIENCE_")
		channel := strings.TrimPrefix(q.GetChannels()[0].String(), "CHANNEL_")
		id := questionnaire.BuiltinPrefix + strings.ToLower(audience+"-"+strings.ReplaceAll(channel, "_", "-"))
		if q.GetQuestionnaireId() != id {
			t.Errorf("%s is for %s", q.GetQuestionnaireId(), id)
		}
		seen[id] = true
	}
	if len(seen) != 9 {
		t.Errorf("there are %d", len(seen))
	}
}

func TestBuiltinIsPublishedAndStable(t *testing.T) {
	t.Parallel()
	first, second := questionnaire.Builtin(), questionnaire.Builtin()
	date := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	for i, q := range first {
		if !proto.Equal(q, second[i]) {
			t.Errorf("%s differs from call to call", q.GetQuestionnaireId())
		}
		if q.GetVersion() != 1 || q.GetState() != cmiv1.State_STATE_PUBLISHED || q.GetSeries() != "cmi" || q.GetEtag() != "" ||
			!q.GetPublishedAt().AsTime().Equal(date) || !q.GetCreatedAt().AsTime().Equal(date) || !q.GetUpdatedAt().AsTime().Equal(date) {
			t.Errorf("%s is version %d, %s, of series %q, etag %q", q.GetQuestionnaireId(), q.GetVersion(), q.GetState(), q.GetSeries(), q.GetEtag())
		}
	}
	first[0].Title = "changed"
	if questionnaire.Builtin()[0].GetTitle() == "changed" {
		t.Error("a change of the answer changes the next one")
	}
}

func TestBuiltinCompilesAndLints(t *testing.T) {
	t.Parallel()
	for _, q := range questionnaire.Builtin() {
		if _, err := scoring.Compile(q); err != nil {
			t.Errorf("%s: %v", q.GetQuestionnaireId(), err)
		}
		for _, finding := range lint.Questionnaire(q) {
			if finding.GetSeverity() > cmiv1.Severity_SEVERITY_INFO {
				t.Errorf("%s: %v", q.GetQuestionnaireId(), finding)
			} else {
				t.Logf("%s: %v", q.GetQuestionnaireId(), finding)
			}
		}
	}
}

func TestBuiltinCoversItsAudience(t *testing.T) {
	t.Parallel()
	for _, q := range questionnaire.Builtin() {
		t.Run(q.GetQuestionnaireId(), func(t *testing.T) {
			t.Parallel()
			var covered, focused []string
			var why, reversed, metric bool
			for _, item := range q.GetItems() {
				if item.GetPillar() != 0 {
					covered = append(covered, fmt.Sprintf("%s %s", strings.TrimPrefix(item.GetPillar().String(), "PILLAR_"), item.GetFacet()))
				}
				if area := item.GetFocusArea(); area != "" && !slices.Contains(focused, area) {
					focused = append(focused, area)
				}
				why = why || item.GetText() != nil
				reversed = reversed || item.GetReversed()
				metric = metric || item.GetMetric() == cmiv1.Metric_METRIC_NPS
				if item.GetBehaviour() != nil {
					t.Errorf("%s needs recorded interactions; the built-in ones score from answers alone", item.GetItemId())
				}
			}
			for _, want := range facets[q.GetAudience()] {
				if !slices.Contains(covered, want) {
					t.Errorf("%s is not asked about", want)
				}
			}
			slices.Sort(focused)
			if !slices.Equal(focused, focusAreas[q.GetAudience()]) {
				t.Errorf("the focus areas are %v, want %v", focused, focusAreas[q.GetAudience()])
			}
			if !why || !reversed || !metric {
				t.Errorf("a text item: %t, a reversed item: %t, a recommendation question: %t", why, reversed, metric)
			}
			if len(q.GetItems()) > 12 {
				t.Errorf("%d questions are asked", len(q.GetItems()))
			}
		})
	}
}

// TestBuiltinWording holds the words together: no prompt twice in any language, every prompt and label in every language,
// and the typographic rules that are easy to lose in an editor.
func TestBuiltinWording(t *testing.T) {
	t.Parallel()
	languages := []string{"de", "es", "fr"}
	for _, q := range questionnaire.Builtin() {
		id := q.GetQuestionnaireId()
		seen := map[string]string{}
		check := func(where, text, language string) {
			switch {
			case text == "":
				t.Errorf("%s: %s lacks %s", id, where, language)
			case strings.TrimSpace(text) != text || strings.Contains(text, "  "):
				t.Errorf("%s: %s has stray spaces in %s: %q", id, where, language, text)
			case language == "fr" && (strings.Contains(text, " ?") || strings.Contains(text, " :")):
				t.Errorf("%s: %s lacks the no-break space before its French mark: %q", id, where, text)
			case language == "es" && strings.Count(text, "?") != strings.Count(text, "¿"):
				t.Errorf("%s: %s opens and closes its Spanish question unevenly: %q", id, where, text)
			}
		}
		for _, item := range q.GetItems() {
			prompts := map[string]string{"en": item.GetPrompt()}
			check(item.GetItemId(), item.GetPrompt(), "en")
			for _, language := range languages {
				prompts[language] = item.GetTranslations()[language]
				check(item.GetItemId(), prompts[language], language)
			}
			for language, prompt := range prompts {
				key := language + " " + strings.ToLower(prompt)
				if other, twice := seen[key]; twice {
					t.Errorf("%s: %s and %s ask the same in %s", id, other, item.GetItemId(), language)
				}
				seen[key] = item.GetItemId()
			}
			for _, option := range slices.Concat(item.GetChoice().GetOptions(), item.GetMultipleChoice().GetOptions()) {
				where := item.GetItemId() + "/" + option.GetValue()
				check(where, option.GetLabel(), "en")
				for _, language := range languages {
					check(where, option.GetTranslations()[language], language)
				}
			}
		}
	}
}

func TestBuiltinSurvivesWriting(t *testing.T) {
	t.Parallel()
	for _, q := range questionnaire.Builtin() {
		for name, data := range map[string][]byte{"q.yaml": questionnaire.WriteYAML(q), "q.json": questionnaire.WriteJSON(q)} {
			got, err := questionnaire.Read(name, data)
			if err != nil {
				t.Errorf("%s: %v", q.GetQuestionnaireId(), err)
			} else if !proto.Equal(got, q) {
				t.Errorf("%s reads back otherwise from %s", q.GetQuestionnaireId(), name)
			}
		}
	}
}

// TestBuiltinOrdersCustomers answers each questionnaire at its best and at its worst, from answers alone.
func TestBuiltinOrdersCustomers(t *testing.T) {
	t.Parallel()
	for _, q := range questionnaire.Builtin() {
		scorer, err := scoring.Compile(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, best := range []bool{true, false} {
			response := &cmiv1.Response{}
			for _, item := range q.GetItems() {
				response.Answers = append(response.Answers, extreme(item, best != item.GetReversed()))
			}
			score, err := scorer.Score(response)
			if err != nil {
				t.Fatal(err)
			}
			want := 0.0
			if best {
				want = 100
			}
			if score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || score.GetCmi() != want {
				t.Errorf("%s: the best (%t) scores %v, %s", q.GetQuestionnaireId(), best, score.Cmi, score.GetStatus())
			}
		}
	}
}

// extreme answers an item at its high or low end.
func extreme(item *cmiv1.Item, high bool) *cmiv1.Answer {
	answer := &cmiv1.Answer{ItemId: item.GetItemId()}
	switch scale := item.GetScale().(type) {
	case *cmiv1.Item_Rating:
		answer.Value = &cmiv1.Answer_Number{Number: scale.Rating.GetMin()}
		if high {
			answer.Value = &cmiv1.Answer_Number{Number: scale.Rating.GetMax()}
		}
	case *cmiv1.Item_Count:
		answer.Value = &cmiv1.Answer_Number{}
		if high {
			answer.Value = &cmiv1.Answer_Number{Number: scale.Count.GetSaturation()}
		}
	case *cmiv1.Item_Choice:
		chosen := scale.Choice.GetOptions()[0]
		for _, option := range scale.Choice.GetOptions() {
			if high == (option.GetPoints() > chosen.GetPoints()) {
				chosen = option
			}
		}
		answer.Value = &cmiv1.Answer_Choice{Choice: chosen.GetValue()}
	case *cmiv1.Item_MultipleChoice:
		choices := &cmiv1.Choices{}
		if high {
			for _, option := range scale.MultipleChoice.GetOptions() {
				choices.Values = append(choices.Values, option.GetValue())
			}
		}
		answer.Value = &cmiv1.Answer_Choices{Choices: choices}
	case *cmiv1.Item_Text:
		answer.Value = &cmiv1.Answer_Text{Text: "because"}
	}
	return answer
}
