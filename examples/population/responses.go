package population

import (
	"math/rand/v2"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Responses makes what the customer of a number answers to [Plan.Questionnaire], as [Plan.Customer] does. Behaviour items
// are not answered: what they measure is the customer's interactions.
func (p Plan) Responses(i int) []*cmiv1.Response {
	c, there := p.course(i), p.presence(i)
	ask := p.asked()
	id, home := p.id(i), channel(p.chance(i, forAnswers))
	all := make([]*cmiv1.Response, 0, there.last-there.first+1)
	for w := there.first; w <= there.last; w++ {
		r := p.chance(i, forAnswers+1+purpose(w))
		missed := r.Float64() < p.Gap
		if missed && w > there.first && w < there.last && !there.silent {
			continue
		}
		all = append(all, p.response(r, id, w, c, ask, usual(r, home)))
	}
	return all
}

func (p Plan) response(r *rand.Rand, id string, w int, c course, ask []question, where cmiv1.Channel) *cmiv1.Response {
	at := p.wave(w).Add(seconds(r.Float64() * p.span().Seconds()))
	response := &cmiv1.Response{
		ResponseId: numbered(id, "-w", w, 4), CustomerId: id,
		Channel: where, SubmittedAt: timestamppb.New(at),
		Answers: make([]*cmiv1.Answer, 0, len(ask)),
	}
	for _, q := range ask {
		if a := p.answer(r, q, c, w); a != nil {
			response.Answers = append(response.Answers, a)
		}
	}
	return response
}

// question is an item as it is answered.
type question struct {
	item *cmiv1.Item
	// shift is by how many points answers lie above the true score of the pillar on average.
	shift float64
	// sd is the standard deviation of the error, in points.
	sd float64
}

// asked lists the questions of the plan's questionnaire.
func (p Plan) asked() []question {
	if p.Model == Parallel {
		return p.parallelQuestions()
	}
	return p.surveyQuestions()
}

// Questionnaire answers what the customers are asked. Its id says the model and what of the plan it depends on.
func (p Plan) Questionnaire() *cmiv1.Questionnaire {
	q := p.parallelHead()
	if p.Model == Survey {
		q = p.surveyHead()
	}
	q.Series = q.GetQuestionnaireId()
	for _, asked := range p.asked() {
		q.Items = append(q.Items, asked.item)
	}
	return q
}

func (p Plan) answer(r *rand.Rand, q question, c course, w int) *cmiv1.Answer {
	if p.Model == Parallel {
		return p.parallelAnswer(r, q, c, w)
	}
	return p.surveyAnswer(r, q, c, w)
}
