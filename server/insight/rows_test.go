package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRowsAreTheSameInAnyOrder: the sample does not depend on the order, nor on the pieces, and is as large as it may be.
func TestRowsAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	const all = 3 * mostRows
	random := rand.New(rand.NewPCG(1, 2))
	var want rows
	for round := range 3 {
		var sum, piece rows
		for _, k := range random.Perm(all) {
			piece.offer(fmt.Sprint("r", k), all, []float64{float64(k)}, float64(-k))
			if len(piece) == 1000*(round+1) {
				sum.merge(piece)
				piece = nil
			}
		}
		sum.merge(piece)
		sum.shrink()
		if round == 0 {
			want = sum
		}
		if len(sum) != mostRows || !slices.EqualFunc(sum, want, func(a, b row) bool { return a.Hash == b.Hash && a.Target == b.Target }) {
			t.Fatalf("round %d has %d rows, others than the first", round, len(sum))
		}
	}
	// Of the numbers 0 to n-1 a uniform sample of m has the mean (n-1)/2, with a standard error of n sqrt((1/m - 1/n) / 12).
	mean := 0.0
	for _, one := range want {
		mean += one.Values[0] / mostRows
	}
	if off := mean - (all-1)/2.0; off < -500 || off > 500 { // 5 standard errors of 100
		t.Errorf("the mean is %v off that of all", off)
	}
}

// TestDrawnRows bounds the work of intervals.
func TestDrawnRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ predictors, samples, want int }{
		{1, 100, mostRows}, {23, 1000, mostRows}, {100, 1000, 11648}, {100, 10_000, fewestRows},
	} {
		if got := drawnRows(c.predictors, c.samples); got != c.want {
			t.Errorf("%d predictors and %d samples: %d rows, want %d", c.predictors, c.samples, got, c.want)
		}
	}
}
