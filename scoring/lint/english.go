package lint

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// commonWords tell English from other languages: hardly an English question does without two of them.
var commonWords = wordSet(`the you your yours how what which who when where why is are was were do does did have has had we us our
	to of with would will can could please tell that this these those a an in on from at for it if`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// words splits text into its words, in lower case, apostrophes kept.
func words(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return wordPattern.FindAllString(text, -1)
}

var wordPattern = regexp.MustCompile(`[\pL\pN]+(?:'[\pL]+)?`)

// isEnglish guesses whether text is English.
func isEnglish(text string) bool {
	seen := map[string]bool{}
	for _, word := range words(text) {
		if commonWords[word] {
			seen[word] = true
		}
	}
	return len(seen) >= 2
}

// wordingsOf answers the English texts of a prompt: the prompt itself where it is English, and English translations.
func wordingsOf(it *item) []wording {
	var all []wording
	if isEnglish(it.GetPrompt()) {
		all = append(all, wording{it.at(".prompt"), it.GetPrompt(), questionOf(it, it.GetPrompt())})
	}
	for _, tag := range slices.Sorted(maps.Keys(it.GetTranslations())) {
		if lower := strings.ToLower(tag); lower == "en" || strings.HasPrefix(lower, "en-") {
			text := it.GetTranslations()[tag]
			all = append(all, wording{it.at(".translations[%q]", tag), text, questionOf(it, text)})
		}
	}
	return all
}

var (
	parentheses = regexp.MustCompile(`\([^()]*\)`)
	sentences   = regexp.MustCompile(`[^.?!]+[.?!]*`)
)

// questionOf leaves out what explains the ends of a rating (sentences and parentheses that name both of them), so
// that rules on the question do not stumble over it.
func questionOf(it *item, text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	if it.GetRating() == nil {
		return text
	}
	text = parentheses.ReplaceAllStringFunc(text, func(part string) string {
		if explainsEnds(it, part) {
			return " "
		}
		return part
	})
	kept := sentences.FindAllString(text, -1)
	kept = slices.DeleteFunc(kept, func(part string) bool { return explainsEnds(it, part) && !strings.Contains(part, "?") })
	return strings.Join(kept, "")
}

// explainsEnds tells whether text names both ends of the item's rating.
func explainsEnds(it *item, text string) bool {
	has := map[string]bool{}
	for _, n := range numberPattern.FindAllString(text, -1) {
		has[strings.TrimPrefix(n, "+")] = true
	}
	return has[number(it.GetRating().GetMin())] && has[number(it.GetRating().GetMax())]
}

var numberPattern = regexp.MustCompile(`[-+]?\d+(?:\.\d+)?`)
