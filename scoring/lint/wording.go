package lint

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// mostWords is how many words a question may have that is understood at the first reading.
const mostWords = 25

func promptMissing(r *reading, found report) {
	for _, it := range r.items {
		if it.asked && strings.TrimSpace(it.GetPrompt()) == "" {
			found(it.at(".prompt"), it.name()+" has no prompt; write the question as it is to be shown or said")
		}
	}
}

func duplicatePrompt(r *reading, found report) {
	first := map[string]*item{}
	for _, it := range r.items {
		key := strings.Join(words(it.GetPrompt()), " ")
		if key == "" {
			continue
		}
		if before, twice := first[key]; twice {
			found(it.at(".prompt"), fmt.Sprintf("%s asks the same as %s; leave one out, or ask for what differs", it.name(), before.name()))
			continue
		}
		first[key] = it
	}
}

func longPrompt(r *reading, found report) {
	for _, it := range r.items {
		if !it.asked {
			continue
		}
		if n := len(words(questionOf(it, it.GetPrompt()))); n > mostWords {
			found(it.at(".prompt"), fmt.Sprintf("the question has %d words; say it in at most %d", n, mostWords))
		}
	}
}

// eachWording looks at every English text of the items that a filter lets through.
func eachWording(r *reading, wanted func(*item) bool, look func(it *item, w wording)) {
	for _, it := range r.items {
		if !wanted(it) {
			continue
		}
		for _, w := range it.wordings {
			look(it, w)
		}
	}
}

func isAsked(it *item) bool    { return it.asked }
func isAttitude(it *item) bool { return it.attitude() }

// notTwoThings are joints that make one thing: opposites that balance a question, fixed expressions, and requests.
var notTwoThings = regexp.MustCompile(`\b(?:` + strings.Join([]string{
	`(?:satisfied|likely|happy|comfortable|willing|important|pleased|sure|certain|clear|helpful|useful|safe) or (?:very )?(?:un|dis|in|not )\w*`,
	`agree or disagree`, `easy or (?:hard|difficult)`, `(?:hard|difficult) or easy`, `good or bad`, `well or (?:badly|poorly)`, `more or less`,
	`better or worse`, `high or low`, `much or little`, `fast or slow`, `true or false`, `yes or no`, `whether or not`, `why or why not`, `or not`,
	`friends? (?:or|and) (?:a )?(?:colleagues?|family)(?: members?)?`, `family (?:or|and) (?:a )?friends?`, `colleagues? (?:or|and) (?:a )?friends?`,
	`terms and conditions`, `pros and cons`, `again and again`, `now and (?:then|again)`, `once or twice`, `one or more`, `two or three`, `day and night`,
	`health and safety`, `food and drinks?`, `bed and breakfast`, `research and development`, `back and forth`, `each and every`, `first and foremost`,
	`\d+ or \d+`, `or (?:more|less|fewer|so)`, `and (?:tell|choose|pick|select|say|mark|rate|give|then)`,
}, "|") + `)\b|\bbetween [^.?!,]{1,40}? and\b`)

var joint = regexp.MustCompile(`[\pL\pN']+ (?:and/or|and|or|as well as|&) [\pL\pN']+`)

func doubleBarrelled(r *reading, found report) {
	eachWording(r, isAttitude, func(it *item, w wording) {
		if pair := joint.FindString(notTwoThings.ReplaceAllString(w.question, ";")); pair != "" {
			found(w.place, fmt.Sprintf("the question joins two things (%q); ask about each on its own, or about the one that matters", pair))
		}
	})
}

var leadingPattern = regexp.MustCompile(`\b(?:(?:don't|do|wouldn't|would|didn't|did|isn't|aren't) you (?:not )?agree\b|wouldn't you\b|don't you (?:think|feel|find)\b|isn't it\b|you (?:surely|certainly|obviously)\b|` +
	`as you (?:know|may know)\b|of course\b|obviously\b|surely\b|most (?:people|customers)\b|everyone knows\b|how (?:great|excellent|wonderful|amazing|fantastic|good|delighted|happy|pleased)\b|` +
	`how much (?:do|did) you (?:love|like|enjoy)\b|our (?:excellent|great|award-winning|friendly|famous|wonderful|best|popular|leading|amazing|trusted)\b|` +
	`(?:excellent|amazing|award-winning|world-class|outstanding|wonderful)\b)`)

// balanced are questions that name both sides, and so lead to neither.
var balanced = regexp.MustCompile(`\b(?:do|did|would) you agree or disagree\b|\bhow (?:happy|pleased) or un\w+|\bhow (?:happy|pleased) or dis\w+|\bhow good or bad\b|\b(?:like|love) or (?:dislike|hate)\b`)

func leading(r *reading, found report) {
	eachWording(r, isAsked, func(it *item, w wording) {
		if phrase := leadingPattern.FindString(balanced.ReplaceAllString(w.question, ";")); phrase != "" {
			found(w.place, fmt.Sprintf("%q leads to one answer; ask openly, or name both sides", phrase))
		}
	})
}

var negativeWord = regexp.MustCompile(`\b(?:not (?:unhappy|unlikely|unclear|unsure|uncertain|unable|unwilling|unfair|unimportant|uncomfortable|unsatisfied|dissatisfied|displeased|disappointed|disagree|dislike)|` +
	`not|no|never|none|nobody|nothing|neither|nor|without|hardly|barely|cannot|unable|fail(?:ed|s)?|\w+n't|disagree)\b`)

// notNegative are expressions whose negation negates nothing, or stands in both sides of a balanced question.
var notNegative = regexp.MustCompile(`\b(?:agree or disagree|yes or no|no or yes|why not|or not|no\. \d+|not at all|not only|no matter|if not)\b`)

