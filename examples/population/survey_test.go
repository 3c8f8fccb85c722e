package population_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/behaviour"
	"github.com/customer-momentum/cmi/scoring/lint"
	"github.com/customer-momentum/cmi/server/questionnaire"

	"github.com/customer-momentum/cmi/examples/population"
)

func TestQuestionnairesSurviveWriting(t *testing.T) {
	t.Parallel()
	for name, plan := range plans() {
		compile(t, plan)
		q := plan.Questionnaire()
		for file, data := range map[string][]byte{"q.yaml": questionnaire.WriteYAML(q), "q.json": questionnaire.WriteJSON(q)} {
			if got, err := questionnaire.Read(file, data); err != nil || !proto.Equal(got, q) {
				t.Errorf("the questionnaire of %s reads back otherwise from %s (%v)", name, file, err)
			}
		}
	}
}

// TestSurveyIsAGoodQuestionnaire: lint has nothing to say but that ratings have two ranges, which the description explains.
func TestSurveyIsAGoodQuestionnaire(t *testing.T) {
	t.Parallel()
	for _, finding := range lint.Questionnaire(population.New(population.Survey).Questionnaire()) {
		if finding.GetRule() != "mixed-ranges" {
			t.Errorf("%s: %s: %s", finding.GetRule(), finding.GetPath(), finding.GetMessage())
		}
	}
}

// TestQuestionnaireIdFollowsItsContent: plans that ask otherwise ask under another id.
func TestQuestionnaireIdFollowsItsContent(t *testing.T) {
	t.Parallel()
	byID := map[string]*cmiv1.Questionnaire{}
	for _, activity := range []float64{12, 30, 2.5} {
		for _, items := range []int{3, 4} {
			for _, plan := range plans() {
				plan.Activity, plan.Items = activity, items
				plan.Seed, plan.Customers = uint64(items), items
				q := plan.Questionnaire()
				if before := byID[q.GetQuestionnaireId()]; before != nil && !proto.Equal(before, q) {
					t.Errorf("two questionnaires are called %s", q.GetQuestionnaireId())
				}
				byID[q.GetQuestionnaireId()] = q
			}
		}
	}
	if len(byID) != 5 {
		t.Errorf("there are %d questionnaires, want 3 surveys and 2 of parallel items", len(byID))
	}
}

// TestEveryResponseScores, with what the customer did until then, and looks like a survey: nearly all are scored in full, some
// meet the end of a scale, every option occurs.
func TestEveryResponseScores(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	scorer := compile(t, plan)
	statuses, buckets, values := map[cmiv1.ScoreStatus]int{}, map[cmiv1.Bucket]int{}, map[string]int{}
	responses, top := 0, 0
	for i := range 1000 {
		c := plan.Customer(i)
		for _, r := range c.Responses {
			score, err := scorer.ScoreMeasured(r, measure(t, scorer, c, r))
			if err != nil {
				t.Fatalf("%s: %v", r.GetResponseId(), err)
			}
			responses++
			statuses[score.GetStatus()]++
			buckets[score.GetBucket()]++
			for _, a := range r.GetAnswers() {
				if a.GetItemId() == "recommend" && a.GetNumber() == 10 {
					top++
				}
				for _, value := range append(a.GetChoices().GetValues(), a.GetChoice()) {
					values[value]++
				}
			}
		}
	}
	t.Logf("%v, %v, %d of %d recommendations at the end of the scale", statuses, buckets, top, responses)
	if n := statuses[cmiv1.ScoreStatus_SCORE_STATUS_SCORED]; n < responses*98/100 {
		t.Errorf("only %d of %d are scored in full", n, responses)
	}
	for _, bucket := range []cmiv1.Bucket{cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_ADVOCATE} {
		if buckets[bucket] < responses/50 {
			t.Errorf("only %d of %d in %v", buckets[bucket], responses, bucket)
		}
	}
	if top < responses/100 || top > responses/5 {
		t.Errorf("%d of %d recommendations at the end of the scale", top, responses)
	}
	delete(values, "")
	if len(values) != 10 {
		t.Errorf("options that occur: %v; want 5 parts and 5 answers", values)
	}
}

