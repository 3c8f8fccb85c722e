package insight

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// level is the confidence of all intervals that are not asked for with another one.
const level = uncertainty.Usual

// count is a number of things on the wire, which has no larger ones.
func count(n int) int32 { return int32(min(n, math.MaxInt32)) }

// estimate puts an estimate into the form of the contract; nil where it cannot be said.
func estimate(e uncertainty.Estimate, ok bool) *cmiv1.Estimate {
	if !ok {
		return nil
	}
	return &cmiv1.Estimate{Value: &e.Value, Low: &e.Low, High: &e.High, Level: &e.Level}
}

// mean is the mean of a sample, without an interval where it has none.
func mean(s *uncertainty.Sample) *cmiv1.Estimate {
	if e, ok := s.Estimate(level); ok {
		return estimate(e, true)
	}
	if m, ok := s.Mean(); ok {
		return &cmiv1.Estimate{Value: &m}
	}
	return nil
}

// difference puts a difference into the form of the contract; nil where it cannot be said.
func difference(d uncertainty.Difference, ok bool) *cmiv1.Difference {
	if !ok {
		return nil
	}
	said := &cmiv1.Difference{Estimate: estimate(d.Estimate, true), Statistic: &d.Statistic, PValue: &d.P}
	if d.Freedom > 0 {
		said.Freedom = &d.Freedom
	}
	return said
}

// share is a count out of n. Where respondents weigh differently it goes by their weights and the effective number.
func share(did int, weight float64, all *uncertainty.Sample, weighted bool) *cmiv1.Estimate {
	if !weighted {
		return estimate(uncertainty.Share(float64(did), float64(all.N()), level))
	}
	total := all.SumWeights()
	if total <= 0 {
		return nil
	}
	n := all.EffectiveN()
	return estimate(uncertainty.Share(n*min(1, weight/total), n, level))
}
