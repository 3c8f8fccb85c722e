package scoring_test

import (
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// TestTheSameVersionScoresTheSame: by the version and the measures that a response was recorded with, it is the recorded score.
func TestTheSameVersionScoresTheSame(t *testing.T) {
	eachMeasured(t, 31, func(t *testing.T, s *scoring.Scorer, r *cmiv1.Response, measured []*cmiv1.Behaviour) {
		want, err := s.ScoreMeasured(r, measured)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Rescore(r, measured)
		if err != nil || !proto.Equal(got, want) {
			t.Fatalf("%v, again\n%v\nwas\n%v", err, got, want)
		}
	})
}

// TestAnotherVersionScoresWhatItCanRead: as if the response had been given to it without the answers that it would refuse.
func TestAnotherVersionScoresWhatItCanRead(t *testing.T) {
	t.Parallel()
	rng, left := rand.New(rand.NewPCG(32, 2)), 0
	for range rounds {
		q := randomQuestionnaire(rng)
		next := randomVersion(rng, q)
		for _, m := range next.Items {
			m.Required = false
		}
		s, r := compile(t, next), randomResponse(rng, q, 0.8)
		measured := randomMeasures(rng, s)
		readable := proto.CloneOf(r)
		readable.Answers = nil
		for _, a := range r.Answers {
			alone := &cmiv1.Response{CustomerId: r.CustomerId, Answers: []*cmiv1.Answer{a}}
			if _, err := s.Score(alone); err == nil {
				readable.Answers = append(readable.Answers, a)
			}
		}
		left += len(r.Answers) - len(readable.Answers)
		want, err := s.ScoreMeasured(readable, measured)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Rescore(r, measured)
		if err != nil || !proto.Equal(got, want) {
			t.Fatalf("%v, of %v\n%v\nwant\n%v", err, r, got, want)
		}
	}
	if left == 0 {
		t.Error("every version could read every answer")
	}
}

// TestRescoreNeedsNoRequiredAnswer: a version that asks for more than was answered scores what was.
func TestRescoreNeedsNoRequiredAnswer(t *testing.T) {
	t.Parallel()
	q := randomQuestionnaire(rand.New(rand.NewPCG(33, 2)))
	for _, m := range q.Items {
		m.Required = true
	}
	s := compile(t, q)
	if _, err := s.Score(&cmiv1.Response{}); err == nil {
		t.Fatal("the questionnaire has no required item")
	}
	score, err := s.Rescore(&cmiv1.Response{}, nil)
	if err != nil || score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED {
		t.Errorf("%v, %v", score, err)
	}
}
