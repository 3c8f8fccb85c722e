package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

// head and core make a questionnaire that no rule finds anything about. A case adds to it, or takes away from it.
const (
	head = `questionnaire_id: "q" series: "s" audience: AUDIENCE_ACTIVE channels: CHANNEL_ONLINE `
	core = `
		items { item_id: "trust" prompt: "How much do you trust us? 0 means not at all, 10 means very much." pillar: PILLAR_ECI facet: "trust" rating { max: 10 step: 1 } }
		items { item_id: "doubts" prompt: "How many doubts do you have about us? 0 means none, 10 means very many." pillar: PILLAR_ECI facet: "confidence" reversed: true rating { max: 10 step: 1 } }
		items { item_id: "miss" prompt: "How much would you miss us? 0 means not at all, 10 means very much." pillar: PILLAR_ECI facet: "attachment" rating { max: 10 step: 1 } }
		items { item_id: "often" prompt: "How often did you use us in the last 30 days?" pillar: PILLAR_BEI facet: "frequency" count { saturation: 4 } }
		items { item_id: "ways" prompt: "Which of these did you use?" pillar: PILLAR_BEI facet: "diversity" multiple_choice { target: 2 options { value: "app" } options { value: "shop" } } }
		items { item_id: "last" prompt: "When did you last use us?" pillar: PILLAR_BEI facet: "recency" choice { options { value: "week" points: 100 } options { value: "longer" points: 0 } } }
		items { item_id: "extras" prompt: "How much of our offer do you use?" pillar: PILLAR_BEI facet: "features" choice { options { value: "little" points: 0 } options { value: "most" points: 100 } } }
		items { item_id: "stay" prompt: "How likely are you to stay? 0 means not at all likely, 10 means very likely." pillar: PILLAR_FII facet: "continue" rating { max: 10 step: 1 } }
		items { item_id: "nps" prompt: "How likely are you to recommend us to someone you know? 0 means not at all likely, 10 means very likely." pillar: PILLAR_FII facet: "recommend" metric: METRIC_NPS rating { max: 10 step: 1 } }
		items { item_id: "why" prompt: "What is the main reason for your answers?" text {} }`
)

// prompted is one more rating of the given question, not scored.
func prompted(question string) string {
	return head + core + fmt.Sprintf(`items { item_id: "x" weight: 0 prompt: %q rating { max: 10 step: 1 } }`, question+" 0 means not at all, 10 means very much.")
}

// listed is one more choice, scored, with these labels and points.
func listed(labels string, points ...float64) string {
	return head + core + `items { item_id: "x" pillar: PILLAR_ECI facet: "trust" prompt: "How do you find us on the whole?" choice {` + optionsOf(labels, points...) + `}}`
}

// reasons is one more choice, kept and not scored, with these labels.
func reasons(labels string) string {
	return head + core + `items { item_id: "x" weight: 0 prompt: "What was the main reason for you?" choice {` + optionsOf(labels) + `}}`
}

// several is one more multiple choice with these labels.
func several(labels, more string) string {
	return head + core + `items { item_id: "x" prompt: "Which of them were the reason for you?" ` + more + ` multiple_choice { target: 1 ` + optionsOf(labels) + `}}`
}

func optionsOf(labels string, points ...float64) string {
	var b strings.Builder
	for i, label := range strings.Split(labels, "|") {
		fmt.Fprintf(&b, `options { value: "v%d" label: %q `, i, label)
		if i < len(points) {
			fmt.Fprintf(&b, `points: %v `, points[i])
		}
		b.WriteString("} ")
	}
	return b.String()
}

// without is the core without one item.
func without(id string) string {
	var kept []string
	for line := range strings.SplitSeq(core, "\n") {
		if !strings.Contains(line, fmt.Sprintf("item_id: %q", id)) {
			kept = append(kept, line)
		}
	}
	return head + strings.Join(kept, "\n")
}

// replaced is the clean questionnaire with one part written otherwise.
func replaced(old, written string) string {
	if !strings.Contains(head+core, old) {
		panic("the clean questionnaire lacks " + old)
	}
	return strings.ReplaceAll(head+core, old, written)
}

