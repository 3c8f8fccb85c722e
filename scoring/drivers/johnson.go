package drivers

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// johnson shares out R^2 by way of uncorrelated figures that are as near to the predictors as such can be (J. W. Johnson, A heuristic
// method for estimating the relative weight of predictor variables in multiple regression, Multivariate Behavioral Research 35, 2000).
// The shares add up to R^2. It answers false where the roots cannot be found.
func (r correlations) johnson() ([]float64, bool) {
	k := len(r) - 1
	among := mat.NewSymDense(k, nil)
	for a := range k {
		for b := a; b < k; b++ {
			among.SetSym(a, b, r[a][b])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(among, true) {
		return nil, false
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	if !(values[0] > 1e-13) { // they ascend; what is left of 0 by rounding has no root
		return nil, false
	}
	// root is the square root of the correlations; beta are the coefficients of the target on the uncorrelated figures, which are its
	// inverse times the correlations with the target.
	root, beta := make([][]float64, k), make([]float64, k)
	for a := range k {
		root[a] = make([]float64, k)
		for b := range k {
			for e, value := range values {
				both := vectors.At(a, e) * vectors.At(b, e)
				root[a][b] += float64(both * math.Sqrt(value))
				beta[a] += float64(both / math.Sqrt(value) * r[b][k])
			}
		}
	}
	shares := make([]float64, k)
	for j := range shares {
		for f, b := range beta {
			shares[j] += float64(square(root[j][f]) * square(b))
		}
	}
	return shares, true
}
