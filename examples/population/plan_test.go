package population_test

import (
	"math"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/examples/population"
)

func TestPlansThatCannotBeDone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*population.Plan){
		"no model":               func(p *population.Plan) { p.Model = 7 },
		"nobody":                 func(p *population.Plan) { p.Customers = 0 },
		"no wave":                func(p *population.Plan) { p.Waves = 0 },
		"too many waves":         func(p *population.Plan) { p.Waves = 1001 },
		"waves in a row":         func(p *population.Plan) { p.Every = time.Hour },
		"waves too far apart":    func(p *population.Plan) { p.Every = 3651 * 24 * time.Hour },
		"half a second":          func(p *population.Plan) { p.Start = p.Start.Add(time.Second / 2) },
		"long ago":               func(p *population.Plan) { p.Start = time.Time{} },
		"beyond time":            func(p *population.Plan) { p.Waves, p.Every = 1000, 3650*24*time.Hour },
		"more than all move":     func(p *population.Plan) { p.Rising, p.Falling = 0.6, 0.6 },
		"a share below 0":        func(p *population.Plan) { p.Late = -0.1 },
		"no share":               func(p *population.Plan) { p.Gap = math.NaN() },
		"nothing is answered":    func(p *population.Plan) { p.DontKnow, p.Skipped = 0.6, 0.6 },
		"more than all leave":    func(p *population.Plan) { p.Late, p.Silent, p.Closed = 0.4, 0.4, 0.4 },
		"no behaviour":           func(p *population.Plan) { p.Activity = 0 },
		"infinite behaviour":     func(p *population.Plan) { p.Activity = math.Inf(1) },
		"falling upwards":        func(p *population.Plan) { p.Slope = population.Range{Least: -1, Most: 1} },
		"least above most":       func(p *population.Plan) { p.Slope = population.Range{Least: 2, Most: 1} },
		"out of the scale":       func(p *population.Plan) { p.Slope = population.Range{Least: 1, Most: 7} },
		"one item":               func(p *population.Plan) { *p = population.New(population.Parallel); p.Items = 1 },
		"a large error":          func(p *population.Plan) { *p = population.New(population.Parallel); p.ErrorSD = 10 },
		"words in parallel":      func(p *population.Plan) { *p = population.New(population.Parallel); p.Comment = 0.1 },
		"too steep for parallel": func(p *population.Plan) { *p = population.New(population.Parallel); p.Slope.Most = 2 },
	} {
		plan := population.New(population.Survey)
		change(&plan)
		if plan.Validate() == nil {
			t.Errorf("%s: the plan passes", name)
		}
	}
	for name, plan := range plans() {
		if err := plan.Validate(); err != nil {
			t.Errorf("the usual plan of %s: %v", name, err)
		}
	}
}

// FuzzPlan makes customers by any plan that passes: every response scores, the times are in order and every truth is on its
// scale.
func FuzzPlan(f *testing.F) {
	f.Add(uint64(1), 0, 12, 30.0, 0.2, 0.1, 12.0, 6.0, 3)
	f.Add(uint64(1), 1, 12, 30.0, 0.2, 0.0, 0.0, 6.0, 3)
	f.Add(uint64(99), 0, 1, 1.0, 0.5, 1.0, 500.0, 1.0, 2)
	f.Add(uint64(7), 1, 60, 365.0, 0.0, 0.5, 1.0, 7.0, 20)
	f.Fuzz(func(t *testing.T, seed uint64, model, waves int, days, moving, leaving, activity, errorSD float64, items int) {
		if !(days < 4000) || waves > 200 || activity > 50 {
			t.Skip("too much for a fuzz test")
		}
		plan := population.New(population.Model(model))
		plan.Seed, plan.Waves, plan.Every = seed, waves, time.Duration(days*24)*time.Hour
		plan.Rising, plan.Falling = moving, moving
		plan.Late, plan.Silent, plan.Closed, plan.Gap = leaving/3, leaving/3, leaving/3, leaving
		plan.Activity, plan.ErrorSD, plan.Items = activity, errorSD, items
		if plan.Validate() != nil {
			t.Skip("not a plan")
		}
		if plan.Every > 100*24*time.Hour && activity > 1 {
			t.Skip("too many interactions")
		}
		scorer := compile(t, plan)
		for i := range 3 {
			c := plan.Customer(i)
			if byRule(t, plan, c) != c.Truth.Lifecycle {
				t.Errorf("customer %d is not %v by the rule", i, c.Truth.Lifecycle)
			}
			for _, r := range c.Responses {
				if _, err := scorer.Score(r); err != nil {
					t.Errorf("%s: %v", r.GetResponseId(), err)
				}
			}
			for _, level := range c.Truth.Momentum {
				if !(level >= 0 && level <= 100) {
					t.Errorf("the momentum of customer %d is %v", i, level)
				}
			}
		}
	})
}