// cases say for each rule what it fires on and what it lets pass. The path is that of the first finding of the rule; an
// empty one says that the rule does not fire.
var cases = []struct{ rule, about, questionnaire, path string }{
	{"pillar-uncovered", "a pillar of texts only", head + `items { pillar: PILLAR_ECI text {} prompt: "x" }`, "items"},
	{"pillar-uncovered", "a pillar whose items weigh nothing", replaced(`pillar: PILLAR_FII`, `pillar: PILLAR_FII weight: 0`), "items"},
	{"pillar-uncovered", "a pillar that weighs nothing", replaced(`pillar: PILLAR_FII`, `pillar: PILLAR_FII weight: 0`) + `pillar_weights { fii: 0 }`, ""},

	{"no-attitude", "counts and behaviour alone", head + `items { pillar: PILLAR_BEI count { saturation: 1 } } items { pillar: PILLAR_FII behaviour {} }`, "items"},
	{"no-attitude", "a rating among them", head + `items { pillar: PILLAR_BEI count { saturation: 1 } } items { pillar: PILLAR_FII yes_no {} }`, ""},
	{"no-attitude", "nothing scored at all", head + `items { text {} }`, ""},

	{"dominant-item", "a weight of 20 among ones", replaced(`facet: "trust"`, `facet: "trust" weight: 20`) + `pillar_weights { eci: 4 }`, "items[0].weight"},
	{"dominant-item", "a weight of 20 in one pillar of three", replaced(`facet: "trust"`, `facet: "trust" weight: 20`), ""},

	{"single-item-pillar", "one scored item", without("stay"), "items"},
	{"single-item-pillar", "two", head + core, ""},

	{"facet-missing", "no item on recency", without("last"), "items"},
	{"facet-missing", "inactive customers asked to continue", replaced("AUDIENCE_ACTIVE", "AUDIENCE_INACTIVE"), "items"},
	{"facet-missing", "inactive customers asked to return", strings.ReplaceAll(replaced("AUDIENCE_ACTIVE", "AUDIENCE_INACTIVE"), `"continue"`, `"return"`), ""},
	{"facet-missing", "written with a capital", replaced(`"trust" rating`, `" Trust " rating`), ""},

	{"no-why", "no text item", without("why"), "items"},
	{"no-why", "a text item", head + core, ""},

	{"one-direction", "no rating reversed", replaced("reversed: true", ""), "items"},
	{"one-direction", "all ratings reversed", strings.ReplaceAll(replaced("reversed: true ", ""), "rating {", "reversed: true rating {"), "items"},
	{"one-direction", "one reversed", head + core, ""},

	{"too-long", "13 questions", head + core + strings.Repeat(`items { text {} }`, 3), "items"},
	{"too-long", "12 questions and a behaviour", head + core + strings.Repeat(`items { text {} }`, 2) + `items { behaviour {} }`, ""},

	{"too-many-required", "most of them", replaced("pillar:", "required: true pillar:"), "items"},
	{"too-many-required", "two of ten", replaced("pillar: PILLAR_FII", "required: true pillar: PILLAR_FII"), ""},

	{"no-audience", "none", replaced("audience: AUDIENCE_ACTIVE", ""), "audience"},
	{"no-audience", "one", head + core, ""},
	{"no-channel", "none", replaced("channels: CHANNEL_ONLINE", ""), "channels"},
	{"no-channel", "one", head + core, ""},
	{"no-series", "none", replaced(`series: "s"`, ""), "series"},
	{"no-series", "one", head + core, ""},

	{"thresholds-unusual", "growth from 40", head + core + `thresholds { growth: 40 }`, "thresholds"},
	{"thresholds-unusual", "the usual ones, said", head + core + `thresholds { growth: 50 advocate: 80 }`, ""},
	{"coverage-low", "a third", head + core + `min_pillar_coverage: 0.33`, "min_pillar_coverage"},
	{"coverage-low", "a half", head + core + `min_pillar_coverage: 0.5`, ""},

	{"mixed-ranges", "0 to 10 and 1 to 5", head + core + `items { rating { min: 1 max: 5 step: 1 } }`, "items"},
	{"mixed-ranges", "1 to 7, and 0 to 10 for the recommendation", head + `items { rating { min: 1 max: 7 } } items { rating { min: 1 max: 7 } } items { metric: METRIC_NPS rating { max: 10 } }`, ""},

	{"metric-twice", "two for NPS", replaced(`facet: "continue"`, `facet: "continue" metric: METRIC_NPS`), "items[8].metric"},
	{"metric-twice", "one each", replaced(`facet: "continue"`, `facet: "continue" metric: METRIC_CES`), ""},

	{"translations-incomplete", "one prompt of several", replaced(`item_id: "trust"`, `item_id: "trust" translations { key: "de" value: "Wie sehr vertrauen Sie uns?" }`), "items[1].translations"},
	{"translations-incomplete", "a label", head + `items { prompt: "a" translations { key: "de" value: "b" } choice { options { value: "c" label: "d" } } }`, "items[0].choice.options[0].translations"},
	{"translations-incomplete", "an empty one", head + `items { prompt: "a" translations { key: "de" value: " " } }`, "items[0].translations"},
	{"translations-incomplete", "an option that shows its value", head + `items { prompt: "a" translations { key: "de" value: "b" } choice { options { value: "1" } } }`, ""},

	{"prompt-missing", "none", head + `items { yes_no {} }`, "items[0].prompt"},
	{"prompt-missing", "a behaviour needs none", head + `items { behaviour {} }`, ""},

	{"duplicate-prompt", "twice but for a sign", prompted("How much do you trust us!"), "items[10].prompt"},
	{"duplicate-prompt", "another question", prompted("How much do you like the colour?"), ""},

	{"long-prompt", "26 words", prompted("How much " + strings.Repeat("very ", 20) + "do you trust us?"), "items[10].prompt"},
	{"long-prompt", "25 words, and what the ends mean", prompted("How much " + strings.Repeat("very ", 19) + "do you trust us?"), ""},

	{"double-barrelled", "two adjectives", prompted("How fast and friendly was our staff?"), "items[10].prompt"},
	{"double-barrelled", "two nouns", prompted("How do you rate our prices or our service?"), "items[10].prompt"},
	{"double-barrelled", "as well as", prompted("How do you rate our prices as well as our service?"), "items[10].prompt"},
	{"double-barrelled", "an English translation", head + core + `items { weight: 0 prompt: "?" translations { key: "en-GB" value: "How fast and friendly is it?" } rating { max: 10 } }`, `items[10].translations["en-GB"]`},
	{"double-barrelled", "two sides of one thing", prompted("How satisfied or dissatisfied are you with us?"), ""},
	{"double-barrelled", "easy or hard", prompted("How easy or hard was it to start?"), ""},
	{"double-barrelled", "friend or colleague", prompted("How likely are you to recommend us to a friend or colleague?"), ""},
	{"double-barrelled", "a span of time", prompted("How well did we do between Monday and Friday?"), ""},
	{"double-barrelled", "a text may ask for two things", head + core + `items { prompt: "What did you like and what did you miss?" text {} }`, ""},
	{"double-barrelled", "a count may add up", head + core + `items { weight: 0 prompt: "How many times did you call or visit us?" count { saturation: 1 } }`, ""},
	{"double-barrelled", "German is not read", prompted("Wie schnell and friendly war es?"), ""},

	{"leading", "agreement is begged for", prompted("Don't you agree that we are good?"), "items[10].prompt"},
	{"leading", "praise in the question", prompted("How do you like our excellent service?"), "items[10].prompt"},
	{"leading", "how happy", prompted("How happy are you with us?"), "items[10].prompt"},
	{"leading", "both sides", prompted("How happy or unhappy are you with us?"), ""},
	{"leading", "an open question", prompted("How do you rate our service?"), ""},

	{"double-negative", "not and without", prompted("Would you not go without us?"), "items[10].prompt"},
	{"double-negative", "not unhappy", prompted("Are you not unhappy with us?"), "items[10].prompt"},
	{"double-negative", "do not understand", prompted("What did you not understand?"), ""},
	{"double-negative", "one negation", prompted("Would you not go to them?"), ""},
	{"negation", "one", prompted("Did we not keep our promise to you?"), "items[10].prompt"},
	{"negation", "in what the ends mean only", prompted("Did we keep our promise to you?"), ""},
	{"negation", "agree or disagree", prompted("Do you agree or disagree that we keep our promises?"), ""},

	{"absolute-word", "always", prompted("Do we always keep our promises to you?"), "items[10].prompt"},
	{"absolute-word", "how often", prompted("How often do we keep our promises to you?"), ""},

	{"jargon", "onboarding", prompted("How was your onboarding with us?"), "items[10].prompt"},
	{"jargon", "getting started", prompted("How was getting started with us?"), ""},

	{"gendered-word", "he", prompted("How well did he help you?"), "items[10].prompt"},
	{"gendered-word", "a salesman", prompted("How was the salesman to you?"), "items[10].prompt"},
	{"gendered-word", "they", prompted("How well did they help you there?"), ""},
	{"gendered-word", "letters inside a word", prompted("How is the weather here for you, the shepherd?"), ""},

	{"shouting", "words in capitals", prompted("How MUCH do you TRUST us?"), "items[10].prompt"},
	{"shouting", "exclamation marks", prompted("Tell us how you are!!"), "items[10].prompt"},
	{"shouting", "one abbreviation", prompted("How are our shops in the USA?"), ""},

	{"not-sayable", "a sign, read aloud", strings.Replace(head+core, "CHANNEL_ONLINE", "CHANNEL_FACE_TO_FACE", 1) + `items { weight: 0 prompt: "How are you with us? 0 = bad, 10 = good" rating { max: 10 } }`, "items[10].prompt"},
	{"not-sayable", "click, read aloud", strings.Replace(head+core, "CHANNEL_ONLINE", "CHANNEL_FACE_TO_FACE", 1) + `items { prompt: "Click on what you like." text {} }`, "items[10].prompt"},
	{"not-sayable", "the same on a page", head + core + `items { prompt: "Click on what you like." text {} }`, ""},
	{"not-sayable", "words, read aloud", strings.Replace(head+core, "CHANNEL_ONLINE", "CHANNEL_FACE_TO_FACE", 1), ""},

	{"sensitive-required", "income", head + core + `items { required: true prompt: "What is your income?" text {} }`, "items[10].prompt"},
	{"sensitive-required", "income, optional", head + core + `items { prompt: "What is your income?" text {} }`, ""},
	{"sensitive-required", "another question, required", head + core + `items { required: true prompt: "What is your favourite shop?" text {} }`, ""},

	{"weight-without-score", "a text", head + core + `items { weight: 2 prompt: "a" text {} }`, "items[10].weight"},
	{"weight-without-score", "a choice without points", head + core + `items { weight: 1 prompt: "a" choice { options { value: "a" } } }`, "items[10].weight"},
	{"weight-without-score", "an explicit 0", reasons("a|Something else"), ""},

	{"rating-steps", "3 answers", head + `items { rating { min: 1 max: 3 step: 1 } }`, "items[0].rating"},
	{"rating-steps", "101 answers", head + `items { rating { max: 100 step: 1 } }`, "items[0].rating"},
	{"rating-steps", "5 answers", head + `items { rating { min: 1 max: 5 step: 1 } }`, ""},
	{"rating-steps", "11 answers by tenths", head + `items { rating { max: 1 step: 0.1 } }`, ""},
	{"rating-steps", "a slider", head + `items { rating { max: 100 } }`, ""},

	{"rating-unexplained", "no ends", head + `items { prompt: "How do you like it?" rating { min: 1 max: 5 } }`, "items[0].prompt"},
	{"rating-unexplained", "one end", head + `items { prompt: "How do you like it, if 15 is best and 1 worst?" rating { min: 1 max: 5 } }`, "items[0].prompt"},
	{"rating-unexplained", "both ends, in German", head + `items { prompt: "Wie war es? (-2 = schlecht, 2 = gut)" rating { min: -2 max: 2 } }`, ""},

	{"nps-scale", "1 to 10", head + `items { metric: METRIC_NPS rating { min: 1 max: 10 step: 1 } }`, "items[0].metric"},
	{"nps-scale", "no step", head + `items { metric: METRIC_NPS rating { max: 10 } }`, "items[0].metric"},
	{"nps-scale", "yes or no", head + `items { metric: METRIC_NPS yes_no {} }`, "items[0].metric"},
	{"nps-scale", "0 to 10", head + core, ""},

	{"csat-top-missing", "missing", head + `items { metric: METRIC_CSAT rating { min: 1 max: 5 step: 1 } }`, "items[0].csat_top"},
	{"csat-top-missing", "said", head + `items { metric: METRIC_CSAT csat_top: 4 rating { min: 1 max: 5 step: 1 } }`, ""},

	{"no-other", "reasons without a way out", reasons("The cost|The time"), "items[10].choice.options"},
	{"no-other", "several reasons without a way out", several("The cost|The time", "weight: 0"), "items[10].multiple_choice.options"},
	{"no-other", "something else", reasons("The cost|Something else"), ""},
	{"no-other", "scored options are a scale", listed("Bad|Good", 0, 100), ""},

	{"none-scored", "none of these", several("App|Shop|None of these", "pillar: PILLAR_BEI"), "items[10].multiple_choice.options[2]"},
	{"none-scored", "none of these, not scored", several("App|Shop|None of these", "weight: 0"), ""},
	{"none-scored", "only real ones", several("App|Nonesuch Road shop", "pillar: PILLAR_BEI"), ""},

	{"dont-know-option", "don't know", listed("Bad|Good|Don’t know", 0, 100, 50), "items[10].choice.options[2]"},
	{"dont-know-option", "by its value", head + core + `items { weight: 0 prompt: "a" choice { options { value: "other" } options { value: "dont_know" label: "?" } } }`, "items[10].choice.options[1]"},
	{"dont-know-option", "real ones", reasons("Nature|Something else"), ""},

	{"points-range", "from 20", listed("Bad|Good", 20, 100), "items[10].choice.options"},
	{"points-range", "to 80", listed("Bad|Good", 0, 80), "items[10].choice.options"},
	{"points-range", "the whole", listed("Bad|Good", 0, 100), ""},

	{"points-order", "up and down", listed("A|B|C", 0, 100, 50), "items[10].choice.options"},
	{"points-order", "down", listed("A|B|C", 100, 50, 0), ""},
	{"points-order", "a plateau", listed("A|B|C", 0, 100, 100), ""},

	{"overlapping-options", "5 twice", listed("1 to 5|5 to 10", 0, 100), "items[10].choice.options[1]"},
	{"overlapping-options", "a dash, and more", listed("1-5|5 or more", 0, 100), "items[10].choice.options[1]"},
	{"overlapping-options", "going down", listed("10 – 20|5 – 10", 0, 100), "items[10].choice.options[1]"},
	{"overlapping-options", "apart", listed("0|1 to 4|5 to 10|11 or more", 0, 30, 60, 100), ""},

	{"labels-unbalanced", "three good, one bad", listed("Poor|Good|Very good|Excellent", 0, 30, 60, 100), "items[10].choice.options"},
	{"labels-unbalanced", "two on either side", listed("Very bad|Bad|Neither good nor bad|Good|Very good", 0, 25, 50, 75, 100), ""},
	{"labels-unbalanced", "from not at all upwards", listed("Not at all likely|Likely|Very likely|Extremely likely", 0, 30, 60, 100), ""},

	{"too-many-options", "11 on a page", reasons(strings.Repeat("a|", 10) + "Something else"), "items[10].choice.options"},
	{"too-many-options", "8 in the app", strings.Replace(reasons(strings.Repeat("a|", 7)+"Something else"), "CHANNEL_ONLINE", "CHANNEL_MOBILE_APP", 1), "items[10].choice.options"},
	{"too-many-options", "10 on a page", reasons(strings.Repeat("a|", 9) + "Something else"), ""},
}