// negatives finds the negations of a question.
func negatives(question string) []string {
	found := negativeWord.FindAllString(notNegative.ReplaceAllString(question, ";"), -1)
	if len(found) == 1 && strings.Contains(found[0], " ") {
		return strings.Fields(found[0]) // "not unhappy" is two negations at once.
	}
	return found
}

func doubleNegative(r *reading, found report) {
	eachWording(r, isAttitude, func(it *item, w wording) {
		if n := negatives(w.question); len(n) > 1 {
			found(w.place, fmt.Sprintf("the question negates twice (%s); say it without", strings.Join(n, ", ")))
		}
	})
}

func negation(r *reading, found report) {
	eachWording(r, isAttitude, func(it *item, w wording) {
		if n := negatives(w.question); len(n) == 1 {
			found(w.place, fmt.Sprintf("the question negates (%s); say it positively, and mark the item reversed where the answer turns around", n[0]))
		}
	})
}

var absolutePattern = regexp.MustCompile(`\b(?:always|never|every time|all the time|everyone|everybody|nobody|no one|completely|totally|absolutely|constantly|in every case)\b`)

func absoluteWord(r *reading, found report) {
	eachWording(r, isAttitude, func(it *item, w wording) {
		if word := absolutePattern.FindString(w.question); word != "" {
			found(w.place, fmt.Sprintf("%q is true of almost nobody; ask how often or how much", word))
		}
	})
}

var jargonPattern = regexp.MustCompile(`\b(?:onboard(?:ing|ed)?|touch ?points?|omni-?channel|multi-?channel|leverag(?:e|ed|ing)|stakeholders?|kpis?|roi|sla|churn(?:ed)?|nps|csat|ux|ui|user interface|user journey|customer journey|` +
	`value proposition|synerg(?:y|ies)|seamless(?:ly)?|frictionless|functionalit(?:y|ies)|utili[sz]e[ds]?|utili[sz]ation|proactive(?:ly)?|best[- ]in[- ]class|cutting[- ]edge|state[- ]of[- ]the[- ]art|` +
	`ecosystem|bandwidth|deliverables?|going forward|monetary|re-?activation|self-service|b2b|b2c|saas|crm)\b`)

func jargon(r *reading, found report) {
	eachWording(r, isAsked, func(it *item, w wording) {
		if word := jargonPattern.FindString(w.question); word != "" {
			found(w.place, fmt.Sprintf("%q belongs to the trade; say it in a word that customers use", word))
		}
	})
}

var genderedPattern = regexp.MustCompile(`\b(?:he|she|him|her|his|hers|himself|herself|s/he|sir|madam|ladies|gentlemen|guys|husband|wife|(?:sales|business|crafts|trades|chair|spokes|repair|delivery|post|work)(?:man|men|woman|women)|housewi(?:fe|ves)|manpower|manned|stewardess(?:es)?|waitress(?:es)?)\b`)

func genderedWord(r *reading, found report) {
	eachWording(r, isAsked, func(it *item, w wording) {
		if word := genderedPattern.FindString(w.question); word != "" {
			found(w.place, fmt.Sprintf("%q assumes a gender; use a word for anybody, such as they, person or staff", word))
		}
	})
}

func shouting(r *reading, found report) {
	for _, it := range r.items {
		loud := 0
		for _, word := range wordPattern.FindAllString(it.GetPrompt(), -1) {
			if len([]rune(word)) >= 3 && isCapitals(word) {
				loud++
			}
		}
		switch {
		case loud >= 2:
			found(it.at(".prompt"), fmt.Sprintf("%d words stand in capitals; write them as other words", loud))
		case strings.Contains(it.GetPrompt(), "!!"):
			found(it.at(".prompt"), "several exclamation marks stand in a row; a question needs none")
		}
	}
}

// isCapitals tells whether a word consists of capital letters only. Scripts without capitals have none.
func isCapitals(word string) bool {
	for _, r := range word {
		if !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

var notSayablePattern = regexp.MustCompile(`\b(?:click|tap|swipe|scroll|type in|on (?:this|the|your) screen|see below|listed below|shown below|select below)\b|[=/<>*#_@]|\([^)]*\d[^)]*\)|https?:`)

func notSayable(r *reading, found report) {
	spoken := false
	for _, channel := range r.q.GetChannels() {
		spoken = spoken || channel == cmiv1.Channel_CHANNEL_FACE_TO_FACE
	}
	if !spoken {
		return
	}
	eachWording(r, isAsked, func(it *item, w wording) {
		if part := notSayablePattern.FindString(strings.ToLower(w.text)); part != "" {
			found(w.place, fmt.Sprintf("%q cannot be read aloud to somebody; say it in words", part))
		}
	})
}

var sensitivePattern = regexp.MustCompile(`\b(?:how old|your age|age group|date of birth|born|income|salary|earn(?:ings)?|wealth|debts?|afford|religio\w+|faith|ethnic\w*|race|nationality|citizenship|gender|sex|sexual\w*|` +
	`health|illness|disabilit(?:y|ies)|disabled|pregnan\w+|marital|married|divorced|politic\w+|vote[ds]?|trade union|criminal)\b`)

func sensitiveRequired(r *reading, found report) {
	eachWording(r, func(it *item) bool { return it.asked && it.GetRequired() }, func(it *item, w wording) {
		if word := sensitivePattern.FindString(w.question); word != "" {
			found(w.place, fmt.Sprintf("%s asks about a private matter (%q) and is required; make it optional", it.name(), word))
		}
	})
}
