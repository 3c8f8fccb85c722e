package uncertainty

import "math"

// Share is the share of n respondents who did something, from 0 to 1, with the score interval (E. B. Wilson, Probable inference,
// the law of succession, and statistical inference, Journal of the American Statistical Association 22, 1927). For weighted
// respondents n is the effective number, and did that number times the weighted share. It answers false for nobody.
func Share(did, n, level float64) (Estimate, bool) {
	if !(n > 0) || !finite(did, n) {
		return Estimate{}, false
	}
	p, z := max(0, min(1, did/n)), Z(level)
	square := z * z
	centre, half := (float64(p*n)+square/2)/(n+square), z*math.Sqrt(float64(p*(1-p)*n)+square/4)/(n+square)
	e := around(centre, half, level)
	e.Value = p
	// What rounding leaves beside the ends of the scale.
	if did <= 0 {
		e.Low = 0
	}
	if p >= 1 {
		e.High = 1
	}
	e.Low, e.High = max(0, e.Low), min(1, e.High)
	return e.said()
}