func parse(t *testing.T, text string) *cmiv1.Questionnaire {
	t.Helper()
	q := &cmiv1.Questionnaire{}
	if err := prototext.Unmarshal([]byte(text), q); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestTheCleanQuestionnaireIsClean(t *testing.T) {
	t.Parallel()
	for _, finding := range Questionnaire(parse(t, head+core)) {
		t.Error(finding)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.rule+"/"+c.about, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, finding := range Questionnaire(parse(t, c.questionnaire)) {
				if finding.GetRule() == c.rule {
					got = append(got, finding.GetPath())
				}
			}
			switch {
			case c.path == "" && len(got) > 0:
				t.Errorf("fires on %v", got)
			case c.path != "" && (len(got) == 0 || got[0] != c.path):
				t.Errorf("fires on %v, want %s", got, c.path)
			}
		})
	}
}

// TestEveryRuleIsTested holds that each rule has a case in which it fires and one in which it does not.
func TestEveryRuleIsTested(t *testing.T) {
	t.Parallel()
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		if c.path == "" {
			silent[c.rule] = true
		} else {
			fires[c.rule] = true
		}
	}
	var ids []string
	for _, rule := range Rules() {
		if !fires[rule.ID] || !silent[rule.ID] {
			t.Errorf("%s: a case that fires: %t, one that does not: %t", rule.ID, fires[rule.ID], silent[rule.ID])
		}
		if slices.Contains(ids, rule.ID) {
			t.Errorf("%s stands twice", rule.ID)
		}
		ids = append(ids, rule.ID)
		if rule.Severity == cmiv1.Severity_SEVERITY_UNSPECIFIED || !strings.HasSuffix(rule.Why, ".") {
			t.Errorf("%s has the severity %s and the reason %q", rule.ID, rule.Severity, rule.Why)
		}
	}
	for id := range fires {
		if !slices.Contains(ids, id) {
			t.Errorf("there is no rule %s", id)
		}
	}
}
