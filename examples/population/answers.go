package population

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// surveyAnswer answers a question of the survey; nil: it is skipped, or measured instead of asked.
func (p Plan) surveyAnswer(r *rand.Rand, q question, c course, w int) *cmiv1.Answer {
	switch q.item.GetScale().(type) {
	case *cmiv1.Item_Behaviour:
		return nil
	case *cmiv1.Item_Text:
		return p.comment(r, q.item, c.momentum(p, w))
	}
	score := c.pillar(p, place(q.item), w) + q.shift + float64(q.sd*r.NormFloat64())
	answer := answerNear(r, q.item, min(100, max(0, score)))
	switch pick(r, p.DontKnow, p.Declined, p.NotApplicable, p.Skipped, 1-p.DontKnow-p.Declined-p.NotApplicable-p.Skipped) {
	case 0:
		return without(q.item, cmiv1.NoAnswer_NO_ANSWER_DONT_KNOW)
	case 1:
		return without(q.item, cmiv1.NoAnswer_NO_ANSWER_DECLINED)
	case 2:
		return without(q.item, cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE)
	case 3:
		if q.item.GetRequired() {
			return without(q.item, cmiv1.NoAnswer_NO_ANSWER_DECLINED)
		}
		return nil
	}
	return answer
}

func without(item *cmiv1.Item, why cmiv1.NoAnswer) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: item.GetItemId(), Value: &cmiv1.Answer_NoAnswer{NoAnswer: why}}
}

// answerNear answers what scores as near to a score of 0..100 as the scale allows; yes or no by its chance.
func answerNear(r *rand.Rand, item *cmiv1.Item, score float64) *cmiv1.Answer {
	if item.GetReversed() {
		score = 100 - score
	}
	a := &cmiv1.Answer{ItemId: item.GetItemId()}
	switch scale := item.GetScale().(type) {
	case *cmiv1.Item_Rating:
		steps := (scale.Rating.GetMax() - scale.Rating.GetMin()) / scale.Rating.GetStep()
		a.Value = &cmiv1.Answer_Number{Number: scale.Rating.GetMin() + float64(scale.Rating.GetStep()*math.Round(steps*score/100))}
	case *cmiv1.Item_Choice:
		a.Value = &cmiv1.Answer_Choice{Choice: nearest(scale.Choice.GetOptions(), score).GetValue()}
	case *cmiv1.Item_MultipleChoice:
		a.Value = &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: some(r, scale.MultipleChoice, score)}}
	case *cmiv1.Item_YesNo:
		a.Value = &cmiv1.Answer_Yes{Yes: 100*r.Float64() < score}
	case *cmiv1.Item_Count:
		a.Value = &cmiv1.Answer_Number{Number: math.Round(math.Expm1(math.Log1p(scale.Count.GetSaturation()) * score / 100))}
	}
	return a
}

// nearest is the option whose points are nearest, the first of them.
func nearest(options []*cmiv1.Option, score float64) *cmiv1.Option {
	return slices.MinFunc(options, func(a, b *cmiv1.Option) int {
		return cmp.Compare(math.Abs(a.GetPoints()-score), math.Abs(b.GetPoints()-score))
	})
}

// some draws as many options as the score asks for, any of them, in their order.
func some(r *rand.Rand, choice *cmiv1.MultipleChoice, score float64) []string {
	n := int(math.Round(float64(choice.GetTarget()) * score / 100))
	places := r.Perm(len(choice.GetOptions()))[:n]
	slices.Sort(places)
	values := make([]string, n)
	for i, at := range places {
		values[i] = choice.GetOptions()[at].GetValue()
	}
	return values
}

// comment says why, sometimes, in words that go with where the customer stands.
func (p Plan) comment(r *rand.Rand, item *cmiv1.Item, momentum float64) *cmiv1.Answer {
	if said := r.Float64() < p.Comment; !said {
		return nil
	}
	type reason struct{ text, topic string }
	reasons := []reason{
		{"Everything works, and when it does not, help comes fast.", "service"},
		{"It saves me an hour a day.", "value"},
		{"I like the people there.", "people"},
	}
	switch {
	case momentum < 50:
		reasons = []reason{
			{"Too expensive for what I use of it.", "price"},
			{"The last two deliveries were late, and nobody said so.", "delivery"},
			{"I have to explain my case anew on every call.", "service"},
		}
	case momentum < 80:
		reasons = []reason{
			{"It does what it should.", "value"},
			{"Good, but the app is slow on my telephone.", "app"},
			{"I would use more of it if I understood the reports.", "features"},
		}
	}
	said := reasons[r.IntN(len(reasons))]
	return &cmiv1.Answer{ItemId: item.GetItemId(), Value: &cmiv1.Answer_Text{Text: said.text}, Topics: []string{said.topic}}
}
