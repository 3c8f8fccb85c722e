package lint

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func weightWithoutScore(r *reading, found report) {
	for _, it := range r.items {
		if it.Item == nil || it.Weight == nil || it.GetWeight() <= 0 {
			continue
		}
		switch {
		case it.GetText() != nil:
			found(it.at(".weight"), it.name()+" is a text and is never scored; take the weight out")
		case nominal(it.Item):
			found(it.at(".weight"), it.name()+" has no points and is not scored; give every option points, or take the weight out")
		}
	}
}

func ratingSteps(r *reading, found report) {
	for _, it := range r.items {
		rating := it.GetRating()
		if rating == nil || rating.Step == nil || rating.GetStep() <= 0 || rating.GetMax() <= rating.GetMin() {
			continue
		}
		// A little more than the quotient, so that 1 divided by 0.1 is 10 steps.
		steps := (rating.GetMax()-rating.GetMin())/rating.GetStep() + 1e-9
		switch {
		case steps < 4:
			found(it.at(".rating"), fmt.Sprintf("the rating has %.0f answers; offer 5 to 11", float64(int64(steps))+1))
		case steps >= 11:
			found(it.at(".rating"), fmt.Sprintf("the rating has more than 11 answers, from %s to %s by %s; offer 5 to 11", number(rating.GetMin()), number(rating.GetMax()), number(rating.GetStep())))
		}
	}
}

func ratingUnexplained(r *reading, found report) {
	for _, it := range r.items {
		if it.GetRating() == nil || strings.TrimSpace(it.GetPrompt()) == "" || explainsEnds(it, it.GetPrompt()) {
			continue
		}
		low, high := number(it.GetRating().GetMin()), number(it.GetRating().GetMax())
		found(it.at(".prompt"), fmt.Sprintf("the prompt does not say what %s and %s mean; name both ends, such as %q", low, high, low+" means not at all, "+high+" means very much"))
	}
}

func npsScale(r *reading, found report) {
	for _, it := range r.items {
		if it.GetMetric() != cmiv1.Metric_METRIC_NPS {
			continue
		}
		rating := it.GetRating()
		if rating == nil || rating.GetMin() != 0 || rating.GetMax() != 10 || rating.GetStep() != 1 {
			found(it.at(".metric"), it.name()+" is marked METRIC_NPS and is not a rating from 0 to 10 by 1; make it one, or take the mark off")
		}
	}
}

func csatTopMissing(r *reading, found report) {
	for _, it := range r.items {
		if it.GetMetric() == cmiv1.Metric_METRIC_CSAT && it.GetRating() != nil && it.CsatTop == nil {
			found(it.at(".csat_top"), it.name()+" is marked METRIC_CSAT without csat_top; name the lowest answer that counts as satisfied")
		}
	}
}
