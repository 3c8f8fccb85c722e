package drivers

import "math/bits"

// lmg shares out R^2 by the average, over all orders in which predictors may enter the model, of what each adds (R. H. Lindeman, P. F.
// Merenda and R. Z. Gold, Introduction to Bivariate and Multivariate Analysis, 1980). The shares add up to R^2.
func (r correlations) lmg() []float64 {
	k := len(r) - 1
	explained := make([]float64, 1<<k)  // by each set of predictors
	levels := make([]correlations, k+1) // one for each size of a set, to be written over again and again
	levels[0] = r
	for size := 1; size <= k; size++ {
		levels[size] = r.copy()
	}
	subsets(levels, 0, 0, explained)
	// By how many others came before, over all orders: s! (k - s - 1)! / k!.
	weights := make([]float64, k)
	for s := range weights {
		weights[s] = 1 / float64(k)
		for i := 1; i <= s; i++ {
			weights[s] *= float64(i) / float64(k-i)
		}
	}
	shares := make([]float64, k)
	for j := range shares {
		// All sets without j: what j alone is added to, by what stands above its place and below.
		sum := 0.0
		for above := 0; above < len(explained); above += 2 << j {
			for set := above; set < above+1<<j; set++ {
				sum += float64(weights[bits.OnesCount(uint(set))] * (explained[set|1<<j] - explained[set]))
			}
		}
		shares[j] = sum
	}
	return shares
}

// subsets fills in what each set explains that consists of set and of predictors from the first on. The first of levels is what set
// leaves of those; the others are written over.
func subsets(levels []correlations, set, first int, explained []float64) {
	r := levels[0]
	k := len(r) - 1
	for j := first; j < k; j++ {
		with := set | 1<<j
		explained[with] = explained[set] + r[j][k]*r[j][k]/r[j][j]
		r.explain(j, levels[1])
		subsets(levels[1:], with, j+1, explained)
	}
}
