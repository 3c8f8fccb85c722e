package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// How the courses are drawn.
const (
	// shareRising and shareFalling are how many are drawn to move, of all who were surveyed; those without room stay.
	shareRising, shareFalling = 0.25, 0.25
	// shareSilent is how many of those who stay fall silent after lastBeforeSilence waves.
	shareSilent, lastBeforeSilence = 0.05, 3
	// leastSlope and mostSlope are how fast somebody moves, in points of the CMI per 30 days.
	leastSlope, mostSlope = 0.5, 2.5
	// causeShare is how much of a move is in one pillar; the others share the rest.
	causeShare = 0.6
	// room is how many points a pillar must be away from its end to be the cause of a move.
	room = 40
)

// person is a customer who answers waves.
type person struct {
	number int
	id     string
	// real are the survey's answers that the person starts from; a newcomer borrows them.
	real      *cmiv1.Response
	firstSeen time.Time
	// direction is where the person really goes, at slope points of the CMI per 30 days, mostly in the pillar cause.
	direction cmiv1.Direction
	slope     float64
	cause     cmiv1.Pillar
	// first and last are the waves that are answered, and those between them.
	first, last int
}

// purpose is what chance decides about a person. Each has numbers of its own; answers have one more for every wave.
type purpose uint64

const (
	forCourse purpose = iota
	forFlights
	forVisits
	forAnswers
)

func chance(number int, what purpose) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(number)<<16|uint64(what)))
}

// drawKnown draws the course of somebody who was surveyed.
func (s *simulation) drawKnown(number int, real *cmiv1.Response) person {
	r := chance(number, forCourse)
	p := person{
		number: number, id: real.GetCustomerId(), real: real, first: 1, last: waves,
		direction: steady,
		firstSeen: s.now.Add(-time.Duration(365+r.IntN(5*365)) * day),
	}
	drawn, slope := r.Float64(), leastSlope+float64((mostSlope-leastSlope)*r.Float64())
	switch {
	case drawn < shareRising:
		p.turn(r, s.survey, rising, slope)
	case drawn < shareRising+shareFalling:
		p.turn(r, s.survey, falling, -slope)
	case drawn > 1-shareSilent:
		p.last = lastBeforeSilence
	}
	return p
}

// drawNew draws a customer of the last 35 to 85 days.
func (s *simulation) drawNew(i int, borrowed *cmiv1.Response) person {
	number := askedAgain + i
	r := chance(number, forCourse)
	return person{
		number: number, id: fmt.Sprintf("N%02d", i+1), real: borrowed, first: waves - 1, last: waves,
		direction: steady,
		firstSeen: s.now.Add(-time.Duration(35+r.IntN(51)) * day),
	}
}

// turn makes a person move, where a pillar has room for it.
func (p *person) turn(r *rand.Rand, survey *cmiv1.Questionnaire, direction cmiv1.Direction, slope float64) {
	var causes []cmiv1.Pillar
	for _, pillar := range []cmiv1.Pillar{cmiv1.Pillar_PILLAR_ECI, cmiv1.Pillar_PILLAR_BEI, cmiv1.Pillar_PILLAR_FII} {
		score := pillarScore(survey, p.real, pillar)
		if slope > 0 && score <= 100-room || slope < 0 && score >= room {
			causes = append(causes, pillar)
		}
	}
	if len(causes) > 0 {
		p.direction, p.slope, p.cause = direction, slope, causes[r.IntN(len(causes))]
	}
}

// drift is how far a pillar has moved since the survey after so many waves, in points of the pillar. The three together move
// the CMI, which is their mean, by slope a wave.
func (p *person) drift(pillar cmiv1.Pillar, since float64) float64 {
	share := (1 - causeShare) / 2
	if pillar == p.cause {
		share = causeShare
	}
	return float64(3 * share * p.slope * since)
}

func (p *person) profile() *cmiv1.Customer {
	return &cmiv1.Customer{CustomerId: p.id, Segments: segments(p.real), FirstSeenAt: timestamppb.New(p.firstSeen)}
}
