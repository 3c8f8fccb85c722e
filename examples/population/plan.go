// Package population makes customers up whose truth is known: who they are, what they do and answer wave after wave, and
// where they really stand and are heading. What the service says about them can be held against that.
//
// Everything follows from a seed. A customer is the same whatever the size of the population and whoever else is generated,
// in whatever order, so customers are made one by one, and a population takes no memory.
package population

import (
	"fmt"
	"math"
	"time"
)

// Model is how true standing becomes answers.
type Model int

const (
	// Survey looks real: whole steps, ends that hold answers back, missing answers, behaviour.
	Survey Model = iota
	// Parallel is what the formulas of measurement error take for granted, so that what they should answer can be calculated:
	// every item of a pillar is its true score plus an independent normal error of the same size, and nothing is missing.
	Parallel
)

// String answers the name of the model.
func (m Model) String() string {
	switch m {
	case Survey:
		return "survey"
	case Parallel:
		return "parallel"
	}
	return fmt.Sprintf("Model(%d)", int(m))
}

// Plan says what population is made. The zero value is of no use; begin with [New].
type Plan struct {
	// Seed decides everything that is left to chance. It is part of the ids, so populations of different seeds do not mix.
	Seed uint64
	// Model is how true standing becomes answers.
	Model Model
	// Customers is how many there are, at least 1.
	Customers int
	// Waves is how many times they are asked, 1 to 1,000.
	Waves int
	// Start is when the first wave begins; whole seconds.
	Start time.Time
	// Every is the time from one wave to the next, 1 day to 10 years.
	Every time.Duration

	// Rising and Falling are the shares of customers, 0..1, who get better and worse along a straight line; the others are
	// steady.
	Rising, Falling float64
	// Slope is how fast those who move do, in points per 30 days up or down, anything between alike likely. The zero value: 1
	// to 3 in the survey model, half of it in the parallel one, and less where so many waves leave no room for it.
	Slope Range

	// Late is the share of customers who are new at the end: they came in the last 85 days.
	Late float64
	// Silent is the share of customers who are inactive at the end because nothing was heard of them for long. Where the
	// population is too short for that there are none.
	Silent float64
	// Closed is the share of customers whose relationship has ended at the end. In a population of one wave there are none.
	Closed float64
	// Gap is the share of waves at which a customer does not answer, 0..1. The first and the last wave of a customer are always
	// answered, and the silent do not miss a wave before they fall silent.
	Gap float64

	// DontKnow, Declined, NotApplicable and Skipped are the shares of questions, 0..1, that get no answer for that reason. Only
	// in the survey model.
	DontKnow, Declined, NotApplicable, Skipped float64
	// Comment is the share of responses, 0..1, that say why in words. Only in the survey model.
	Comment float64

	// Activity is how many interactions in 30 days a customer of full engagement has, 0 or more, in the survey model above 0.
	// At a true BEI of b they have (1 + Activity)^(b/100) - 1 on average, so that the frequency item is on the scale of the
	// BEI.
	Activity float64

	// Items is how many items measure each pillar, 2 to 20, and ErrorSD the standard deviation of the error of each, in points,
	// above 0 up to 7. Only in the parallel model.
	Items   int
	ErrorSD float64
}

// Range is from Least to Most.
type Range struct{ Least, Most float64 }

// New answers the usual plan of a model: 1,000 customers asked 12 times, 30 days apart, 60% of them steady, 20% rising and
// 20% falling. In the survey model some come late, fall silent, leave or miss a wave; in the parallel one everybody answers
// everything.
func New(model Model) Plan {
	p := Plan{
		Seed: 1, Model: model, Customers: 1000, Waves: 12,
		Start: time.Date(2025, time.November, 1, 0, 0, 0, 0, time.UTC), Every: 30 * day,
		Rising: 0.2, Falling: 0.2,
		Activity: 12,
	}
	if model == Parallel {
		p.Items, p.ErrorSD = 3, 6
		return p
	}
	p.Late, p.Silent, p.Closed = 0.05, 0.06, 0.04
	p.Gap, p.Comment = 0.1, 0.2
	p.DontKnow, p.Declined, p.NotApplicable, p.Skipped = 0.02, 0.01, 0.01, 0.03
	return p
}

