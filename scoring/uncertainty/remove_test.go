package uncertainty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

func TestRemoveLeavesTheOthers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 9))
	for range 200 {
		var all, part, others uncertainty.Sample
		for range 3 + rng.IntN(40) {
			x, weight := 100*rng.Float64(), 0.1+rng.Float64()
			all.Add(x, weight)
			if rng.IntN(3) == 0 {
				part.Add(x, weight)
			} else {
				others.Add(x, weight)
			}
		}
		all.Remove(part)
		got, gotOK := all.Estimate(0.95)
		want, wantOK := others.Estimate(0.95)
		if all.N() != others.N() || gotOK != wantOK || math.Abs(got.Value-want.Value) > 1e-9 || math.Abs(got.Low-want.Low) > 1e-7 {
			t.Fatalf("%d: %+v, without the part from the start %d: %+v", all.N(), got, others.N(), want)
		}
	}
}

func TestRemoveAll(t *testing.T) {
	t.Parallel()
	var all uncertainty.Sample
	all.Add(3, 1)
	all.Remove(all)
	if _, ok := all.Mean(); ok || all.N() != 0 {
		t.Errorf("something is left: %+v", all)
	}
}
