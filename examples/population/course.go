package population

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// pillars is how many pillars there are: ECI, BEI and FII.
const pillars = 3

// course is where a customer really stands, wave after wave: a straight line, level for a steady one.
type course struct {
	direction cmiv1.Direction
	slope     float64          // points per 30 days
	middle    float64          // the true momentum halfway
	pillars   [pillars]float64 // how far each pillar lies from the momentum; together 0
}

// course draws the course of a customer. Whatever the slope, all of it lies within the levels of the model.
func (p Plan) course(customer int) course {
	r := p.chance(customer, forCourse)
	c := course{direction: cmiv1.Direction_DIRECTION_STEADY}
	slope := between(r, p.slope().Least, p.slope().Most)
	switch pick(r, p.Rising, p.Falling, 1-p.Rising-p.Falling) {
	case 0:
		c.direction, c.slope = cmiv1.Direction_DIRECTION_RISING, slope
	case 1:
		c.direction, c.slope = cmiv1.Direction_DIRECTION_FALLING, -slope
	default:
		slope = 0
	}
	levels, half := p.levels(), float64(slope*p.months())/2
	place := r.Float64()
	if p.Model == Survey {
		place = (place + r.Float64()) / 2 // most are in the middle
	}
	c.middle = levels.Least + half + float64((levels.width()-2*half)*place)
	c.pillars = p.apart(r.Float64(), r.Float64(), r.Float64())
	return c
}

// momentum is the true momentum at a wave, 0..100.
func (c course) momentum(p Plan, wave int) float64 {
	if c.slope == 0 {
		return c.middle
	}
	sinceMiddle := (float64(wave) - float64(p.Waves-1)/2) * (float64(p.Every) / float64(month))
	return c.middle + float64(c.slope*sinceMiddle)
}

// pillar is the true score of a pillar at a wave, 0..100.
func (c course) pillar(p Plan, pillar, wave int) float64 {
	return c.momentum(p, wave) + c.pillars[pillar]
}

// apart turns numbers of 0..1 into how far the pillars lie from their mean.
func (p Plan) apart(numbers ...float64) (apart [pillars]float64) {
	mean := 0.0
	for i, x := range numbers {
		apart[i] = p.spread() * (2*x - 1)
		mean += apart[i] / pillars
	}
	for i := range apart {
		apart[i] -= mean
	}
	return apart
}

// spread is how far a pillar goes up or down before the mean of the three is taken out: it then lies up to 4/3 of that from
// the momentum.
func (p Plan) spread() float64 {
	if p.Model == Parallel {
		return 3
	}
	return 6
}

// levels is between what true momentum lies. In the parallel model it leaves room of 6 standard deviations of the error
// between any true score and the ends of the scale.
func (p Plan) levels() Range {
	if p.Model == Parallel {
		end := float64(farthest*p.ErrorSD) + p.spread()*4/3
		return Range{end, 100 - end}
	}
	return Range{24, 91}
}

func (r Range) width() float64 { return r.Most - r.Least }

// slope is how fast those who move do: as the plan says, or else as is usual and fits into five sixths of the room there is.
func (p Plan) slope() Range {
	if p.Slope != (Range{}) {
		return p.Slope
	}
	most := 3.0
	if p.Model == Parallel {
		most = 1.5
	}
	if p.Waves > 1 {
		most = min(most, p.levels().width()*5/6/p.months())
	}
	return Range{most / 3, most}
}
