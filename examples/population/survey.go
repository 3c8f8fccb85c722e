package population

import (
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// usualActivity is the activity whose questionnaire needs no number in its id.
const usualActivity = 12

func (p Plan) surveyHead() *cmiv1.Questionnaire {
	id := "simulated-survey"
	if p.Activity != usualActivity {
		id += "-" + strconv.FormatFloat(p.Activity, 'f', -1, 64)
	}
	return &cmiv1.Questionnaire{
		QuestionnaireId: id,
		Title:           "Simulated survey",
		Description: "For simulated customers: the kinds of question that real surveys ask, and behaviour that is computed from what the " +
			"customers do. The ratings run from 0 to 10 and from 1 to 7, as in surveys that grew over the years.",
		Category: "simulation",
		Audience: cmiv1.Audience_AUDIENCE_ACTIVE,
		Channels: []cmiv1.Channel{
			cmiv1.Channel_CHANNEL_FACE_TO_FACE, cmiv1.Channel_CHANNEL_ONLINE, cmiv1.Channel_CHANNEL_MOBILE_APP,
		},
	}
}

// surveyQuestions are the items in the order in which they are asked. Likeable statements are answered too high, so that
// good customers meet the end of the scale.
func (p Plan) surveyQuestions() []question {
	const (
		eci = cmiv1.Pillar_PILLAR_ECI
		bei = cmiv1.Pillar_PILLAR_BEI
		fii = cmiv1.Pillar_PILLAR_FII
	)
	return []question{
		{rating(eci, "trust", "trust", 0, 10, "How much do you trust us? 0 means not at all, 10 means completely."), 6, 12},
		{rating(eci, "confidence", "confidence", 1, 7, "How sure are you that we will keep our promises? 1 means not at all, 7 means completely."), 0, 14},
		{reversed(rating(eci, "doubts", "trust", 1, 7, "How often do you have doubts about us? 1 means hardly at all, 7 means very often.")), 0, 16},
		{rating(eci, "attachment", "attachment", 0, 10, "How much would you miss us? 0 means not at all, 10 means very much."), -4, 15},
		{p.measured("frequency", cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_FREQUENCY), 0, 0},
		{p.measured("diversity", cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY), 0, 0},
		{p.measured("recency", cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_RECENCY), 0, 0},
		{item(bei, "first-choice", "frequency", "Did you come to us first the last time you needed such a service?",
			&cmiv1.Item{Scale: &cmiv1.Item_YesNo{YesNo: &cmiv1.YesNo{}}}), 0, 0},
		{item(bei, "days", "frequency", "On how many of the last 30 days did you use our service? A rough number is fine.",
			&cmiv1.Item{Scale: &cmiv1.Item_Count{Count: &cmiv1.Count{Saturation: 12}}}), 0, 10},
		{item(bei, "features", "features", "Which parts of our service do you use? Choose all that fit.",
			&cmiv1.Item{Scale: &cmiv1.Item_MultipleChoice{MultipleChoice: &cmiv1.MultipleChoice{Target: 4, Options: options("orders", "reports", "alerts", "sharing", "help")}}}), 0, 15},
		{rating(fii, "continue", "continue", 1, 7, "How likely are you to use our service in a year from now? 1 means not at all, 7 means certainly."), 5, 13},
		{recommend(), 0, 14},
		{item(fii, "return", "return", "Would you choose us again?", &cmiv1.Item{Scale: &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: scored()}}}), 4, 15},
		{item(cmiv1.Pillar_PILLAR_UNSPECIFIED, "why", "", "What is the main reason for your answers?", &cmiv1.Item{Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}}), 0, 0},
	}
}

// item puts a head before a scale.
func item(pillar cmiv1.Pillar, id, facet, prompt string, with *cmiv1.Item) *cmiv1.Item {
	with.ItemId, with.Pillar, with.Facet, with.Prompt = id, pillar, facet, prompt
	return with
}

// rating is a rating in whole steps.
func rating(pillar cmiv1.Pillar, id, facet string, from, to float64, prompt string) *cmiv1.Item {
	return item(pillar, id, facet, prompt, &cmiv1.Item{
		Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: from, Max: to, Step: new(1.0)}},
	})
}

func reversed(it *cmiv1.Item) *cmiv1.Item {
	it.Reversed = true
	return it
}

// recommend is the question of the Net Promoter Score, which nobody may pass over in silence.
func recommend() *cmiv1.Item {
	it := rating(cmiv1.Pillar_PILLAR_FII, "recommend", "recommend", 0, 10,
		"How likely are you to recommend us to a friend? 0 means not at all likely, 10 means extremely likely.")
	it.Metric, it.Required = cmiv1.Metric_METRIC_NPS, true
	return it
}

// measured is a behaviour item. All of them count the same interactions.
func (p Plan) measured(id string, measure cmiv1.BehaviourMeasure) *cmiv1.Item {
	scale := &cmiv1.BehaviourScale{Measure: measure, Kinds: engaged()}
	if measure == cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_FREQUENCY {
		scale.Saturation = new(p.Activity)
	}
	return item(cmiv1.Pillar_PILLAR_BEI, id, id, "", &cmiv1.Item{Scale: &cmiv1.Item_Behaviour{Behaviour: scale}})
}

func options(values ...string) []*cmiv1.Option {
	all := make([]*cmiv1.Option, len(values))
	for i, value := range values {
		all[i] = &cmiv1.Option{Value: value}
	}
	return all
}

// scored are five options from the best to the worst, 25 points apart.
func scored() []*cmiv1.Option {
	all := options("certainly", "probably", "perhaps", "probably-not", "certainly-not")
	for i, option := range all {
		option.Points = new(float64(100 - 25*i))
	}
	return all
}
