package scoring_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// randomVersion changes a questionnaire as a later version may: items go and come, weights and scales change.
func randomVersion(rng *rand.Rand, q *cmiv1.Questionnaire) *cmiv1.Questionnaire {
	next := randomQuestionnaire(rng)
	for k, m := range next.Items {
		if k < len(q.Items) && rng.IntN(4) > 0 {
			next.Items[k] = proto.CloneOf(q.Items[k])
		} else if rng.IntN(2) == 0 && k >= 3 {
			m.ItemId = "new" + m.ItemId
		}
	}
	return next
}

// randomMeasures draws what the customer did, for each need of a scorer or for none.
func randomMeasures(rng *rand.Rand, s *scoring.Scorer) []*cmiv1.Behaviour {
	if rng.IntN(4) == 0 {
		return nil
	}
	list := make([]*cmiv1.Behaviour, len(s.BehaviourNeeds()))
	for k := range list {
		if rng.IntN(4) > 0 {
			list[k] = &cmiv1.Behaviour{Rate: proto.Float64(5 * rng.Float64())}
		}
		if list[k] != nil && rng.IntN(3) > 0 {
			list[k].Diversity, list[k].DaysSince = proto.Float64(rng.Float64()), proto.Float64(200*rng.Float64())
		}
	}
	return list
}

// scatterKinds gives the behaviour items of a questionnaire different kinds and windows.
func scatterKinds(rng *rand.Rand, q *cmiv1.Questionnaire) {
	for _, m := range q.Items {
		b := m.GetBehaviour()
		if b == nil {
			continue
		}
		b.Kinds = [][]string{{"call", "visit"}, {"visit", "call"}, {"call", "mail"}}[rng.IntN(3)]
		if rng.IntN(3) == 0 {
			b.WindowDays = proto.Float64(30)
		}
	}
}

// eachChange runs a property on pairs of scores of random questionnaires that have a CMI.
func eachChange(t *testing.T, seed uint64, check func(t *testing.T, from, to scoring.Answered)) {
	t.Helper()
	t.Parallel()
	rng, compared := rand.New(rand.NewPCG(seed, 2)), 0
	for range rounds {
		q := randomQuestionnaire(rng)
		scatterKinds(rng, q)
		next := q
		if rng.IntN(2) == 0 {
			next = randomVersion(rng, q)
			scatterKinds(rng, next)
		}
		chance := []float64{0.5, 0.8, 1}[rng.IntN(3)]
		from, to := randomAnswered(t, rng, q, chance), randomAnswered(t, rng, next, chance)
		if from.Score.Cmi != nil && to.Score.Cmi != nil {
			compared++
			check(t, from, to)
		}
	}
	if compared < rounds/4 {
		t.Errorf("compared only %d", compared)
	}
}

func randomAnswered(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, chance float64) scoring.Answered {
	t.Helper()
	s, r := compile(t, q), randomResponse(rng, q, chance)
	if rng.IntN(4) == 0 {
		r.Behaviour = &cmiv1.Behaviour{Rate: proto.Float64(rng.Float64()), DaysSince: proto.Float64(9)}
	}
	score, err := s.ScoreMeasured(r, randomMeasures(rng, s))
	if err != nil {
		t.Fatal(err)
	}
	return scoring.Answered{Scorer: s, Response: r, Score: score}
}

// checkChange checks what holds for every change: its parts add up to the difference of the scores, and the merged steps are
// those that have no field of their own, but for the last of them.
func checkChange(tb testing.TB, from, to scoring.Answered, m *cmiv1.Change) {
	tb.Helper()
	sum := m.GetVersion() + m.GetCoverageBefore() + m.GetCoverageAfter()
	for _, it := range m.Items {
		sum += it.GetChange()
		if !(it.GetScoreBefore() >= 0 && it.GetScoreBefore() <= 100 && it.GetScoreAfter() >= 0 && it.GetScoreAfter() <= 100) {
			tb.Fatalf("item out of bounds: %v", it)
		}
	}
	if delta := *to.Score.Cmi - *from.Score.Cmi; m.GetDelta() != delta || !(math.Abs(sum-delta) <= 1.0000001e-9) {
		tb.Fatalf("parts add up to %v of %v: %v", sum, delta, m)
	}
	var want []cmiv1.ChangeStep
	for step, absent := range map[cmiv1.ChangeStep]bool{1: m.Version == nil, 2: m.CoverageBefore == nil, 3: len(m.Merged) > 0 && len(m.Items) == 0, 4: len(m.Merged) > 0} {
		if absent {
			want = append(want, step)
		}
	}
	slices.Sort(want)
	if m.CoverageAfter == nil || !slices.Equal(m.Merged, want) {
		tb.Fatalf("merged %v, want %v: %v", m.Merged, want, m)
	}
}

