package lint

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// Rule is one thing that is looked for.
type Rule struct {
	// ID names the rule. It is stable: findings can be searched for and silenced by it.
	ID string
	// Severity says how much a finding of this rule matters.
	Severity cmiv1.Severity
	// Why says in one sentence why it matters.
	Why string
}

// rule is a Rule with what looks for it.
type rule struct {
	Rule
	check func(r *reading, found report)
}

// Rules lists the rules in the order in which they report.
func Rules() []Rule {
	all := rules()
	listed := make([]Rule, len(all))
	for i, rule := range all {
		listed[i] = rule.Rule
	}
	return listed
}

const (
	info    = cmiv1.Severity_SEVERITY_INFO
	warning = cmiv1.Severity_SEVERITY_WARNING
	serious = cmiv1.Severity_SEVERITY_ERROR
)

// rules is the one table of them: the whole first, then the items, their wording, their scales and their options.
func rules() []rule {
	return []rule{
		{Rule{"pillar-uncovered", serious, "A pillar that weighs in the CMI but has no scored item can never be present, so every score stays partial or absent."}, pillarUncovered},
		{Rule{"no-attitude", serious, "A score made of counts and behaviour alone says what customers do and not how they stand to you: habit looks like loyalty."}, noAttitude},
		{Rule{"dominant-item", warning, "An item that holds more than half of the CMI makes the index a copy of that one answer."}, dominantItem},
		{Rule{"single-item-pillar", info, "A pillar with one item has no alpha and so no measurement error: scores carry no interval, and changes cannot be tested."}, singleItemPillar},
		{Rule{"facet-missing", info, "A pillar that leaves out one of its usual facets measures something narrower than its name says."}, facetMissing},
		{Rule{"no-why", warning, "Without a text item the score says how customers stand and nobody learns why."}, noWhy},
		{Rule{"one-direction", info, "Where every rating points the same way, a customer who agrees with everything looks like an advocate."}, oneDirection},
		{Rule{"too-long", warning, "Beyond 12 questions more people stop halfway, and those who go on answer with less care."}, tooLong},
		{Rule{"too-many-required", warning, "A questionnaire that insists on most of its answers loses people or is told anything."}, tooManyRequired},
		{Rule{"no-audience", info, "New, active and inactive customers need different questions; without an audience nobody can choose the right questionnaire for them."}, noAudience},
		{Rule{"no-channel", info, "What is read aloud, read on a page and tapped in an app is worded differently; without channels it is asked anywhere."}, noChannel},
		{Rule{"no-series", info, "Without a series a customer's course over time ends where another questionnaire takes over."}, noSeries},
		{Rule{"thresholds-unusual", info, "Buckets that begin elsewhere than at 50 and 80 have the same names and another meaning."}, thresholdsUnusual},
		{Rule{"coverage-low", warning, "A pillar scored from less than half of its weight rests on the items that happened to be answered."}, coverageLow},
		{Rule{"mixed-ranges", info, "Readers who learn one range of numbers and then meet another make more mistakes."}, mixedRanges},
		{Rule{"metric-twice", warning, "Where two items claim the same loyalty metric, its figure depends on which one is read."}, metricTwice},
		{Rule{"translations-incomplete", warning, "A reader who meets the original language in the middle of a translation stops or guesses."}, translationsIncomplete},

		{Rule{"prompt-missing", serious, "An item without a prompt cannot be asked."}, promptMissing},
		{Rule{"duplicate-prompt", warning, "The same question twice annoys, and makes a pillar look more reliable than it is."}, duplicatePrompt},
		{Rule{"long-prompt", warning, "A question of more than 25 words is skimmed, and then not what was asked is answered."}, longPrompt},
		{Rule{"double-barrelled", warning, "A question about two things gets one answer, and nobody knows to which of the two."}, doubleBarrelled},
		{Rule{"leading", warning, "A question that shows which answer is hoped for gets it."}, leading},
		{Rule{"double-negative", warning, "Two negations in one question are read as one, and the answer is turned around."}, doubleNegative},
		{Rule{"negation", info, "A negation is easily overlooked, and no to a question with not in it can mean either."}, negation},
		{Rule{"absolute-word", warning, "Words such as always and never are true of almost nobody, so that almost everybody gives the same answer."}, absoluteWord},
		{Rule{"jargon", warning, "Words that belong to the trade are guessed at, and each reader guesses differently."}, jargon},
		{Rule{"gendered-word", warning, "Wording that assumes a gender leaves people out; plain words do without."}, genderedWord},
		{Rule{"shouting", info, "Capitals and rows of exclamation marks read as shouting, and are harder to read."}, shouting},
		{Rule{"not-sayable", warning, "What is read aloud in person cannot contain signs, or ask to click, tap or look."}, notSayable},
		{Rule{"sensitive-required", warning, "A required question on a private matter ends the interview for those who would rather not say."}, sensitiveRequired},
		{Rule{"weight-without-score", warning, "A weight on an item that is never scored has no effect, though its author expects one."}, weightWithoutScore},

		{Rule{"rating-steps", warning, "Below 5 steps differences between customers are lost; above 11 people cannot tell the steps apart."}, ratingSteps},
		{Rule{"rating-unexplained", warning, "The prompt is the only place that says what the ends of a rating mean; where it does not, 1 is the best for some and the worst for others."}, ratingUnexplained},
		{Rule{"nps-scale", serious, "The Net Promoter Score is defined on whole numbers from 0 to 10; on any other scale its figure cannot be compared with anybody's."}, npsScale},
		{Rule{"csat-top-missing", info, "Which answers count as satisfied decides the CSAT figure, so it is better said than left to the default of the two highest steps."}, csatTopMissing},

		{Rule{"no-other", warning, "A list of reasons without a way out makes people choose something that is not true."}, noOther},
		{Rule{"none-scored", serious, "In a scored multiple choice the option for none counts as one chosen, so that nothing scores more than an empty answer."}, noneScored},
		{Rule{"dont-know-option", warning, "Don't know is not an option but the absence of an answer: as an option it is scored or counted as if it were one."}, dontKnowOption},
		{Rule{"points-range", warning, "When no option has 0 points or none has 100, the item cannot use the whole scale and pulls every score the same way."}, pointsRange},
		{Rule{"points-order", warning, "Points that go up and down along the list look like a slip, and readers expect an order."}, pointsOrder},
		{Rule{"overlapping-options", warning, "Where two options hold the same number, who has that number chooses either."}, overlappingOptions},
		{Rule{"labels-unbalanced", warning, "More good answers than bad ones, or the reverse, pull the result to that side."}, labelsUnbalanced},
		{Rule{"too-many-options", info, "Beyond 10 options, or 7 where they are heard or shown on a small screen, the first and last ones win."}, tooManyOptions},
	}
}
