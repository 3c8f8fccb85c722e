package momentum

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMedianOfAnyList compares with sorting, on lists that are random, tied, sorted, turned around, and of the shapes that mislead
// a search by the middle of three.
func TestMedianOfAnyList(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	shapes := map[string]func(k, n int) float64{
		"random": func(int, int) float64 { return r.NormFloat64() },
		"tied":   func(int, int) float64 { return float64(r.IntN(3)) },
		"equal":  func(int, int) float64 { return 4 },
		"rising": func(k, _ int) float64 { return float64(k) },
		"turned": func(k, _ int) float64 { return -float64(k) },
		"pipes":  func(k, n int) float64 { return float64(min(k, n-k)) },
		"killer": func(k, n int) float64 { // the middle of three is always among the least
			if k < n/2 && k%2 == 0 {
				return float64(k)
			} else if k < n/2 {
				return float64(n/2 + k)
			}
			return float64(2 * (k - n/2))
		},
	}
	for name, shape := range shapes {
		for n := 1; n < 400; n += 1 + n/20 {
			list := make([]float64, n)
			for k := range list {
				list[k] = shape(k, n)
			}
			sorted := slices.Sorted(slices.Values(list))
			want := (sorted[(n-1)/2] + sorted[n/2]) / 2
			if got := median(list); got != want {
				t.Errorf("%s, %d values: %v, want %v", name, n, got, want)
			}
			slices.Sort(list)
			if !slices.Equal(list, sorted) {
				t.Errorf("%s, %d values: the list has changed", name, n)
			}
		}
	}
}

// TestChoosePutsInPlace: nothing greater before, nothing less behind.
func TestChoosePutsInPlace(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(8, seed))
		list := make([]float64, 1+r.IntN(60))
		for k := range list {
			list[k] = float64(r.IntN(40))
		}
		k := r.IntN(len(list))
		got := choose(list, k)
		if list[k] != got || slices.Max(list[:k+1]) != got || slices.Min(list[k:]) != got {
			t.Fatalf("%v at %d of %v", got, k, list)
		}
	}
}
