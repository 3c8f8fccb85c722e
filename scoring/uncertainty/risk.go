package uncertainty

import "math"

// RelativeRisk is how many times as likely one group does something as another one: did1 of n1 against did2 of n2, with the interval
// that is even on the logarithmic scale (D. Katz, J. Baptista, S. P. Azen and M. C. Pike, Obtaining confidence intervals for the risk
// ratio in cohort studies, Biometrics 34, 1978). The variance of the logarithm is 1/did1 - 1/n1 + 1/did2 - 1/n2; it is 0, and the
// interval has no width, where everybody in both groups did it. For weighted respondents each n is an effective number, as for
// [Share]. It answers false where nobody in either group did it, or was there: a ratio to nothing, or a logarithm of it, says nothing.
func RelativeRisk(did1, n1, did2, n2, level float64) (Estimate, bool) {
	if !(did1 > 0 && n1 > 0 && did2 > 0 && n2 > 0) || !finite(did1, n1, did2, n2) {
		return Estimate{}, false
	}
	p1, p2 := min(1, did1/n1), min(1, did2/n2)
	// 1/did - 1/n, in a form that cannot fall below 0.
	variance := (1-p1)/(float64(p1*n1)) + (1-p2)/(float64(p2*n2))
	ratio, factor := p1/p2, math.Exp(Z(level)*math.Sqrt(variance))
	return Estimate{Value: ratio, Low: ratio / factor, High: ratio * factor, Level: level}.said()
}
