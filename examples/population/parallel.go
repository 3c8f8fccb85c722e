package population

import (
	"fmt"
	"math/rand/v2"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// farthest is how many standard deviations of its error an answer of the parallel model lies from the true score at most.
// Beyond that, once in 500 million, the error is drawn again, so that no answer ever reaches the ends of its scale.
const farthest = 6

func (p Plan) parallelHead() *cmiv1.Questionnaire {
	return &cmiv1.Questionnaire{
		QuestionnaireId: fmt.Sprintf("simulated-parallel-%d", p.Items),
		Title:           "Simulated parallel items",
		Description: "For simulated customers. Each pillar is measured by items that are alike: the true score of the pillar plus an " +
			"independent normal error of the same size. It is there to hold measurement error against what can be calculated.",
		Category: "simulation",
	}
}

func (p Plan) parallelQuestions() []question {
	var all []question
	for _, pillar := range []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII} {
		name := strings.TrimPrefix(pillar.String(), "PILLAR_")
		for n := 1; n <= p.Items; n++ {
			all = append(all, question{sd: p.ErrorSD, item: &cmiv1.Item{
				ItemId: fmt.Sprintf("%s%d", strings.ToLower(name), n),
				Prompt: fmt.Sprintf("%s, measurement %d of %d. 0 is the lowest value, 100 the highest.", name, n, p.Items),
				Pillar: pillar,
				Scale:  &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 0, Max: 100}},
			}})
		}
	}
	return all
}

func (p Plan) parallelAnswer(r *rand.Rand, q question, c course, w int) *cmiv1.Answer {
	z := r.NormFloat64()
	for z < -farthest || z > farthest {
		z = r.NormFloat64()
	}
	return number(q.item, c.pillar(p, place(q.item), w)+float64(q.sd*z))
}

// place is the place of an item's pillar among the pillars.
func place(item *cmiv1.Item) int { return int(item.GetPillar() - cmiv1.Pillar_PILLAR_ECI) }

func number(item *cmiv1.Item, x float64) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: item.GetItemId(), Value: &cmiv1.Answer_Number{Number: x}}
}
