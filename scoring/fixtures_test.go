package scoring_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// compile compiles a questionnaire that must be free of faults.
func compile(tb testing.TB, q *cmiv1.Questionnaire) *scoring.Scorer {
	tb.Helper()
	s, err := scoring.Compile(q)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// questionnaire reads items in the language of the cases.
func questionnaire(tb testing.TB, head string, items ...string) *cmiv1.Questionnaire {
	tb.Helper()
	q, err := readQuestionnaire(head)
	if err != nil {
		tb.Fatal(err)
	}
	for _, line := range items {
		item, err := readItem(line)
		if err != nil {
			tb.Fatal(err)
		}
		q.Items = append(q.Items, item)
	}
	return q
}

// response reads answers in the language of the cases.
func response(tb testing.TB, line string) *cmiv1.Response {
	tb.Helper()
	r, err := readResponse(line)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// twelve is a questionnaire as people use them: 12 items, every kind of scale, facets.
func twelve(tb testing.TB) (*cmiv1.Questionnaire, *cmiv1.Response) {
	tb.Helper()
	q := questionnaire(tb, "twelve version=1",
		"trust ECI rating 1..10 step=1 facet=trust weight=2",
		"safe ECI rating 1..10 step=1 facet=trust",
		"miss ECI rating 1..5 step=1 facet=attachment",
		"doubt ECI rating 1..5 step=1 facet=confidence reversed",
		"visits BEI count saturation=30 facet=frequency",
		"features BEI multiple search: alerts: export: share: target=3 facet=features",
		"plan BEI choice free:20 basic:60 full:100 facet=features",
		"daily BEI yes_no facet=frequency",
		"nps FII rating 0..10 step=1 facet=recommend metric=NPS",
		"stay FII rating 1..10 step=1 facet=continue",
		"switch FII yes_no facet=continue reversed",
		"why - text",
	)
	r := response(tb, `trust=8 safe=7 miss=4 doubt=2 visits=12 features={search,export} plan=basic daily=yes nps=9 stay=8 switch=no why="works well" @response_id=r-1 @customer_id=c-1 @channel=2`)
	r.SubmittedAt = &timestamppb.Timestamp{Seconds: 1_790_000_000, Nanos: 123_456_789}
	return q, r
}

// randomQuestionnaire draws a questionnaire that compiles: every pillar starts with a rating of positive weight.
func randomQuestionnaire(rng *rand.Rand) *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{QuestionnaireId: "random", PillarWeights: &cmiv1.PillarWeights{}}
	for _, w := range []**float64{&q.PillarWeights.Eci, &q.PillarWeights.Bei, &q.PillarWeights.Fii} {
		if rng.IntN(2) == 0 {
			*w = proto.Float64(0.1 + 5*rng.Float64())
		}
	}
	for k := range 3 + rng.IntN(15) {
		m := &cmiv1.Item{ItemId: fmt.Sprintf("i%d", k), Pillar: cmiv1.Pillar(k%3 + 1), Reversed: rng.IntN(3) == 0}
		if rng.IntN(2) == 0 {
			m.Weight = proto.Float64(0.05 + 3*rng.Float64())
		}
		m.Facet = []string{"", "one", "two"}[rng.IntN(3)]
		kind := 0
		if k >= 3 {
			kind = rng.IntN(7)
		}
		randomScale(rng, m, kind)
		q.Items = append(q.Items, m)
	}
	return q
}

func randomScale(rng *rand.Rand, m *cmiv1.Item, kind int) {
	options := []*cmiv1.Option{{Value: "a"}, {Value: "b"}, {Value: "c"}, {Value: "d"}}
	switch kind {
	case 0:
		low := float64(rng.IntN(5) - 2)
		m.Scale = &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: low, Max: low + 1 + float64(rng.IntN(10)), Step: proto.Float64(1)}}
	case 1:
		m.Scale = &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: -rng.Float64(), Max: rng.Float64() + 0.1}}
	case 2:
		for _, o := range options {
			o.Points = proto.Float64(100 * rng.Float64())
		}
		m.Scale = &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: options}}
	case 3:
		m.Scale = &cmiv1.Item_MultipleChoice{MultipleChoice: &cmiv1.MultipleChoice{Options: options, Target: int32(1 + rng.IntN(4))}}
	case 4:
		m.Scale = &cmiv1.Item_YesNo{YesNo: &cmiv1.YesNo{}}
	case 5:
		m.Scale = &cmiv1.Item_Count{Count: &cmiv1.Count{Saturation: 1 + 50*rng.Float64()}}
	default:
		m.Scale = &cmiv1.Item_Behaviour{Behaviour: &cmiv1.BehaviourScale{
			Measure: cmiv1.BehaviourMeasure(1 + rng.IntN(3)), Kinds: []string{"call", "visit"},
		}}
	}
}

// randomResponse answers each item with the given chance, and says why not for some of the others.
func randomResponse(rng *rand.Rand, q *cmiv1.Questionnaire, chance float64) *cmiv1.Response {
	r := new(cmiv1.Response)
	for _, m := range q.Items {
		a := &cmiv1.Answer{ItemId: m.ItemId}
		switch {
		case rng.Float64() < chance:
			randomAnswer(rng, m, a)
		case rng.IntN(2) == 0:
			a.Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer(1 + rng.IntN(3))}
		default:
			continue
		}
		r.Answers = append(r.Answers, a)
	}
	return r
}

func randomAnswer(rng *rand.Rand, m *cmiv1.Item, a *cmiv1.Answer) {
	letters := []string{"a", "b", "c", "d"}
	switch v := m.Scale.(type) {
	case *cmiv1.Item_Rating:
		x := v.Rating.Min + rng.Float64()*(v.Rating.Max-v.Rating.Min)
		if v.Rating.Step != nil {
			x = v.Rating.Min + float64(rng.IntN(int(v.Rating.Max-v.Rating.Min)+1))
		}
		a.Value = &cmiv1.Answer_Number{Number: x}
	case *cmiv1.Item_Choice:
		a.Value = &cmiv1.Answer_Choice{Choice: letters[rng.IntN(4)]}
	case *cmiv1.Item_MultipleChoice:
		rng.Shuffle(4, func(i, j int) { letters[i], letters[j] = letters[j], letters[i] })
		a.Value = &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: letters[:rng.IntN(5)]}}
	case *cmiv1.Item_YesNo:
		a.Value = &cmiv1.Answer_Yes{Yes: rng.IntN(2) == 0}
	default:
		a.Value = &cmiv1.Answer_Number{Number: rng.Float64()} // a count, and each measure of behaviour
	}
}
