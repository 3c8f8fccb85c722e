package columnartest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Questionnaire is one with an item of every kind.
func Questionnaire() *cmiv1.Questionnaire {
	options := []*cmiv1.Option{{Value: "free", Points: proto.Float64(10)}, {Value: "basic", Points: proto.Float64(60)}, {Value: "full", Points: proto.Float64(100)}}
	return &cmiv1.Questionnaire{QuestionnaireId: "survey", Items: []*cmiv1.Item{
		{ItemId: "trust", Prompt: "Do you trust us?", Pillar: 1, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 10, Step: proto.Float64(1)}}},
		{ItemId: "miss", Pillar: 1, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: -1, Max: 1}}},
		{ItemId: "visits", Pillar: 2, Scale: &cmiv1.Item_Count{Count: &cmiv1.Count{Saturation: 30}}},
		{ItemId: "features", Pillar: 2, Scale: &cmiv1.Item_MultipleChoice{MultipleChoice: &cmiv1.MultipleChoice{Options: options, Target: 2}}},
		{ItemId: "plan", Pillar: 2, Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: options}}},
		{ItemId: "nps", Pillar: 3, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 10, Step: proto.Float64(1)}}},
		{ItemId: "switch", Pillar: 3, Reversed: true, Scale: &cmiv1.Item_YesNo{YesNo: &cmiv1.YesNo{}}},
		{ItemId: "why", Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}},
	}}
}

// Responses draws responses as columns can say them: some skip items, some do not apply, some answers are not allowed.
func Responses(rng *rand.Rand, q *cmiv1.Questionnaire, n int) []*cmiv1.Response {
	all := make([]*cmiv1.Response, n)
	for k := range all {
		r := &cmiv1.Response{ResponseId: fmt.Sprintf("r-%d", k)}
		if rng.IntN(3) > 0 {
			r.CustomerId, r.Channel = fmt.Sprintf("c-%d", rng.IntN(20)), cmiv1.Channel(rng.IntN(4))
			r.SubmittedAt = timestamppb.New(time.Unix(1_790_000_000+rng.Int64N(1e6), 123_000))
		}
		for _, m := range q.GetItems() {
			switch rng.IntN(8) {
			case 0:
			case 1:
				r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: m.GetItemId(), Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE}})
			default:
				r.Answers = append(r.Answers, anAnswer(rng, m))
			}
		}
		all[k] = r
	}
	return all
}

func anAnswer(rng *rand.Rand, m *cmiv1.Item) *cmiv1.Answer {
	a, words := &cmiv1.Answer{ItemId: m.GetItemId()}, []string{"free", "basic", "full", "free", "basic", "full", "gold", ""}
	switch m.GetScale().(type) {
	case *cmiv1.Item_YesNo:
		a.Value = &cmiv1.Answer_Yes{Yes: rng.IntN(2) == 0}
	case *cmiv1.Item_Choice:
		a.Value = &cmiv1.Answer_Choice{Choice: words[rng.IntN(len(words))]}
	case *cmiv1.Item_MultipleChoice:
		var some []string
		for range rng.IntN(3) {
			some = append(some, words[rng.IntN(len(words))])
		}
		a.Value = &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: some}}
	case *cmiv1.Item_Text:
		a.Value = &cmiv1.Answer_Text{Text: "because " + words[rng.IntN(len(words))]}
	default:
		a.Value = &cmiv1.Answer_Number{Number: float64(rng.IntN(12))}
		if m.GetItemId() == "miss" {
			a.Value = &cmiv1.Answer_Number{Number: []float64{rng.Float64(), -rng.Float64(), math.NaN()}[rng.IntN(3)]}
		}
	}
	return a
}