func TestTheChangeAddsUp(t *testing.T) {
	merged := 0
	eachChange(t, 1, func(t *testing.T, from, to scoring.Answered) {
		m, err := scoring.ExplainChange(from, to)
		if err != nil {
			t.Fatal(err)
		}
		checkChange(t, from, to, m)
		if len(m.Merged) > 0 {
			merged++
		}
	})
	if merged == 0 {
		t.Error("no change had merged steps")
	}
}

// TestTheChangeToItself: every part is 0.
func TestTheChangeToItself(t *testing.T) {
	eachChange(t, 2, func(t *testing.T, _, to scoring.Answered) {
		m, err := scoring.ExplainChange(to, to)
		if err != nil {
			t.Fatal(err)
		}
		if *m.Delta != 0 || *m.Version != 0 || *m.CoverageBefore != 0 || *m.CoverageAfter != 0 || len(m.Merged) > 0 {
			t.Fatalf("a score differs from itself: %v", m)
		}
		for _, it := range m.Items {
			if *it.Change != 0 || *it.ScoreBefore != *it.ScoreAfter {
				t.Fatalf("an item differs from itself: %v", it)
			}
		}
	})
}

// pick keeps those answers of a response that are asked for.
func pick(r *cmiv1.Response, keep func(*cmiv1.Answer) bool) *cmiv1.Response {
	picked := &cmiv1.Response{Behaviour: r.Behaviour}
	for _, a := range r.Answers {
		if keep(a) {
			picked.Answers = append(picked.Answers, a)
		}
	}
	return picked
}

// TestTheStepsOfAChange scores the responses on the path in the plain way and compares. Behaviour is answered as numbers
// here, or by the responses themselves.
func TestTheStepsOfAChange(t *testing.T) {
	eachChange(t, 3, func(t *testing.T, from, to scoring.Answered) {
		if len(from.Score.ItemBehaviours) > 0 || len(to.Score.ItemBehaviours) > 0 ||
			from.Score.Behaviour != nil || to.Score.Behaviour != nil {
			return
		}
		m, err := scoring.ExplainChange(from, to)
		if err != nil {
			t.Fatal(err)
		}
		readable := pick(from.Response, func(a *cmiv1.Answer) bool {
			_, err := to.Scorer.Score(&cmiv1.Response{Answers: []*cmiv1.Answer{a}})
			return err == nil
		})
		before, after := map[string]cmiv1.NoAnswer{}, map[string]cmiv1.NoAnswer{}
		for _, a := range readable.Answers {
			before[a.ItemId] = a.GetNoAnswer()
		}
		for _, a := range to.Response.Answers {
			after[a.ItemId] = a.GetNoAnswer()
		}
		common := func(a *cmiv1.Answer) bool {
			was, both := before[a.ItemId]
			is, also := after[a.ItemId]
			return both && also && was == is && (was == 0 || was == cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE)
		}
		levels := []*float64{
			explain(t, to.Scorer, readable).Cmi,
			explain(t, to.Scorer, pick(readable, common)).Cmi,
			explain(t, to.Scorer, pick(to.Response, common)).Cmi,
		}
		level := *from.Score.Cmi
		for k, got := range []*float64{m.Version, m.CoverageBefore} {
			if levels[k] == nil {
				if got != nil {
					t.Fatalf("step %d is %v, but ends in nothing", k, *got)
				}
				continue
			}
			if want := *levels[k] - level; got == nil || *got != want {
				t.Fatalf("step %d is %v, want %v", k, got, want)
			}
			level = *levels[k]
		}
		if levels[2] != nil {
			level = *levels[2]
		}
		if want := *to.Score.Cmi - level; *m.CoverageAfter != want {
			t.Fatalf("the last step is %v, want %v", *m.CoverageAfter, want)
		}
	})
}

