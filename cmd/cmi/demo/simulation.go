package demo

import (
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// What is simulated on top of the survey.
const (
	// askedAgain is how many of the surveyed answer again, the first ones of the file.
	askedAgain = 200
	// newcomers is how many customers are made up altogether; they borrow the answers of the surveyed who follow.
	newcomers = 20
	// waves is how many times they are asked after the survey.
	waves = 8
	// apart is the time from the survey to the first wave and from each wave to the next, lastAgo how long ago the last one is.
	apart, lastAgo = 30 * day, day
	// seed decides all that is left to chance.
	seed = 2026

	day = 24 * time.Hour
)

// The directions in short.
const (
	rising  = cmiv1.Direction_DIRECTION_RISING
	steady  = cmiv1.Direction_DIRECTION_STEADY
	falling = cmiv1.Direction_DIRECTION_FALLING
)

// simulation is what the surveyed customers do and answer after the survey, made up by chance around courses that are known.
type simulation struct {
	now    time.Time
	survey *cmiv1.Questionnaire
	// people are those who answer the waves, the surveyed first.
	people []person
	// surveyed are all responses of the survey.
	surveyed []*cmiv1.Response
}

// simulate draws who takes part and what course each takes. The same survey leads to the same courses at any time; only the
// dates move along with now.
func simulate(survey *cmiv1.Questionnaire, responses []*cmiv1.Response, now time.Time) *simulation {
	s := &simulation{now: now, survey: survey, surveyed: responses}
	for i, r := range responses[:min(askedAgain, len(responses))] {
		s.people = append(s.people, s.drawKnown(i, r))
	}
	for i, r := range responses[len(s.people):min(askedAgain+newcomers, len(responses))] {
		s.people = append(s.people, s.drawNew(i, r))
	}
	return s
}

// waveAt is when a wave is answered; the survey is wave 0.
func waveAt(now time.Time, wave int) time.Time {
	return now.Add(-lastAgo - time.Duration(waves-wave)*apart)
}

// made is what the simulation made of each customer who answers waves: whether they rise, fall or stay.
func (s *simulation) made() map[string]cmiv1.Direction {
	directions := make(map[string]cmiv1.Direction, len(s.people))
	for _, p := range s.people {
		directions[p.id] = p.direction
	}
	return directions
}

// person answers one of those who answer waves, the zero person for anybody else.
func (s *simulation) person(id string) person {
	for _, p := range s.people {
		if p.id == id {
			return p
		}
	}
	return person{}
}

// profiles are those of all surveyed customers and of the newcomers. The card is the survey's; since when somebody is a
// customer is made up, for those who answer waves.
func (s *simulation) profiles() []*cmiv1.Customer {
	var all []*cmiv1.Customer
	for _, p := range s.people {
		all = append(all, p.profile())
	}
	for _, r := range s.surveyed[min(askedAgain, len(s.surveyed)):] {
		all = append(all, &cmiv1.Customer{CustomerId: r.GetCustomerId(), Segments: segments(r)})
	}
	return all
}

// segments groups customers by the card that they hold by the survey.
func segments(r *cmiv1.Response) map[string]string {
	for _, a := range r.GetAnswers() {
		if a.GetItemId() == cardItem {
			return map[string]string{"card": a.GetChoice()}
		}
	}
	return nil
}

// responses are the answers to all waves, wave after wave.
func (s *simulation) responses() []*cmiv1.Response {
	var all []*cmiv1.Response
	for wave := 1; wave <= waves; wave++ {
		for _, p := range s.people {
			if p.first <= wave && wave <= p.last {
				all = append(all, p.answers(s.survey, wave, waveAt(s.now, wave)))
			}
		}
	}
	return all
}

// interactions are what the customers do, customer after customer.
func (s *simulation) interactions() []*cmiv1.Interaction {
	var all []*cmiv1.Interaction
	for _, p := range s.people {
		all = append(all, p.interactions(s.survey, s.now)...)
	}
	return all
}
