package scoring_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// rounds is how many random questionnaires each property is tried with.
const rounds = 400

// each runs a property on random questionnaires and responses, from a fixed seed.
func each(t *testing.T, seed uint64, check func(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response)) {
	t.Helper()
	t.Parallel()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range rounds {
		q := randomQuestionnaire(rng)
		check(t, rng, q, randomResponse(rng, q, []float64{0.5, 0.8, 1}[rng.IntN(3)]))
	}
}

func explain(t *testing.T, s *scoring.Scorer, r *cmiv1.Response) *cmiv1.Score {
	t.Helper()
	got, err := s.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// near reports whether two optional numbers are both absent, or 1e-9 apart at most.
func near(a, b *float64) bool {
	return (a == nil) == (b == nil) && (a == nil || math.Abs(*a-*b) <= 1.0000001e-9)
}

func TestScoresAreBounded(t *testing.T) {
	each(t, 1, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		checkScore(t, explain(t, compile(t, q), r))
	})
}

// checkScore checks what holds for every score.
func checkScore(tb testing.TB, s *cmiv1.Score) {
	tb.Helper()
	within := func(what string, x *float64, high float64) {
		tb.Helper()
		if x != nil && !(*x >= 0 && *x <= high && !math.Signbit(*x)) {
			tb.Fatalf("%s is %v in %v", what, *x, s)
		}
	}
	within("cmi", s.Cmi, 100)
	if (s.Cmi == nil) != (s.Status == cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED) || (s.DisplayScore == nil) != (s.Cmi == nil) || (s.Bucket == 0) != (s.Cmi == nil) {
		tb.Fatalf("status, cmi, display score and bucket disagree: %v", s)
	}
	if s.Cmi != nil && float64(*s.DisplayScore) != math.Floor(*s.Cmi) {
		tb.Fatalf("display score %d of %v", *s.DisplayScore, *s.Cmi)
	}
	if len(s.Pillars) != 3 {
		tb.Fatalf("%d pillars", len(s.Pillars))
	}
	for _, p := range s.Pillars {
		within("pillar", p.Score, 100)
		within("coverage", p.Coverage, 1)
		if p.Coverage == nil {
			tb.Fatal("no coverage")
		}
		for _, f := range p.Facets {
			within("facet", f.Score, 100)
			within("coverage", f.Coverage, 1)
		}
	}
}

func TestScoresRiseWithEachAnswer(t *testing.T) {
	each(t, 2, func(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		s := compile(t, q)
		before := explain(t, s, r)
		for k, a := range r.Answers {
			number, ok := a.Value.(*cmiv1.Answer_Number)
			if !ok || before.Cmi == nil {
				continue
			}
			var item *cmiv1.Item
			for _, m := range q.Items {
				if m.ItemId == a.ItemId {
					item = m
				}
			}
			other := proto.CloneOf(r)
			randomAnswer(rng, item, other.Answers[k])
			up := other.Answers[k].GetNumber() - number.Number
			if item.Reversed {
				up = -up
			}
			if item.GetBehaviour().GetMeasure() == cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_RECENCY {
				up = -up // more days are less recent
			}
			after := explain(t, s, other)
			if rise := *after.Cmi - *before.Cmi; up > 0 && rise < 0 || up < 0 && rise > 0 || up == 0 && rise != 0 {
				t.Fatalf("item %v: the answer moved by %v for the better, the CMI by %v", item, up, rise)
			}
		}
	})
}

func TestTheOrderOfAnswersDoesNotMatter(t *testing.T) {
	each(t, 3, func(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		s := compile(t, q)
		want := explain(t, s, r)
		rng.Shuffle(len(r.Answers), func(i, j int) { r.Answers[i], r.Answers[j] = r.Answers[j], r.Answers[i] })
		if got := explain(t, s, r); !proto.Equal(got, want) {
			t.Fatalf("shuffled:\n%v\n%v", got, want)
		}
	})
}

func TestOnlyRatiosOfWeightsMatter(t *testing.T) {
	each(t, 4, func(t *testing.T, rng *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		want := explain(t, compile(t, q), r)
		one := func(w **float64, factor float64) {
			if *w == nil {
				*w = proto.Float64(1)
			}
			*w = proto.Float64(**w * factor)
		}
		factors := [4]float64{}
		for k := range factors {
			factors[k] = math.Exp(20*rng.Float64() - 10)
		}
		for _, m := range q.Items {
			one(&m.Weight, factors[m.Pillar-1])
		}
		one(&q.PillarWeights.Eci, factors[3])
		one(&q.PillarWeights.Bei, factors[3])
		one(&q.PillarWeights.Fii, factors[3])
		got := explain(t, compile(t, q), r)
		same := got.Status == want.Status && near(got.Cmi, want.Cmi)
		for p := range want.Pillars {
			same = same && near(got.Pillars[p].Score, want.Pillars[p].Score) && near(got.Pillars[p].Coverage, want.Pillars[p].Coverage)
		}
		if !same {
			t.Fatalf("weights times %v:\n%v\n%v", factors, got, want)
		}
	})
}

