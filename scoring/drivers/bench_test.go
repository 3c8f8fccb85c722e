package drivers_test

import (
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/drivers"
)

var methods = map[string]drivers.Method{"LMG": drivers.LMG, "Johnson": drivers.Johnson}

// BenchmarkMoments takes in rows of 12 predictors, one each time.
func BenchmarkMoments(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	row, m := make([]float64, 12), drivers.NewMoments(12)
	for k := range row {
		row[k] = rng.NormFloat64()
	}
	for b.Loop() {
		m.Add(row, row[0])
	}
}

// BenchmarkModel makes a model of 12 predictors whose rows are known already.
func BenchmarkModel(b *testing.B) {
	table := made(rand.New(rand.NewPCG(1, 1)), 1000, 12)
	m := momentsOf(table, 0, 1000)
	for name, method := range methods {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Analyze(method); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIntervals draws 20,000 rows of 12 predictors; what it reports as one is one draw of 100.
func BenchmarkIntervals(b *testing.B) {
	table := made(rand.New(rand.NewPCG(1, 1)), 20_000, 12)
	for name, method := range methods {
		a, err := drivers.Analyze(table, method)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			const draws = 100
			for b.Loop() {
				if _, _, ok, err := a.Intervals(b.Context(), table, draws, 1, 0.95); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/draws, "ns/draw")
		})
	}
}
