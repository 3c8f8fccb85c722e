package report

import (
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// bucketLabel names a bucket.
func bucketLabel(b cmiv1.Bucket) label {
	switch b {
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return label{"At-Risk", "at-risk"}
	case cmiv1.Bucket_BUCKET_GROWTH:
		return label{"Growth", "growth"}
	case cmiv1.Bucket_BUCKET_ADVOCATE:
		return label{"Advocate", "advocate"}
	}
	return label{"no CMI", ""}
}

// buckets are all buckets, from the lowest up.
func buckets() []cmiv1.Bucket {
	return []cmiv1.Bucket{cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_ADVOCATE}
}

// pillars are all pillars, in their order.
func pillars() []cmiv1.Pillar {
	return []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII}
}

// pillarLabel names a pillar by its letters.
func pillarLabel(p cmiv1.Pillar) label { return label{strings.ToUpper(Word(p)), Word(p)} }

// quadrantLabel names a quadrant between satisfaction and loyalty.
func quadrantLabel(q cmiv1.Quadrant) label { return label{capital(Word(q)), Word(q)} }

// quadrants are all quadrants, the best first.
func quadrants() []cmiv1.Quadrant {
	return []cmiv1.Quadrant{
		cmiv1.Quadrant_QUADRANT_LOYALIST, cmiv1.Quadrant_QUADRANT_MERCENARY,
		cmiv1.Quadrant_QUADRANT_HOSTAGE, cmiv1.Quadrant_QUADRANT_DEFECTOR,
	}
}

// priorityLabel says what importance and performance come to together.
func priorityLabel(p cmiv1.Priority) label {
	switch p {
	case cmiv1.Priority_PRIORITY_KEEP_UP:
		return label{"keep up", "keep-up"}
	case cmiv1.Priority_PRIORITY_CONCENTRATE:
		return label{"concentrate here", "concentrate"}
	case cmiv1.Priority_PRIORITY_LOW:
		return label{"low priority", "low"}
	case cmiv1.Priority_PRIORITY_OVERKILL:
		return label{"possible overkill", "overkill"}
	}
	return label{}
}

// predictorName names a predictor: by its name, or as s1, s1+s2 for the mean of two, s1:e1 for what is left of s1 without e1.
func predictorName(p *cmiv1.DriverPredictor) string {
	if p.GetName() != "" {
		return p.GetName()
	}
	name := strings.Join(p.GetItemIds(), "+")
	if less := p.GetLessItemIds(); len(less) > 0 {
		name += ":" + strings.Join(less, "+")
	}
	return name
}

// groupLabel says what the respondents of a group have in common in one respect.
func groupLabel(g *cmiv1.GroupValue) label {
	if g.Value == nil {
		return label{"(none)", ""}
	}
	text := g.GetValue()
	switch g.GetBy() {
	case "audience":
		text = wordOf[cmiv1.Audience](cmiv1.Audience_value, text)
	case "lifecycle":
		text = wordOf[cmiv1.Lifecycle](cmiv1.Lifecycle_value, text)
	case "channel":
		text = wordOf[cmiv1.Channel](cmiv1.Channel_value, text)
	}
	return same(text)
}

// wordOf is the word for the name of an enum's value; the name itself where it is not known.
func wordOf[E Enum](values map[string]int32, name string) string {
	if number, known := values[name]; known && number != 0 {
		return Word(E(number))
	}
	return name
}

// capital begins a word with a capital letter; words are of ASCII.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// spaced writes a word of several parts as people do.
func spaced(text string) string { return strings.ReplaceAll(text, "-", " ") }
