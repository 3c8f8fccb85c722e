package demo

import (
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func simulatedAt(t *testing.T, now time.Time) *simulation {
	t.Helper()
	survey, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := dated(now)
	if err != nil {
		t.Fatal(err)
	}
	return simulate(survey, responses, now)
}

// TestSimulationMovesAsItSays holds the answers against the courses: those who stay keep their level but for chance and the ends
// of the scales, those who move go their way.
func TestSimulationMovesAsItSays(t *testing.T) {
	t.Parallel()
	s := simulatedAt(t, noon())
	moves, n := map[cmiv1.Direction]float64{}, map[cmiv1.Direction]float64{}
	all := walk(s, 7)
	for _, p := range s.people {
		if p.first > 1 || p.last < waves {
			continue
		}
		points := all[p.id].points
		if len(points) != 1+waves {
			t.Fatalf("%s has %d points, want %d", p.id, len(points), 1+waves)
		}
		moves[p.direction] += velocityByHand(points)
		n[p.direction]++
		// Slopes are 0.5 to 2.5; where answers reach an end, or a card changes, the course is not quite straight.
		if got := velocityByHand(points); math.Abs(got-p.slope) > 1.2 {
			t.Errorf("%s moves by %.2f in 30 days, made to move by %.2f", p.id, got, p.slope)
		}
	}
	for d, want := range map[cmiv1.Direction]float64{rising: 1.5, steady: 0, falling: -1.5} {
		if got := moves[d] / n[d]; n[d] < 30 || math.Abs(got-want) > 0.4 {
			t.Errorf("%.0f who are %v move by %.2f on average, want about %.1f", n[d], d, got, want)
		}
	}
}

// TestDriftIsThatOfTheCMI: the CMI is the mean of the three pillars.
func TestDriftIsThatOfTheCMI(t *testing.T) {
	t.Parallel()
	p := person{slope: -2, cause: cmiv1.Pillar_PILLAR_BEI}
	// 8 waves of -2 points are -16 in the CMI, so -48 in the three pillars: 60% of it in one, 20% in each of the others.
	for pillar, want := range map[cmiv1.Pillar]float64{
		cmiv1.Pillar_PILLAR_ECI: -9.6, cmiv1.Pillar_PILLAR_BEI: -28.8, cmiv1.Pillar_PILLAR_FII: -9.6,
	} {
		got := p.drift(pillar, 8)
		near(t, pillar.String(), &got, want)
	}
}

// TestSimulationLiesBeforeNow and after what it depends on, and is the same but for its dates on another day.
func TestSimulationLiesBeforeNow(t *testing.T) {
	t.Parallel()
	s, later := simulatedAt(t, noon()), simulatedAt(t, noon().Add(77*day+time.Second))
	responses, interactions := s.responses(), s.interactions()
	again, did := later.responses(), later.interactions()
	if len(again) != len(responses) || len(did) != len(interactions) {
		t.Fatalf("%d responses and %d interactions, later %d and %d", len(responses), len(interactions), len(again), len(did))
	}
	seen := map[string]bool{}
	for i, r := range responses {
		p := s.person(r.GetCustomerId())
		if at := r.GetSubmittedAt().AsTime(); at.After(noon().Add(-day)) || at.Before(p.firstSeen) || seen[r.GetResponseId()] {
			t.Errorf("%s is at %v, first seen at %v, and there twice: %t", r.GetResponseId(), at, p.firstSeen, seen[r.GetResponseId()])
		}
		seen[r.GetResponseId()] = true
		again[i].SubmittedAt = timestamppb.New(again[i].GetSubmittedAt().AsTime().Add(-77*day - time.Second))
		if !proto.Equal(again[i], r) {
			t.Errorf("on another day %v is %v", r, again[i])
		}
	}
	for i, did2 := range did {
		at := interactions[i].GetOccurredAt().AsTime()
		if p := s.person(interactions[i].GetCustomerId()); at.After(noon().Add(-day)) || at.Before(p.firstSeen) || seen[did2.GetInteractionId()] {
			t.Errorf("%v is too late, too early or there twice", interactions[i])
		}
		seen[did2.GetInteractionId()] = true
		did2.OccurredAt = timestamppb.New(did2.GetOccurredAt().AsTime().Add(-77*day - time.Second))
		if !proto.Equal(did2, interactions[i]) {
			t.Errorf("on another day %v is %v", interactions[i], did2)
		}
	}
}

// TestMoversHaveRoom: nobody is made to rise or fall who cannot.
func TestMoversHaveRoom(t *testing.T) {
	t.Parallel()
	s := simulatedAt(t, noon())
	for i, p := range s.people {
		if p.direction == steady {
			if p.slope != 0 {
				t.Errorf("%s stays, and has a slope of %v", p.id, p.slope)
			}
			continue
		}
		items, _ := itemsByHand(s.surveyed[i])
		ids := pillarItems()[p.cause-cmiv1.Pillar_PILLAR_ECI]
		score := 0.0
		for _, id := range ids {
			score += items[id] / float64(len(ids))
		}
		if p.direction == rising && (score > 60 || p.slope <= 0) || p.direction == falling && (score < 40 || p.slope >= 0) {
			t.Errorf("%s is %v by %v, and its %v is at %v", p.id, p.direction, p.slope, p.cause, score)
		}
	}
}
