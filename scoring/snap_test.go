package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSnapRoundsHalfAwayFromZero compares with the rounding of the standard library, near the ends and the halves above all.
func TestSnapRoundsHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	check := func(x float64) {
		if got, want := snap(x), math.Round(float64(x*1e9))/1e9; math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%b snaps to %b, want %b", x, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 9))
	for range 200_000 {
		half := (math.Floor(rng.Float64()*1e11) + 0.5) / 1e9
		for _, x := range []float64{100 * rng.Float64(), half, math.Nextafter(half, 0), math.Nextafter(half, 200), rng.Float64() * 1e-9} {
			check(x)
			check(-x)
		}
	}
	for _, x := range []float64{0, 100, 1, 0.5e-9, 0x1p52, 0x1p52 / 1e9, 1e300, math.Inf(1)} {
		check(x)
	}
}
