package population_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/examples/population"
)

// bytesOf puts everything of a customer into bytes.
func bytesOf(t *testing.T, c population.Customer) []byte {
	t.Helper()
	var b bytes.Buffer
	write := func(m proto.Message) {
		data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d:", len(data))
		b.Write(data)
	}
	write(c.Profile)
	for _, it := range c.Interactions {
		write(it)
	}
	for _, r := range c.Responses {
		write(r)
	}
	fmt.Fprintf(&b, "%+v", c.Truth)
	return b.Bytes()
}

func plans() map[string]population.Plan {
	return map[string]population.Plan{"survey": population.New(population.Survey), "parallel": population.New(population.Parallel)}
}

// TestCustomerIsTheSameWhoeverElseIsMade: twice, backwards, in several goroutines, in a smaller and a larger population.
func TestCustomerIsTheSameWhoeverElseIsMade(t *testing.T) {
	t.Parallel()
	for name, plan := range plans() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 40
			var first [n][]byte
			for i := range n {
				first[i] = bytesOf(t, plan.Customer(i))
			}
			larger := plan
			larger.Customers = 1_000_000
			var group sync.WaitGroup
			for i := n - 1; i >= 0; i-- {
				group.Go(func() {
					if again := bytesOf(t, larger.Customer(i)); !bytes.Equal(first[i], again) {
						t.Errorf("customer %d is another one in a larger population", i)
					}
				})
			}
			group.Wait()
		})
	}
}

// TestPartsAreThoseOfTheWhole: what is made alone is what is made with the rest.
func TestPartsAreThoseOfTheWhole(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	for i := range 20 {
		parts := population.Customer{
			Truth: plan.Truth(i), Responses: plan.Responses(i), Interactions: plan.Interactions(i), Profile: plan.Profile(i),
		}
		if !bytes.Equal(bytesOf(t, plan.Customer(i)), bytesOf(t, parts)) {
			t.Errorf("the parts of customer %d are not those of the whole", i)
		}
	}
}

// TestSeedsMakeOthers: no two customers, of one seed or of several, are alike, and their ids differ.
func TestSeedsMakeOthers(t *testing.T) {
	t.Parallel()
	ids, middles := map[string]bool{}, map[float64]bool{}
	for seed := range uint64(30) {
		plan := population.New(population.Parallel)
		plan.Seed = seed
		for i := range 30 {
			ids[plan.Profile(i).GetCustomerId()] = true
			middles[plan.Truth(i).Momentum[0]] = true
		}
	}
	if len(ids) != 900 || len(middles) != 900 {
		t.Errorf("900 customers have %d ids and begin at %d levels", len(ids), len(middles))
	}
}

// TestNothingElseChangesWithAShare: one more thing left to chance leaves the others alone.
func TestNothingElseChangesWithAShare(t *testing.T) {
	t.Parallel()
	plan := population.New(population.Survey)
	plan.Gap = 0
	gaps := plan
	gaps.Gap = 0.3
	for i := range 50 {
		all := map[string]proto.Message{}
		for _, r := range plan.Responses(i) {
			all[r.GetResponseId()] = r
		}
		for _, r := range gaps.Responses(i) {
			if !proto.Equal(r, all[r.GetResponseId()]) {
				t.Errorf("%s changes when others are missing", r.GetResponseId())
			}
		}
	}
}
