package scoring

// How much a questionnaire may hold. Texts are measured in characters (code points).
const (
	maxItems        = 500
	maxOptions      = 200
	maxKinds        = 100
	maxTranslations = 100
	maxTitle        = 200
	maxDescription  = 4000
	maxCategory     = 200
	maxPrompt       = 2000
	maxWord         = 100 // a facet or a focus area
	maxOptionValue  = 200
	maxLabel        = 500
	maxKind         = 128
	maxLanguageTag  = 35 // RFC 5646, section 4.4.1, asks for room for 35
	maxSteps        = 1e9
)

// How much an answer may hold.
const (
	maxText   = 10_000
	maxTopics = 20
	maxTopic  = 100
)

// How much an error may hold: what is refused must not cost more than what is accepted.
const (
	maxFaults     = 1000
	maxViolations = 50
	maxQuoted     = 40 // characters of a value that a message repeats
	maxListed     = 10 // options or items that a message lists
)

// maxWeightRatio bounds the largest weight over the smallest positive one, within a pillar and between pillars. Weights
// further apart would vanish beside each other.
const maxWeightRatio = 1e100
