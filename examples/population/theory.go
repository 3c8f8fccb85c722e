package population

import "math"

// TrueSEM answers the standard error of measurement of the CMI in the parallel model, in points: the mean of three pillars,
// each the mean of k items with independent errors of SD e, so e / sqrt(3 k). NaN in the survey model, where nobody can
// calculate it.
func (p Plan) TrueSEM() float64 { return p.TruePillarSEM() / math.Sqrt(pillars) }

// TruePillarSEM answers the standard error of measurement of one pillar in the parallel model, in points: e / sqrt(k). NaN in
// the survey model.
func (p Plan) TruePillarSEM() float64 {
	if p.Model != Parallel {
		return math.NaN()
	}
	return p.ErrorSD / math.Sqrt(float64(p.Items))
}

// TrueAlpha answers the reliability of a pillar in the parallel model, 0..1, over all customers at the last wave. For k
// parallel items with errors of SD e and true scores of variance V, Cronbach's alpha is k V / (k V + e^2) (C. Spearman and
// W. Brown, 1910). NaN in the survey model.
func (p Plan) TrueAlpha() float64 {
	if p.Model != Parallel {
		return math.NaN()
	}
	kv := float64(p.Items) * p.trueVariance()
	return kv / (kv + float64(p.ErrorSD*p.ErrorSD))
}

// trueVariance is the variance of the true scores of a pillar at the last wave, over chance. How far the true momentum lies
// from the middle of its levels, of width R, is uniform over the width R for steady customers, of variance R^2/12. For those
// who move at a slope s over T months it is uniform over what is left, R - sT, around +-sT/2. On top comes the pillar's
// distance from the momentum: of three independent uniform numbers of -D..D, of variance D^2/3 each, one minus their mean.
func (p Plan) trueVariance() float64 {
	width, months, slope := p.levels().width(), p.months(), p.slope()
	way := months * (slope.Least + slope.Most) / 2
	squaredWay := months * months * (slope.Least*slope.Least + slope.Least*slope.Most + slope.Most*slope.Most) / 3
	moving := p.Rising + p.Falling
	mean := (p.Rising - p.Falling) * way / 2
	square := (1-moving)*width*width/12 + moving*((width*width-2*width*way+squaredWay)/12+squaredWay/4)
	apart := p.spread() * p.spread() / 3 * (1 - 1.0/pillars)
	return square - mean*mean + apart
}
