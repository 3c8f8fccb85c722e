package demo

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The items of the airline's questionnaire that say what customers do.
const flightsItem, cardItem = "nflights", "status"

// ratingError and countError are the standard deviations of what chance adds to an answer, in points of the item's score. A
// card is what it is.
const ratingError, countError = 10, 2

// answers makes up what a person answers to a wave: the real answer, moved along the person's course, with an error of its own
// for each item.
func (p *person) answers(survey *cmiv1.Questionnaire, wave int, at time.Time) *cmiv1.Response {
	r := chance(p.number, forAnswers+purpose(wave))
	response := &cmiv1.Response{
		ResponseId: fmt.Sprintf("airline-%s-wave%d", p.id, wave), CustomerId: p.id,
		Channel: p.real.GetChannel(), SubmittedAt: timestamppb.New(at),
	}
	for _, it := range survey.GetItems() {
		said := answerTo(p.real, it)
		if said == nil {
			continue
		}
		score := itemScore(it, said) + p.drift(it.GetPillar(), float64(wave))
		response.Answers = append(response.Answers, answerNear(r, it, score))
	}
	return response
}

// answerTo is what a response answers to an item, nil where nothing.
func answerTo(r *cmiv1.Response, it *cmiv1.Item) *cmiv1.Answer {
	i := slices.IndexFunc(r.GetAnswers(), func(a *cmiv1.Answer) bool { return a.GetItemId() == it.GetItemId() })
	if i < 0 {
		return nil
	}
	return r.GetAnswers()[i]
}

// itemScore is where an answer stands between the ends of its scale, 0..100, and above that for a count beyond saturation.
func itemScore(it *cmiv1.Item, a *cmiv1.Answer) float64 {
	switch scale := it.GetScale().(type) {
	case *cmiv1.Item_Rating:
		return 100 * (a.GetNumber() - scale.Rating.GetMin()) / (scale.Rating.GetMax() - scale.Rating.GetMin())
	case *cmiv1.Item_Count:
		return 100 * math.Log1p(a.GetNumber()) / math.Log1p(scale.Count.GetSaturation())
	case *cmiv1.Item_Choice:
		for _, option := range scale.Choice.GetOptions() {
			if option.GetValue() == a.GetChoice() {
				return option.GetPoints()
			}
		}
	}
	return 0
}

// answerNear makes up an answer around a score.
func answerNear(r *rand.Rand, it *cmiv1.Item, score float64) *cmiv1.Answer {
	a := &cmiv1.Answer{ItemId: it.GetItemId()}
	switch scale := it.GetScale().(type) {
	case *cmiv1.Item_Rating:
		score = min(100, max(0, score+float64(ratingError*r.NormFloat64())))
		steps := math.Round((scale.Rating.GetMax() - scale.Rating.GetMin()) * score / 100)
		a.Value = &cmiv1.Answer_Number{Number: scale.Rating.GetMin() + steps}
	case *cmiv1.Item_Count:
		a.Value = &cmiv1.Answer_Number{Number: math.Round(countAt(scale.Count, score+float64(countError*r.NormFloat64())))}
	case *cmiv1.Item_Choice:
		a.Value = &cmiv1.Answer_Choice{Choice: slices.MinFunc(scale.Choice.GetOptions(), func(x, y *cmiv1.Option) int {
			return cmp.Compare(math.Abs(x.GetPoints()-score), math.Abs(y.GetPoints()-score))
		}).GetValue()}
	}
	return a
}

// countAt is the count that has a score.
func countAt(scale *cmiv1.Count, score float64) float64 {
	return math.Expm1(math.Log1p(scale.GetSaturation()) * max(0, score) / 100)
}

// pillarScore is the mean of the item scores of a pillar: in the airline's questionnaire all items weigh alike.
func pillarScore(survey *cmiv1.Questionnaire, r *cmiv1.Response, pillar cmiv1.Pillar) float64 {
	sum, n := 0.0, 0
	for _, it := range survey.GetItems() {
		if a := answerTo(r, it); a != nil && it.GetPillar() == pillar {
			sum += min(100, itemScore(it, a))
			n++
		}
	}
	return sum / float64(max(1, n))
}
