// Package mix separates who answered from what they answered, where groups of different make-up are compared.
//
// Like package scoring it does no I/O, reads no clock and draws no random numbers.
package mix

import (
	"math"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Part is one part of two groups, such as the new customers: how much it weighs in each, and its mean there. A part that is missing in
// a group weighs 0 there, and its mean is not looked at.
type Part struct{ WeightA, MeanA, WeightB, MeanB float64 }

// PartOf is the part that those of it in each group make, who may be nobody.
func PartOf(a, b *uncertainty.Sample) Part {
	return Part{WeightA: a.SumWeights(), MeanA: meanOf(a), WeightB: b.SumWeights(), MeanB: meanOf(b)}
}

// meanOf is the mean, and NaN where there is none: of nobody, which nobody looks at, and of figures beyond all numbers, of which nothing
// can be said.
func meanOf(s *uncertainty.Sample) float64 {
	if mean, ok := s.Mean(); ok {
		return mean
	}
	return math.NaN()
}

// Split is the difference between the means of two groups, the second less the first: Mix is what comes from their make-up and Change
// what comes from what the parts answered. They add up to the difference.
type Split struct{ Mix, Change float64 }

// Decompose splits the difference of two means by their parts (E. M. Kitagawa, Components of a difference between two rates, Journal of
// the American Statistical Association 50, 1955): each part brings the difference of its shares times the mean of its means, and the
// difference of its means times the mean of its shares. Nobody knows what a part that is missing in one group would have answered there,
// so all that it brings counts as mix. It answers false where a group has no parts at all. Another order of the parts may give
// another last bit.
func Decompose(parts []Part) (Split, bool) {
	var a, b float64
	for _, p := range parts {
		a, b = a+max(0, p.WeightA), b+max(0, p.WeightB)
	}
	if !(a > 0) || !(b > 0) || !finite(a) || !finite(b) {
		return Split{}, false
	}
	var s Split
	for _, p := range parts {
		shareA, shareB := max(0, p.WeightA)/a, max(0, p.WeightB)/b
		meanA, meanB := p.MeanA, p.MeanB
		switch {
		case shareA == 0 && shareB == 0:
			continue
		case shareA == 0:
			meanA = meanB
		case shareB == 0:
			meanB = meanA
		}
		s.Mix += float64((shareB - shareA) * (meanA + meanB) / 2)
		s.Change += float64((meanB - meanA) * (shareA + shareB) / 2)
	}
	if !finite(s.Mix) || !finite(s.Change) {
		return Split{}, false
	}
	return s, true
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Standardize is the mean that a group would have if its parts weighed as they do in a standard population (direct standardisation; J.
// L. Fleiss, B. Levin and M. C. Paik, Statistical Methods for Rates and Proportions, 2003, chapter 19), with a normal interval by the
// variances of the parts. Samples and standard are by part, in the same order, whichever it is; a standard of 0 leaves a part out. It
// answers false where a part that the standard asks for has fewer than two respondents: its mean, or how sure it is, would be made up.
func Standardize(samples []uncertainty.Sample, standard []float64, level float64) (uncertainty.Estimate, bool) {
	total := 0.0
	for _, weight := range standard {
		total += max(0, weight)
	}
	if !(total > 0) || !finite(total) || len(samples) != len(standard) {
		return uncertainty.Estimate{}, false
	}
	mean, squared := 0.0, 0.0
	for k := range samples {
		share := max(0, standard[k]) / total
		if share == 0 {
			continue
		}
		partMean, _ := samples[k].Mean()
		variance, ok := samples[k].Variance()
		if !ok {
			return uncertainty.Estimate{}, false
		}
		mean += float64(share * partMean)
		squared += float64(share * share * variance / samples[k].EffectiveN())
	}
	half := uncertainty.Z(level) * math.Sqrt(squared)
	e := uncertainty.Estimate{Value: mean, Low: mean - half, High: mean + half, Level: level}
	if !finite(e.Low) || !finite(e.High) {
		return uncertainty.Estimate{}, false
	}
	return e, true
}
