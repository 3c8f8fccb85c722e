package population_test

import (
	"math"
	"slices"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/population"
)

// TestTruthIsALine: steady customers stay to the last bit, the others change by their slope from wave to wave, and every true
// score stays within 0..100.
func TestTruthIsALine(t *testing.T) {
	t.Parallel()
	for name, plan := range plans() {
		plan.Every = 45 * 24 * time.Hour
		for i := range 2000 {
			truth := plan.Truth(i)
			if n := truth.Last - truth.First + 1; len(truth.Momentum) != n || n < 1 || truth.First < 0 || truth.Last >= plan.Waves {
				t.Fatalf("%s: customer %d has %d levels for waves %d to %d", name, i, len(truth.Momentum), truth.First, truth.Last)
			}
			if (truth.Slope > 0) != (truth.Direction == cmiv1.Direction_DIRECTION_RISING) || (truth.Slope < 0) != (truth.Direction == cmiv1.Direction_DIRECTION_FALLING) {
				t.Errorf("%s: customer %d is %v at a slope of %v", name, i, truth.Direction, truth.Slope)
			}
			for w, level := range truth.Momentum {
				want := truth.Momentum[0] + truth.Slope*1.5*float64(w) // 45 days are one and a half times 30
				if truth.Slope == 0 && level != truth.Momentum[0] || math.Abs(level-want) > 1e-9 {
					t.Errorf("%s: customer %d is at %v after %d waves, want %v", name, i, level, w, want)
				}
				for _, apart := range truth.Pillars {
					if pillar := level + apart; pillar < 0 || pillar > 100 {
						t.Errorf("%s: a true pillar score of customer %d is %v", name, i, pillar)
					}
				}
			}
			if sum := truth.Pillars[0] + truth.Pillars[1] + truth.Pillars[2]; math.Abs(sum) > 1e-12 {
				t.Errorf("%s: the pillars of customer %d lie %v from the momentum together", name, i, sum)
			}
		}
	}
}

// TestLifecycleIsThatOfTheRule computes the lifecycle at the end from what the customer did: inactive when closed or silent for
// more than 90 days and three times the median gap between contacts, else new in the first 90 days, else active. Customers
// who rarely do or answer anything have the longest gaps.
func TestLifecycleIsThatOfTheRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		days          int
		activity, gap float64
	}{{7, 12, 0.4}, {30, 12, 0.4}, {30, 0.05, 0.9}, {100, 12, 0.4}} {
		plan := population.New(population.Survey)
		plan.Every, plan.Activity = time.Duration(c.days)*24*time.Hour, c.activity
		plan.Late, plan.Silent, plan.Closed, plan.Gap = 0.25, 0.25, 0.25, c.gap
		seen := map[cmiv1.Lifecycle]int{}
		for i := range 1000 {
			customer := plan.Customer(i)
			seen[customer.Truth.Lifecycle]++
			if got := byRule(t, plan, customer); got != customer.Truth.Lifecycle {
				t.Errorf("%+v: customer %d should be %v and is %v by the rule", c, i, customer.Truth.Lifecycle, got)
			}
		}
		t.Logf("%+v: %v", c, seen)
		if len(seen) != 3 {
			t.Errorf("%+v: lifecycles %v", c, seen)
		}
	}
}

func byRule(t *testing.T, plan population.Plan, c population.Customer) cmiv1.Lifecycle {
	t.Helper()
	contacts := contacts(c)
	if first := c.Profile.GetFirstSeenAt().AsTime(); contacts[0].Before(first) {
		t.Errorf("%s does something %v before being first seen", c.Profile.GetCustomerId(), first.Sub(contacts[0]))
	}
	last := contacts[len(contacts)-1]
	if last.After(plan.End()) {
		t.Errorf("%s does something after the end", c.Profile.GetCustomerId())
	}
	silence := 90 * 24 * time.Hour
	if len(contacts) >= 3 {
		var gaps []time.Duration
		for i := range contacts[1:] {
			gaps = append(gaps, contacts[i+1].Sub(contacts[i]))
		}
		slices.Sort(gaps)
		n := len(gaps)
		silence = max(silence, 3*(gaps[(n-1)/2]+gaps[n/2])/2)
	}
	switch closed := c.Profile.GetClosedAt(); {
	case closed != nil && last.After(closed.AsTime()):
		t.Errorf("%s does something after the end of the relationship", c.Profile.GetCustomerId())
		fallthrough
	case closed != nil && !closed.AsTime().After(plan.End()), plan.End().Sub(last) > silence:
		return cmiv1.Lifecycle_LIFECYCLE_INACTIVE
	case plan.End().Sub(c.Profile.GetFirstSeenAt().AsTime()) <= 90*24*time.Hour:
		return cmiv1.Lifecycle_LIFECYCLE_NEW
	}
	return cmiv1.Lifecycle_LIFECYCLE_ACTIVE
}

func contacts(c population.Customer) []time.Time {
	var all []time.Time
	for _, it := range c.Interactions {
		all = append(all, it.GetOccurredAt().AsTime())
	}
	for _, r := range c.Responses {
		all = append(all, r.GetSubmittedAt().AsTime())
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// TestWavesHoldTheirResponses: each response lies in its wave, first and last waves are answered, ids are unique.
func TestWavesHoldTheirResponses(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Gap = 0.5
	ids := map[string]bool{}
	total := 0
	for i := range 500 {
		c := plan.Customer(i)
		var waves []int
		for _, r := range c.Responses {
			since := r.GetSubmittedAt().AsTime().Sub(plan.Start)
			wave := int(since / plan.Every)
			if late := since - time.Duration(wave)*plan.Every; late < 0 || late > 10*24*time.Hour {
				t.Errorf("%s comes %v into its wave", r.GetResponseId(), late)
			}
			waves = append(waves, wave)
			ids[r.GetResponseId()] = true
		}
		if !slices.IsSorted(waves) || waves[0] != c.Truth.First || waves[len(waves)-1] != c.Truth.Last {
			t.Errorf("customer %d answers waves %v, and is there from %d to %d", i, waves, c.Truth.First, c.Truth.Last)
		}
		for k, it := range c.Interactions {
			ids[it.GetInteractionId()] = true
			if k > 0 && it.GetOccurredAt().AsTime().Before(c.Interactions[k-1].GetOccurredAt().AsTime()) {
				t.Errorf("%s is not in the order of time", it.GetInteractionId())
			}
		}
		total += len(c.Responses) + len(c.Interactions)
	}
	if len(ids) != total {
		t.Errorf("%d ids for %d responses and interactions", len(ids), total)
	}
}