// TestTheChangeLeavesItsInputsAlone: responses and scores are as they were.
func TestTheChangeLeavesItsInputsAlone(t *testing.T) {
	eachChange(t, 4, func(t *testing.T, from, to scoring.Answered) {
		var copies []proto.Message
		inputs := []proto.Message{from.Response, from.Score, to.Response, to.Score}
		for _, m := range inputs {
			copies = append(copies, proto.Clone(m))
		}
		if _, err := scoring.ExplainChange(from, to); err != nil {
			t.Fatal(err)
		}
		for k := range inputs {
			if !proto.Equal(inputs[k], copies[k]) {
				t.Fatalf("input %d changed to %v", k, inputs[k])
			}
		}
	})
}

// TestAChangeThatCannotBeTold: what is given does not fit together.
func TestAChangeThatCannotBeTold(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q", "e ECI rating 0..10", "b BEI rating 0..10", "f FII rating 0..10"))
	fine := func() scoring.Answered {
		r := response(t, "e=5 b=5 f=5 @response_id=r-1")
		return scoring.Answered{Scorer: s, Response: r, Score: explain(t, s, r)}
	}
	if _, err := scoring.ExplainChange(fine(), fine()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*scoring.Answered){
		"no scorer":                  func(a *scoring.Answered) { a.Scorer = nil },
		"no score":                   func(a *scoring.Answered) { a.Score = nil },
		"no response":                func(a *scoring.Answered) { a.Response = nil },
		"a score of another":         func(a *scoring.Answered) { a.Score.Cmi = proto.Float64(50.00000001) },
		"a response of another":      func(a *scoring.Answered) { a.Response = response(t, "e=5 b=5 f=6") },
		"a response to another":      func(a *scoring.Answered) { a.Response = response(t, "e=5 b=5 g=5") },
		"a response without a score": func(a *scoring.Answered) { a.Response = response(t, "e=5") },
	} {
		for _, spoilt := range []int{0, 1} {
			ends := []scoring.Answered{fine(), fine()}
			spoil(&ends[spoilt])
			got, err := scoring.ExplainChange(ends[0], ends[1])
			var not *scoring.NotComparable
			if got != nil || err == nil || errors.As(err, &not) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
}

// FuzzExplainChange compares any two responses to any two questionnaires. It must answer with parts that add up, or with
// an error.
func FuzzExplainChange(f *testing.F) {
	questionnaires, responses := seeds(f)
	for k := range questionnaires {
		for j := range questionnaires {
			q, _ := proto.Marshal(questionnaires[k])
			next, _ := proto.Marshal(questionnaires[j])
			r, _ := proto.Marshal(responses[k])
			later, _ := proto.Marshal(responses[j])
			f.Add(q, next, r, later, uint64(k))
		}
	}
	f.Fuzz(func(t *testing.T, earlier, later, before, after []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 3))
		from, ok := fuzzed(t, rng, earlier, before)
		if !ok {
			return
		}
		to, ok := fuzzed(t, rng, later, after)
		if !ok {
			return
		}
		m, err := scoring.ExplainChange(from, to)
		var not *scoring.NotComparable
		if unscored := from.Score.Cmi == nil || to.Score.Cmi == nil; unscored != errors.As(err, &not) || !unscored && err != nil {
			t.Fatalf("error %v for %v and %v", err, from.Score, to.Score)
		}
		if err == nil {
			checkChange(t, from, to, m)
		}
	})
}

// fuzzed scores a response with drawn measures, where that is possible.
func fuzzed(t *testing.T, rng *rand.Rand, questionnaire, response []byte) (scoring.Answered, bool) {
	q, r := new(cmiv1.Questionnaire), new(cmiv1.Response)
	if proto.Unmarshal(questionnaire, q) != nil || proto.Unmarshal(response, r) != nil {
		return scoring.Answered{}, false
	}
	s, err := scoring.Compile(q)
	if err != nil {
		return scoring.Answered{}, false
	}
	score, err := s.ScoreMeasured(r, randomMeasures(rng, s))
	if err != nil {
		checkInvalid(t, err)
		return scoring.Answered{}, false
	}
	return scoring.Answered{Scorer: s, Response: r, Score: score}, true
}