const (
	day   = 24 * time.Hour
	month = 30 * day
)

// Validate answers what of the plan cannot be done, and nil when all can.
func (p Plan) Validate() error {
	switch {
	case p.Model != Survey && p.Model != Parallel:
		return fmt.Errorf("there is no model %d; survey and parallel are", int(p.Model))
	case p.Customers < 1:
		return fmt.Errorf("%d customers are not a population; at least 1 is", p.Customers)
	case p.Waves < 1 || p.Waves > 1000:
		return fmt.Errorf("%d waves are not allowed; 1 to 1,000 are", p.Waves)
	case p.Every < day || p.Every > 3650*day:
		return fmt.Errorf("waves cannot be %v apart; from 1 day to 3,650 days they can", p.Every)
	case p.months() > 200*12.2:
		return fmt.Errorf("%d waves %v apart take more than 200 years", p.Waves, p.Every)
	case p.Start.Nanosecond() != 0:
		return fmt.Errorf("the start %v is not a whole second", p.Start)
	case p.Start.Year() < 1900 || p.End().Year() > 9998:
		return fmt.Errorf("from %v to %v is outside of the years 1900 to 9998", p.Start, p.End())
	case !(p.Activity >= 0 && p.Activity <= 1000) || p.Model == Survey && p.Activity == 0:
		return fmt.Errorf("%v interactions in 30 days are not allowed; up to 1,000 are, and more than 0 in the survey model", p.Activity)
	}
	if err := p.validateModel(); err != nil {
		return err
	}
	if err := p.validateShares(); err != nil {
		return err
	}
	return p.validateSlope()
}

func (p Plan) validateModel() error {
	if p.Model != Parallel {
		return nil
	}
	switch {
	case p.Items < 2 || p.Items > 20:
		return fmt.Errorf("%d items are not allowed for a pillar; 2 to 20 are", p.Items)
	case !(p.ErrorSD > 0 && p.ErrorSD <= 7):
		return fmt.Errorf("an error of %v points is not allowed; above 0 up to 7 is, so that no answer reaches the ends of its scale", p.ErrorSD)
	case p.DontKnow+p.Declined+p.NotApplicable+p.Skipped+p.Comment != 0:
		return fmt.Errorf("in the parallel model every question is answered and nothing is said in words; those shares belong to the survey model")
	}
	return nil
}

func (p Plan) validateShares() error {
	for _, s := range []struct {
		of    string
		share float64
	}{
		{"rising", p.Rising}, {"falling", p.Falling}, {"rising and falling", p.Rising + p.Falling},
		{"late", p.Late}, {"silent", p.Silent}, {"closed", p.Closed}, {"late, silent and closed", p.Late + p.Silent + p.Closed},
		{"gap", p.Gap}, {"comment", p.Comment},
		{"don't know", p.DontKnow}, {"declined", p.Declined}, {"not applicable", p.NotApplicable}, {"skipped", p.Skipped},
		{"questions without an answer", p.DontKnow + p.Declined + p.NotApplicable + p.Skipped},
	} {
		if !(s.share >= 0 && s.share <= 1) {
			return fmt.Errorf("%v is not a share (%s); 0 to 1 is", s.share, s.of)
		}
	}
	return nil
}

func (p Plan) validateSlope() error {
	if p.Slope == (Range{}) {
		return nil
	}
	if !(p.Slope.Least >= 0 && p.Slope.Least <= p.Slope.Most && !math.IsInf(p.Slope.Most, 1)) {
		return fmt.Errorf("slopes from %v to %v are not allowed; 0 or more are, the least first", p.Slope.Least, p.Slope.Most)
	}
	if way, room := float64(p.Slope.Most*p.months()), p.levels().width(); way > room {
		return fmt.Errorf("%v points per 30 days lead %.1f points far in %d waves; there is room for %.1f in the %s model",
			p.Slope.Most, way, p.Waves, room, p.Model)
	}
	return nil
}
