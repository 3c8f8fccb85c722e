package drivers

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Intervals estimates the share of each predictor, and R2, by drawing as many rows again and again, with replacement, and taking the
// quantiles of what comes out (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). A draw of which no
// model can be made does not count; with half of them or more it answers false. The error is that of ctx.
func (a *Analysis) Intervals(ctx context.Context, t Table, samples int, seed uint64, level float64) (shares []uncertainty.Estimate, r2 uncertainty.Estimate, ok bool, err error) {
	draws := make([][]float64, len(a.Shares)+1)
	rng := rand.New(rand.NewPCG(seed, 0))
	rows := make([]int, len(t.Target))
	for range samples {
		if err := ctx.Err(); err != nil {
			return nil, uncertainty.Estimate{}, false, err
		}
		for i := range rows {
			rows[i] = rng.IntN(len(rows))
		}
		drawn, unsaid := t.analyze(rows, a.Method)
		if unsaid != nil {
			continue
		}
		for j, share := range drawn.Shares {
			draws[j] = append(draws[j], share.Share)
		}
		draws[len(a.Shares)] = append(draws[len(a.Shares)], drawn.R2)
	}
	if 2*len(draws[0]) <= samples {
		return nil, uncertainty.Estimate{}, false, nil
	}
	shares = make([]uncertainty.Estimate, len(a.Shares))
	for j := range shares {
		shares[j] = between(a.Shares[j].Share, draws[j], level)
	}
	return shares, between(a.R2, draws[len(a.Shares)], level), true, nil
}

// between is the interval that leaves as many draws out on either side.
func between(value float64, draws []float64, level float64) uncertainty.Estimate {
	slices.Sort(draws)
	return uncertainty.Estimate{Value: value, Low: quantile(draws, (1-level)/2), High: quantile(draws, 1-(1-level)/2), Level: level}
}

// quantile interpolates between the sorted values next to it (the seventh kind of R. J. Hyndman and Y. Fan, Sample quantiles in statistical
// packages, The American Statistician 50, 1996).
func quantile(sorted []float64, q float64) float64 {
	place := q * float64(len(sorted)-1)
	low := int(math.Floor(place))
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + float64((place-float64(low))*(sorted[low+1]-sorted[low]))
}