func TestContributionsAddUp(t *testing.T) {
	each(t, 5, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		got := explain(t, compile(t, q), r)
		if got.Cmi == nil {
			return
		}
		var shares, sum, headroom float64
		for _, c := range got.Explanation.Contributions {
			shares += *c.Share
			sum += *c.Contribution
			headroom += *c.Headroom
		}
		if math.Abs(shares-1) > 1e-9 || math.Abs(sum-*got.Cmi) > 1e-9 || math.Abs(sum+headroom-100) > 1e-9 {
			t.Fatalf("shares add up to %v, contributions to %v of %v, headroom to %v", shares, sum, *got.Cmi, headroom)
		}
	})
}

// best answers an item so that it scores 100.
func best(m *cmiv1.Item, a *cmiv1.Answer) bool {
	switch v := m.Scale.(type) {
	case *cmiv1.Item_Rating:
		x := v.Rating.Max
		if m.Reversed {
			x = v.Rating.Min
		}
		a.Value = &cmiv1.Answer_Number{Number: x}
	case *cmiv1.Item_YesNo:
		a.Value = &cmiv1.Answer_Yes{Yes: !m.Reversed}
	case *cmiv1.Item_Count:
		x := v.Count.Saturation
		if m.Reversed {
			x = 0
		}
		a.Value = &cmiv1.Answer_Number{Number: x}
	default:
		return false
	}
	return true
}

func TestHeadroomIsWhatRescoringGives(t *testing.T) {
	each(t, 6, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		s := compile(t, q)
		before := explain(t, s, r)
		items := map[string]*cmiv1.Item{}
		for _, m := range q.Items {
			items[m.ItemId] = m
		}
		positions := map[string]int{}
		for k, a := range r.Answers {
			positions[a.ItemId] = k
		}
		for _, c := range before.GetExplanation().GetContributions() {
			other := proto.CloneOf(r)
			if !best(items[c.ItemId], other.Answers[positions[c.ItemId]]) {
				continue
			}
			after := explain(t, s, other)
			if math.Abs(*before.Cmi+*c.Headroom-*after.Cmi) > 1.1e-9 {
				t.Fatalf("%s: %v and headroom %v, rescored %v", c.ItemId, *before.Cmi, *c.Headroom, *after.Cmi)
			}
		}
	})
}

// TestTheFewestItems tries every smaller set of items against the one that the explanation names.
func TestTheFewestItems(t *testing.T) {
	each(t, 7, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		got := explain(t, compile(t, q), r)
		next := got.GetExplanation().GetNextBucket()
		list := got.GetExplanation().GetContributions()
		if next == nil || len(list) > 10 {
			return
		}
		named := map[string]bool{}
		for _, id := range next.ItemIds {
			named[id] = true
		}
		for set := range 1 << len(list) {
			size, sum, isNamed := 0, 0.0, true
			for k, c := range list {
				in := set>>k&1 == 1
				isNamed = isNamed && in == named[c.ItemId]
				if in {
					size++
					sum += *c.Headroom
				}
			}
			if size < len(next.ItemIds) && sum > *next.Points+1e-9 {
				t.Fatalf("%d items cross by %v, %v named for %v", size, sum, next.ItemIds, *next.Points)
			}
			if isNamed && sum < *next.Points-1e-9 {
				t.Fatalf("%v bring %v of %v", next.ItemIds, sum, *next.Points)
			}
		}
	})
}

// TestReversedTwice: a reversed rating answered from the other end is the rating itself.
func TestReversedTwice(t *testing.T) {
	each(t, 8, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		want := explain(t, compile(t, q), r)
		turned := map[string]*cmiv1.Rating{}
		for _, m := range q.Items {
			switch m.Scale.(type) {
			case *cmiv1.Item_Rating:
				turned[m.ItemId] = m.GetRating()
				m.Reversed = !m.Reversed
			case *cmiv1.Item_YesNo:
				turned[m.ItemId] = nil
				m.Reversed = !m.Reversed
			}
		}
		for _, a := range r.Answers {
			rating, ok := turned[a.ItemId]
			switch v := a.Value.(type) {
			case *cmiv1.Answer_Number:
				if ok {
					v.Number = rating.Min + (rating.Max - v.Number)
					v.Number = max(rating.Min, min(rating.Max, v.Number)) // the subtraction may leave the scale by a bit
				}
			case *cmiv1.Answer_Yes:
				v.Yes = !v.Yes
			}
		}
		got := explain(t, compile(t, q), r)
		if got.Status != want.Status || !near(got.Cmi, want.Cmi) {
			t.Fatalf("turned around twice:\n%v\n%v", got, want)
		}
	})
}

// TestWithheldIsSkipped: saying don't know or declined counts like leaving the item out.
func TestWithheldIsSkipped(t *testing.T) {
	each(t, 9, func(t *testing.T, _ *rand.Rand, q *cmiv1.Questionnaire, r *cmiv1.Response) {
		s := compile(t, q)
		want := explain(t, s, r)
		bare := &cmiv1.Response{}
		for _, a := range r.Answers {
			if no := a.GetNoAnswer(); no == 0 || no == cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE {
				bare.Answers = append(bare.Answers, a)
			}
		}
		if got := explain(t, s, bare); !proto.Equal(got, want) {
			t.Fatalf("without don't know and declined:\n%v\n%v", got, want)
		}
	})
}
