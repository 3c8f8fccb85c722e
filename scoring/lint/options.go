package lint

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// eachOption looks at what every option shows and at its value, in lower case; it stops when look answers true.
func (it *item) eachOption(look func(index int, label, value string) bool) bool {
	options, _ := it.options()
	for i, o := range options {
		label := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(labelOf(o))), "’", "'")
		value := strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(o.GetValue()))
		if look(i, label, value) {
			return true
		}
	}
	return false
}

var wayOut = regexp.MustCompile(`\b(?:other|others|else|another reason|none|nothing|no reason|not listed|different|neither)\b`)

// noOther looks at lists that are kept and not scored, which ask for a reason or a kind.
func noOther(r *reading, found report) {
	for _, it := range r.items {
		options, path := it.options()
		unscored := nominal(it.Item) || it.GetMultipleChoice() != nil && it.weight == 0
		if !unscored || len(options) == 0 || len(it.wordings) == 0 {
			continue
		}
		if !it.eachOption(func(_ int, label, value string) bool { return wayOut.MatchString(label) || wayOut.MatchString(value) }) {
			found(it.at("%s", path), it.name()+" has no option for anything else; add one such as \"Something else\"")
		}
	}
}

var noneOption = regexp.MustCompile(`^(?:none\b|nothing\b|no one$|not any\b|not at all$|never$|neither\b|i (?:have not|haven't|did not|didn't) use)`)

func noneScored(r *reading, found report) {
	for _, it := range r.items {
		if it.GetMultipleChoice() == nil || it.weight == 0 {
			continue
		}
		it.eachOption(func(i int, label, value string) bool {
			if !noneOption.MatchString(label) && !noneOption.MatchString(value) {
				return false
			}
			found(it.at(".multiple_choice.options[%d]", i), fmt.Sprintf("choosing %q counts as one chosen option; take it out, since an empty set of choices is an answer", shorten(label)))
			return false
		})
	}
}

var dontKnow = regexp.MustCompile(`^(?:i )?(?:don't know|do not know|dont know|dk|can't say|cannot say|no answer|no opinion|prefer not to (?:say|answer)|rather not say|not applicable|n/a|n a|na|refused|does not apply|doesn't apply)\b`)

func dontKnowOption(r *reading, found report) {
	for _, it := range r.items {
		_, path := it.options()
		it.eachOption(func(i int, label, value string) bool {
			if dontKnow.MatchString(label) || dontKnow.MatchString(value) {
				found(it.at("%s[%d]", path, i), fmt.Sprintf("%q is an option; take it out and send no_answer (don't know, declined, not applicable) instead", shorten(label)))
			}
			return false
		})
	}
}

// pointsOf answers the points of a scored choice, or nothing where some are missing, which is a fault.
func pointsOf(it *item) []float64 {
	if it.GetChoice() == nil || nominal(it.Item) || it.weight == 0 {
		return nil
	}
	var points []float64
	for _, o := range it.GetChoice().GetOptions() {
		if o == nil || o.Points == nil {
			return nil
		}
		points = append(points, o.GetPoints())
	}
	return points
}

func pointsRange(r *reading, found report) {
	for _, it := range r.items {
		points := pointsOf(it)
		if len(points) == 0 {
			continue
		}
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range points {
			low, high = math.Min(low, p), math.Max(high, p)
		}
		if low > 0 || high < 100 {
			found(it.at(".choice.options"), fmt.Sprintf("the points run from %s to %s; give the lowest option 0 and the highest 100", number(low), number(high)))
		}
	}
}

func pointsOrder(r *reading, found report) {
	for _, it := range r.items {
		points := pointsOf(it)
		rises, falls := false, false
		for i := 1; i < len(points); i++ {
			rises = rises || points[i] > points[i-1]
			falls = falls || points[i] < points[i-1]
		}
		if rises && falls {
			found(it.at(".choice.options"), "the points go up and down along the list; order the options from one end to the other, or check the points")
		}
	}
}

var (
	numericRange = regexp.MustCompile(`(\d+(?:\.\d+)?)\s*(?:-|–|to|bis|à|a)\s*(\d+(?:\.\d+)?)`)
	atLeast      = regexp.MustCompile(`(\d+(?:\.\d+)?)\s*(?:\+|or (?:more|older|over))|(?:at least|from)\s+(\d+(?:\.\d+)?)`)
)

// span reads the numbers that a label stands for.
func span(label string) (low, high float64, ok bool) {
	if m := numericRange.FindStringSubmatch(label); m != nil {
		low, lowErr := strconv.ParseFloat(m[1], 64)
		high, highErr := strconv.ParseFloat(m[2], 64)
		return low, high, lowErr == nil && highErr == nil && low <= high
	}
	if m := atLeast.FindStringSubmatch(label); m != nil {
		low, err := strconv.ParseFloat(m[1]+m[2], 64)
		return low, math.Inf(1), err == nil
	}
	return 0, 0, false
}

func overlappingOptions(r *reading, found report) {
	for _, it := range r.items {
		options, path := it.options()
		lastLow, lastHigh, last := 0.0, 0.0, -1
		for i, o := range options {
			low, high, ok := span(strings.ToLower(labelOf(o)))
			if !ok {
				continue
			}
			if last >= 0 && low <= lastHigh && high >= lastLow {
				found(it.at("%s[%d]", path, i), fmt.Sprintf("%q and %q hold the same number; let each begin where the one before has ended", shorten(labelOf(options[last])), shorten(labelOf(o))))
			}
			lastLow, lastHigh, last = low, high, i
		}
	}
}

var (
	badWord  = regexp.MustCompile(`\b(?:dissatisfied|unsatisfied|unhappy|disagree|unlikely|poor|poorly|bad|badly|worse|worst|terrible|awful|difficult|hard|weak|low|unacceptable|disappoint\w+)\b`)
	goodWord = regexp.MustCompile(`\b(?:satisfied|happy|agree|likely|good|well|better|best|great|excellent|outstanding|easy|strong|high|perfect|acceptable)\b`)
	oneSided = regexp.MustCompile(`^(?:not|no|never|none|hardly|a little)\b`)
)

// labelsUnbalanced counts the labels on either side. A list that runs from not at all upwards has one side on purpose.
func labelsUnbalanced(r *reading, found report) {
	for _, it := range r.items {
		if it.GetChoice() == nil || nominal(it.Item) {
			continue
		}
		good, bad := 0, 0
		graded := it.eachOption(func(_ int, label, _ string) bool {
			switch {
			case oneSided.MatchString(label):
				return true
			case strings.Contains(label, "neither"):
			case badWord.MatchString(label):
				bad++
			case goodWord.MatchString(label):
				good++
			}
			return false
		})
		if !graded && good+bad >= 3 && (good > bad+1 || bad > good+1) {
			found(it.at(".choice.options"), fmt.Sprintf("%d labels are good and %d are bad; offer as many on either side", good, bad))
		}
	}
}

func tooManyOptions(r *reading, found report) {
	most := 10
	for _, channel := range r.q.GetChannels() {
		if channel == cmiv1.Channel_CHANNEL_FACE_TO_FACE || channel == cmiv1.Channel_CHANNEL_MOBILE_APP {
			most = 7
		}
	}
	for _, it := range r.items {
		if options, path := it.options(); len(options) > most {
			found(it.at("%s", path), fmt.Sprintf("%s has %d options; offer at most %d, or ask in two steps", it.name(), len(options), most))
		}
	}
}
