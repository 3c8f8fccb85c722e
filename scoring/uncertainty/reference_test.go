package uncertainty_test

import (
	"testing"

	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

func TestShareAsOthersComputeIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key    string
		did, n float64
	}{{"wilson.8_10", 8, 10}, {"wilson.81_100", 81, 100}, {"wilson.0_10", 0, 10}, {"wilson.10_10", 10, 10}} {
		e, ok := uncertainty.Share(c.did, c.n, 0.95)
		if !ok || e.Value != c.did/c.n || e.Level != 0.95 {
			t.Errorf("%s: %+v, %v", c.key, e, ok)
		}
		reference.Check(t, c.key+".lo", e.Low)
		reference.Check(t, c.key+".hi", e.High)
	}
}

func TestEffectiveNAsOthersComputeIt(t *testing.T) {
	t.Parallel()
	var s uncertainty.Sample
	for weight := 1; weight <= 5; weight++ {
		s.Add(float64(weight), float64(weight))
	}
	reference.Check(t, "kish.w1to5", s.EffectiveN())
}
