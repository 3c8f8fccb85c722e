package population_test

import (
	"math"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/population"
)

// sigmas is how many standard errors a figure may lie from its expectation: chance does so once in 16,000 cases, and with the
// seeds of these tests it does not.
const sigmas = 4

// near checks a figure that has a standard error.
func near(t *testing.T, what string, got, want, standardError float64) {
	t.Helper()
	if !(math.Abs(got-want) <= sigmas*standardError) {
		t.Errorf("%s: %v, want %v within %d times %v", what, got, want, sigmas, standardError)
	}
}

// share checks how many of n there are of a probability.
func share(t *testing.T, what string, count, n int, probability float64) {
	t.Helper()
	near(t, what, float64(count)/float64(n), probability, math.Sqrt(probability*(1-probability)/float64(n)))
}

func TestSharesAreThoseOfThePlan(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	const n = 20_000
	directions, lifecycles := map[cmiv1.Direction]int{}, map[cmiv1.Lifecycle]int{}
	for i := range n {
		truth := plan.Truth(i)
		directions[truth.Direction]++
		lifecycles[truth.Lifecycle]++
	}
	share(t, "rising", directions[cmiv1.Direction_DIRECTION_RISING], n, 0.2)
	share(t, "falling", directions[cmiv1.Direction_DIRECTION_FALLING], n, 0.2)
	share(t, "steady", directions[cmiv1.Direction_DIRECTION_STEADY], n, 0.6)
	share(t, "new", lifecycles[cmiv1.Lifecycle_LIFECYCLE_NEW], n, 0.05)
	share(t, "inactive", lifecycles[cmiv1.Lifecycle_LIFECYCLE_INACTIVE], n, 0.10)
	share(t, "active", lifecycles[cmiv1.Lifecycle_LIFECYCLE_ACTIVE], n, 0.85)
}

// TestGapsAndMissingAnswers counts what is missing. Of 12 waves, 10 may be missed.
func TestGapsAndMissingAnswers(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Late, plan.Silent, plan.Closed = 0, 0, 0
	answered, asked := 0, 0
	reasons := map[cmiv1.NoAnswer]int{}
	comments, responses := 0, 0
	const n, questions = 1000, 10 // the text aside
	for i := range n {
		all := plan.Responses(i)
		responses += len(all)
		for _, r := range all {
			asked += questions
			for _, a := range r.GetAnswers() {
				switch {
				case a.GetItemId() == "why":
					comments++
				case a.GetNoAnswer() != cmiv1.NoAnswer_NO_ANSWER_UNSPECIFIED:
					reasons[a.GetNoAnswer()]++
				default:
					answered++
				}
			}
		}
	}
	share(t, "missed waves", 12*n-responses, 10*n, 0.1)
	share(t, "comments", comments, responses, 0.2)
	share(t, "don't know", reasons[cmiv1.NoAnswer_NO_ANSWER_DONT_KNOW], asked, 0.02)
	share(t, "not applicable", reasons[cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE], asked, 0.01)
	// One question in ten is required: where it would have been skipped, to answer it was declined.
	share(t, "declined", reasons[cmiv1.NoAnswer_NO_ANSWER_DECLINED], asked, 0.01+0.03/questions)
	missing := 0
	for _, count := range reasons {
		missing += count
	}
	share(t, "skipped", asked-answered-missing, asked, 0.03*(questions-1)/questions)
}

// TestInteractionsAreAPoissonProcess counts them over 30 days in the middle of a wave's level and compares with the rate that
// goes with the true BEI: the sum of the expectations, of which the variance is the same; and the variance around the
// expectation, which is the expectation in a Poisson process.
func TestInteractionsAreAPoissonProcess(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Late, plan.Silent, plan.Closed = 0, 0, 0
	from := plan.Start.Add(4 * plan.Every)
	to := from.Add(plan.Every)
	var expected, spread float64
	counted, engaged, all := 0, 0, 0
	const n = 4000
	for i := range n {
		truth := plan.Truth(i)
		bei := truth.Momentum[4] + truth.Pillars[1]
		rate := (math.Pow(13, bei/100) - 1) / 0.95
		count := 0
		for _, it := range plan.Interactions(i) {
			all++
			if it.GetKind() != "support" {
				engaged++
			}
			if at := it.GetOccurredAt().AsTime(); !at.Before(from) && at.Before(to) {
				count++
			}
		}
		counted += count
		expected += rate
		spread += (float64(count) - rate) * (float64(count) - rate) / rate
	}
	near(t, "interactions", float64(counted), expected, math.Sqrt(expected))
	share(t, "engaged", engaged, all, 0.95)
	// (X - m)^2 / m has the mean 1 and the variance 2 + 1/m, for rates of 1 and more at most 3.
	near(t, "dispersion", spread/n, 1, math.Sqrt(3.0/n))
}

// TestInteractionsComeBeforeTheFirstWave: behaviour is known from the first wave on, as far back as it counts.
func TestInteractionsComeBeforeTheFirstWave(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Late, plan.Silent, plan.Closed = 0, 0, 0
	before, expected := 0, 0.0
	for i := range 500 {
		truth := plan.Truth(i)
		seen := plan.Profile(i).GetFirstSeenAt().AsTime()
		days := min(180, plan.Start.Sub(seen).Hours()/24)
		expected += (math.Pow(13, (truth.Momentum[0]+truth.Pillars[1])/100) - 1) / 0.95 * days / 30
		for _, it := range plan.Interactions(i) {
			if it.GetOccurredAt().AsTime().Before(plan.Start) {
				before++
			}
		}
		if first := plan.Interactions(i)[0].GetOccurredAt().AsTime(); plan.Start.Sub(first) > 180*24*time.Hour {
			t.Errorf("customer %d does something at %v", i, first)
		}
	}
	near(t, "interactions before the start", float64(before), expected, math.Sqrt(expected))
}
