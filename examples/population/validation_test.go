package population_test

import (
	"math"
	"os"
	"strconv"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/momentum"
	"github.com/customer-momentum/cmi/scoring/reliability"

	"github.com/customer-momentum/cmi/examples/population"
)

// validationCustomers is how many customers each population of the validation has: 2,000, so that the test takes seconds, or
// what CMI_VALIDATION_CUSTOMERS says. The bounds follow from the number; with 20,000 all of it takes a minute:
//
//	CMI_VALIDATION_CUSTOMERS=20000 go test ./examples/population -run Validation -v
func validationCustomers(t *testing.T) int {
	t.Helper()
	if raced {
		t.Skip("figures are no matter of races, and many of them take long with the detector")
	}
	text := os.Getenv("CMI_VALIDATION_CUSTOMERS")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 100 {
		t.Fatalf("CMI_VALIDATION_CUSTOMERS is %q; a number from 100 on is needed", text)
	}
	return n
}

// validation is a parallel population, and what the service would know of it.
type validation struct {
	plan        population.Plan
	scorer      *scoring.Scorer
	calibration *cmiv1.Calibration
}

// validate makes a population without interactions, and estimates the SEM from the latest response of each customer.
func validate(t *testing.T, seed uint64, change func(*population.Plan)) *validation {
	t.Helper()
	plan := population.New(population.Parallel)
	plan.Seed, plan.Customers, plan.Activity = seed, validationCustomers(t), 0
	change(&plan)
	v := &validation{plan: plan, scorer: compile(t, plan)}
	estimator := reliability.New(v.scorer)
	for i := range plan.Customers {
		responses := plan.Responses(i)
		last := responses[len(responses)-1]
		if complete, err := estimator.Add(last, v.score(t, last)); err != nil || !complete {
			t.Fatalf("%s is left out of the calibration: %v", last.GetResponseId(), err)
		}
	}
	v.calibration = estimator.Calibration()
	v.calibration.CalibrationId = "simulated"
	return v
}

func (v *validation) score(t *testing.T, r *cmiv1.Response) *cmiv1.Score {
	t.Helper()
	score, err := v.scorer.Score(r)
	if err != nil {
		t.Fatal(err)
	}
	return score
}

// points is the course of a customer.
func (v *validation) points(t *testing.T, i int) []momentum.Point {
	t.Helper()
	growth, advocate := v.scorer.Thresholds()
	var all []momentum.Point
	for _, r := range v.plan.Responses(i) {
		score := v.score(t, r)
		all = append(all, momentum.Point{
			At: r.GetSubmittedAt().AsTime().UnixMicro(), Status: score.GetStatus(), Bucket: score.GetBucket(), CMI: score.GetCmi(),
			Growth: growth, Advocate: advocate, SEM: v.calibration.Sem,
		})
	}
	return all
}

// TestValidationSEM: what the estimator finds is what the closed form says. SEM^2 of a pillar is a mean square of
// (n-1)(k-1) degrees of freedom, that of the CMI the mean of three.
func TestValidationSEM(t *testing.T) {
	t.Parallel()
	v := validate(t, 1, func(*population.Plan) {})
	n, k := float64(v.plan.Customers), float64(v.plan.Items)
	standardError := 1 / math.Sqrt(2*(n-1)*(k-1))
	near(t, "SEM", v.calibration.GetSem(), v.plan.TrueSEM(), v.plan.TrueSEM()*standardError/math.Sqrt(3))
	for _, p := range v.calibration.GetPillars() {
		near(t, p.GetPillar().String(), p.GetSem(), v.plan.TruePillarSEM(), v.plan.TruePillarSEM()*standardError)
		near(t, "alpha of "+p.GetPillar().String(), p.GetAlpha(), v.plan.TrueAlpha(), (1-v.plan.TrueAlpha())*math.Sqrt(2*k/((k-1)*n)))
	}
	t.Logf("SEM %.4f, in truth %.4f", v.calibration.GetSem(), v.plan.TrueSEM())
}

// TestValidationIntervals: 95% intervals hold the true momentum in 95% of all cases, for customers who rise and fall as for
// steady ones; and the true momentum lies below 50 as often as the probabilities of the buckets say.
func TestValidationIntervals(t *testing.T) {
	t.Parallel()
	v := validate(t, 2, func(*population.Plan) {})
	held, all := map[cmiv1.Direction]int{}, map[cmiv1.Direction]int{}
	var below int
	var said, spread float64
	for i := range v.plan.Customers {
		truth := v.plan.Truth(i)
		for w, r := range v.plan.Responses(i) {
			score := v.score(t, r)
			v.scorer.Calibrate(score, v.calibration)
			all[truth.Direction]++
			if level := truth.Momentum[w]; score.GetInterval().GetLow() <= level && level <= score.GetInterval().GetHigh() {
				held[truth.Direction]++
			}
			// The probabilities take any true score for alike likely. That of steady customers is, from 40 to 60, so it holds for
			// scores that lie 3 SEM away from these ends.
			if truth.Slope == 0 && score.GetCmi() > 46 && score.GetCmi() < 54 {
				p := score.GetBucketProbabilities().GetAtRisk()
				said += p
				spread += p * (1 - p)
				if truth.Momentum[w] < 50 {
					below++
				}
			}
		}
	}
	for direction, n := range all {
		coverage := float64(held[direction]) / float64(n)
		t.Logf("%v: %d of %d intervals hold the truth, %.2f%%", direction, held[direction], n, 100*coverage)
		if math.Abs(coverage-0.95) > 0.01 {
			t.Errorf("%v: %.2f%% of the intervals hold the truth, want 95%% within a point", direction, 100*coverage)
		}
	}
	t.Logf("%d truly below 50, %.1f expected", below, said)
	// The scores of a customer share one truth, so all 12 may err together.
	near(t, "truly below 50", float64(below), said, math.Sqrt(spread*float64(v.plan.Waves)))
}

// TestValidationReliableChange: of two scores of a steady customer, the reliable change index is 1.96 or more, up or down, in 5% of
// all cases.
func TestValidationReliableChange(t *testing.T) {
	t.Parallel()
	v := validate(t, 3, func(p *population.Plan) { p.Rising, p.Falling = 0, 0 })
	fired, pairs := 0, 0
	for i := range v.plan.Customers {
		points := v.points(t, i)
		for w := 0; w+1 < len(points); w += 2 {
			pairs++
			if course := momentum.Of(points[w:w+2], points[w+1].At); math.Abs(*course.RCI) >= momentum.Reliable {
				fired++
			}
		}
	}
	rate := float64(fired) / float64(pairs)
	t.Logf("%d of %d pairs, %.2f%%", fired, pairs, 100*rate)
	if math.Abs(rate-0.05) > 0.01 {
		t.Errorf("%.2f%% of the pairs are called a reliable change, want 5%% within a point", 100*rate)
	}
}
