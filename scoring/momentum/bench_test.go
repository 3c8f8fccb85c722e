package momentum_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/customer-momentum/cmi/scoring/momentum"
)

// BenchmarkOf computes the course of 10 and of 100 scores.
func BenchmarkOf(b *testing.B) {
	for _, n := range []int{10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			var points []momentum.Point
			for k := range n {
				points = append(points, scored(float64(7*k)+float64(r.IntN(5)), float64(r.IntN(100_000))/1000))
			}
			b.ReportAllocs()
			for b.Loop() {
				momentum.Of(points, days(1000))
			}
		})
	}
}
