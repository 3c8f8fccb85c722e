package population_test

import (
	"math"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"

	"github.com/customer-momentum/cmi/examples/population"
)

func compile(t testing.TB, plan population.Plan) *scoring.Scorer {
	t.Helper()
	if err := plan.Validate(); err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.Compile(plan.Questionnaire())
	if err != nil {
		t.Fatal(err)
	}
	return scorer
}

// moments takes in numbers and answers their mean and sample variance, by the definition.
type moments []float64

func (m moments) mean() float64 {
	sum := 0.0
	for _, x := range m {
		sum += x
	}
	return sum / float64(len(m))
}

func (m moments) variance() float64 {
	mean, sum := m.mean(), 0.0
	for _, x := range m {
		sum += (x - mean) * (x - mean)
	}
	return sum / float64(len(m)-1)
}

// TestErrorsAreWhatTheModelSays: answers minus true scores have the mean 0 and the plan's SD, no two of a response go together.
func TestErrorsAreWhatTheModelSays(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Parallel)
	var errors, products moments
	for i := range 1000 {
		truth := plan.Truth(i)
		for w, r := range plan.Responses(i) {
			before := 0.0
			for k, a := range r.GetAnswers() {
				e := a.GetNumber() - truth.Momentum[w] - truth.Pillars[k/plan.Items]
				errors = append(errors, e)
				if k > 0 {
					products = append(products, e*before)
				}
				before = e
			}
		}
	}
	n := float64(len(errors))
	near(t, "mean", errors.mean(), 0, plan.ErrorSD/math.Sqrt(n))
	near(t, "variance", errors.variance(), 36, 36*math.Sqrt(2/n))
	// The product of two independent errors has the mean 0 and the SD 36.
	near(t, "covariance", products.mean(), 0, 36/math.Sqrt(float64(len(products))))
}

// TestAlphaAndSEMAreThoseOfTheClosedForm scores the last wave of a population and takes alpha and the SEM from the items and the
// pillars' scores by their definitions.
func TestAlphaAndSEMAreThoseOfTheClosedForm(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*population.Plan){
		"usual":             func(*population.Plan) {},
		"five items":        func(p *population.Plan) { p.Items, p.ErrorSD = 5, 4 },
		"steady":            func(p *population.Plan) { p.Rising, p.Falling = 0, 0 },
		"most of them fall": func(p *population.Plan) { p.Rising, p.Falling = 0.1, 0.7 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := population.New(population.Parallel)
			change(&plan)
			checkReliability(t, plan, 4000)
		})
	}
}

func checkReliability(t *testing.T, plan population.Plan, n int) {
	t.Helper()
	scorer := compile(t, plan)
	k := plan.Items
	items, pillars := make([]moments, 3*k), make([]moments, 3)
	var wrong moments
	for i := range n {
		truth, responses := plan.Truth(i), plan.Responses(i)
		last := responses[len(responses)-1]
		score, err := scorer.Score(last)
		if err != nil || score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
			t.Fatalf("%v: %v", score, err)
		}
		for j, a := range last.GetAnswers() {
			items[j] = append(items[j], a.GetNumber())
		}
		for j, p := range score.GetPillars() {
			pillars[j] = append(pillars[j], p.GetScore())
		}
		wrong = append(wrong, score.GetCmi()-truth.Momentum[len(truth.Momentum)-1])
	}
	for j := range pillars {
		sum := 0.0
		for _, item := range items[j*k : (j+1)*k] {
			sum += item.variance()
		}
		kk := float64(k)
		alpha := kk / (kk - 1) * (1 - sum/(kk*kk*pillars[j].variance()))
		sem := math.Sqrt(pillars[j].variance() * (1 - alpha))
		// J. M. van Zyl, H. Neudecker and D. G. Nel (2000) on the sampling variance of alpha for parallel items; here it
		// varies less, as true scores are flatter than normal. SEM^2 is a mean square of (n-1)(k-1) degrees of freedom.
		near(t, "alpha", alpha, plan.TrueAlpha(), (1-plan.TrueAlpha())*math.Sqrt(2*kk/((kk-1)*float64(n))))
		near(t, "SEM", sem, plan.TruePillarSEM(), plan.TruePillarSEM()/math.Sqrt(2*float64(n-1)*(kk-1)))
	}
	// What the CMI is wrong by is what the SEM says.
	near(t, "bias of the CMI", wrong.mean(), 0, plan.TrueSEM()/math.Sqrt(float64(n)))
	near(t, "variance of the CMI's error", wrong.variance(), plan.TrueSEM()*plan.TrueSEM(), plan.TrueSEM()*plan.TrueSEM()*math.Sqrt(2/float64(n)))
}

// TestTrueSEM by hand: 3 items of an error of 6 make pillars of 6/sqrt(3) and a CMI of 6/sqrt(9) = 2.
func TestTrueSEM(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Parallel)
	if got := plan.TrueSEM(); math.Abs(got-2) > 1e-12 {
		t.Errorf("%v, want 2", got)
	}
	if survey := population.New(population.Survey); !math.IsNaN(survey.TrueSEM()) || !math.IsNaN(survey.TrueAlpha()) {
		t.Error("in the survey model nobody knows the SEM")
	}
	// All steady: levels from 6*6 + 4 = 40 to 60 have the variance 400/12, three pillars of -3..3 minus their mean 3 * 2/3 = 2:
	// V = 35.333, alpha = 3 V / (3 V + 36) = 106/142.
	plan.Rising, plan.Falling = 0, 0
	if got := plan.TrueAlpha(); math.Abs(got-106.0/142) > 1e-12 {
		t.Errorf("alpha is %v, want %v", got, 106.0/142)
	}
}
