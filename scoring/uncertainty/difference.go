package uncertainty

import "math"

// Difference is how far two figures lie apart, the first less the second, with a test of whether they do. P is the probability of
// a statistic at least as far from 0 where they do not.
type Difference struct {
	Estimate
	// Statistic is z, or t with degrees of Freedom; Freedom is 0 for z.
	Statistic, Freedom, P float64
}

// Unpaired compares the means of two samples of different respondents whose variances may differ (B. L. Welch, The generalization of
// 'Student's' problem when several different population variances are involved, Biometrika 34, 1947). Weighted respondents count by
// their effective number. It answers false where either has no variance to speak of: below two respondents, or where nobody
// differs from anybody in both.
func Unpaired(a, b *Sample, level float64) (Difference, bool) {
	va, oka := a.Variance()
	vb, okb := b.Variance()
	na, nb := a.EffectiveN(), b.EffectiveN()
	if !oka || !okb || na-1 < 1e-9 || nb-1 < 1e-9 {
		return Difference{}, false
	}
	va, vb = va/na, vb/nb
	if va+vb <= 0 {
		return Difference{}, false
	}
	// By shares of the variance rather than by the variances, whose squares may leave the range of numbers.
	partA, partB := va/(va+vb), vb/(va+vb)
	freedom := 1 / (float64(partA*partA/(na-1)) + float64(partB*partB/(nb-1)))
	return byT(a.mean-b.mean, math.Sqrt(va+vb), freedom, level)
}

// Paired tests whether the mean of differences, one of each respondent, is 0 ('Student', The probable error of a mean, Biometrika 6,
// 1908). It answers false below two respondents, and where all differences are the same.
func Paired(differences *Sample, level float64) (Difference, bool) {
	variance, ok := differences.Variance()
	n := differences.EffectiveN()
	if !ok || n-1 < 1e-9 || variance <= 0 {
		return Difference{}, false
	}
	return byT(differences.mean, math.Sqrt(variance/n), n-1, level)
}

func byT(difference, standardError, freedom, level float64) (Difference, bool) {
	t := difference / standardError
	if !finite(difference, t, freedom) {
		return Difference{}, false
	}
	e, ok := around(difference, T(level, freedom)*standardError, level).said()
	if !ok {
		return Difference{}, false
	}
	return Difference{Estimate: e, Statistic: t, Freedom: freedom, P: PStudent(t, freedom)}, true
}

// ByZ compares two figures with known standard errors, which are independent. It answers false where both are 0. Where one is, that
// figure counts as known for certain, and the interval is as wide as the other one alone makes it: too narrow where a standard
// error is 0 only because few were asked and all of them answered alike.
func ByZ(a, errorA, b, errorB, level float64) (Difference, bool) {
	standardError := math.Hypot(errorA, errorB)
	z := (a - b) / standardError
	e, ok := around(a-b, Z(level)*standardError, level).said()
	if !(standardError > 0) || !finite(z) || !ok {
		return Difference{}, false
	}
	return Difference{Estimate: e, Statistic: z, P: PNormal(z)}, true
}