// TestEveryItemFollowsTheTruth: whatever its scale and its direction, an item that is asked scores higher on average where the
// true score of its pillar is above 65 than where it is below 50.
func TestEveryItemFollowsTheTruth(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	scorer := compile(t, plan)
	low, high := map[string]moments{}, map[string]moments{}
	for i := range 300 {
		c := plan.Customer(i)
		for _, r := range c.Responses {
			score, err := scorer.Explain(r)
			if err != nil {
				t.Fatal(err)
			}
			wave := int(r.GetSubmittedAt().AsTime().Sub(plan.Start) / plan.Every)
			for _, item := range score.GetExplanation().GetContributions() {
				level := c.Truth.Momentum[wave-c.Truth.First] + c.Truth.Pillars[item.GetPillar()-cmiv1.Pillar_PILLAR_ECI]
				switch id := item.GetItemId(); {
				case level < 50:
					low[id] = append(low[id], item.GetScore())
				case level > 65:
					high[id] = append(high[id], item.GetScore())
				}
			}
		}
	}
	if len(low) != 10 || len(high) != 10 {
		t.Fatalf("%d and %d items were scored, want 10", len(low), len(high))
	}
	for id, scores := range low {
		if better := high[id].mean() - scores.mean(); better < 15 {
			t.Errorf("%s scores %.1f more where things are good", id, better)
		}
	}
}

// measure says what a customer's interactions came to when a response was submitted.
func measure(t *testing.T, scorer *scoring.Scorer, c population.Customer, r *cmiv1.Response) []*cmiv1.Behaviour {
	t.Helper()
	firstSeen := c.Profile.GetFirstSeenAt().AsTime().UnixMicro()
	var all []*cmiv1.Behaviour
	for _, need := range scorer.BehaviourNeeds() {
		var events []behaviour.Event
		for _, it := range c.Interactions {
			if kind := slices.Index(need.Kinds, it.GetKind()); kind >= 0 {
				events = append(events, behaviour.Event{At: it.GetOccurredAt().AsTime().UnixMicro(), Kind: kind})
			}
		}
		window := behaviour.Window{WindowDays: need.WindowDays, HalfLifeDays: need.HalfLifeDays}
		all = append(all, window.Measure(len(need.Kinds), events, &firstSeen, true, r.GetSubmittedAt().AsTime().UnixMicro()))
	}
	return all
}

// TestRateIsThatOfTheTruth: the rate that is measured of steady customers is on average the one that their true BEI stands
// for, those included who came late.
func TestRateIsThatOfTheTruth(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Rising, plan.Falling, plan.Late = 0, 0, 0.3
	scorer := compile(t, plan)
	var differences moments
	for i := range 2000 {
		c := plan.Customer(i)
		last := c.Responses[len(c.Responses)-1]
		rate := math.Pow(13, (c.Truth.Momentum[0]+c.Truth.Pillars[1])/100) - 1
		differences = append(differences, measure(t, scorer, c, last)[0].GetRate()-rate)
	}
	near(t, "rate", differences.mean(), 0, math.Sqrt(differences.variance()/float64(len(differences))))
}

// TestSteadyCustomersDoNotDrift: what is measured of steady customers who were there before is the same on average at the
// first wave and at the last.
func TestSteadyCustomersDoNotDrift(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Rising, plan.Falling, plan.Late, plan.Silent, plan.Closed = 0, 0, 0, 0, 0
	scorer := compile(t, plan)
	var differences moments
	for i := range 1500 {
		c := plan.Customer(i)
		if plan.Start.Sub(c.Profile.GetFirstSeenAt().AsTime()) < 180*24*time.Hour {
			continue // the longer a customer is seen, the more kinds are, until the window is full
		}
		var cmi [2]*float64
		for k, r := range []*cmiv1.Response{c.Responses[0], c.Responses[len(c.Responses)-1]} {
			score, err := scorer.ScoreMeasured(r, measure(t, scorer, c, r))
			if err != nil {
				t.Fatal(err)
			}
			cmi[k] = score.Cmi
		}
		if cmi[0] != nil && cmi[1] != nil {
			differences = append(differences, *cmi[1]-*cmi[0])
		}
	}
	near(t, "drift", differences.mean(), 0, math.Sqrt(differences.variance()/float64(len(differences))))
}
