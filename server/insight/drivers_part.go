package insight

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/drivers"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

func (r *driversReport) begin() part {
	return &driversPart{
		of: r, Moments: drivers.NewMoments(len(r.predictors)),
		Performance: make([]uncertainty.Sample, len(r.predictors)), Missing: make([]int, len(r.predictors)),
	}
}

type driversPart struct {
	of          *driversReport
	Moments     *drivers.Moments     `json:"moments"`
	Performance []uncertainty.Sample `json:"performance"`
	Missing     []int                `json:"missing"`
	Asked       int                  `json:"asked"`
	Drawn       rows                 `json:"drawn"`
	// row and scores are working memory.
	row, scores []float64
}

func (p *driversPart) take(one *subject) error {
	for _, k := range one.chosen {
		o := &one.scores[k]
		if o.kept == nil {
			continue
		}
		p.Asked++
		target, err := p.read(one, o)
		if err != nil {
			return err
		}
		if !p.Moments.Add(p.row, target) {
			continue
		}
		for k, x := range p.row {
			p.Performance[k].Add(x, 1)
		}
		if p.of.samples > 0 {
			p.Drawn.offer(o.kept.Score.GetResponseId(), p.of.in.expected, p.row, target)
		}
	}
	return nil
}

// read reads the predictors into the row, and answers the target; NaN is missing.
func (p *driversPart) read(one *subject, o *observed) (target float64, err error) {
	places := p.of.places.of(o.survey)
	if p.scores, err = o.survey.scorer.Readings(o.kept.Response, o.kept.Score, places, p.scores); err != nil {
		return 0, err
	}
	p.row = p.row[:0]
	scores := p.scores
	for k, predictor := range p.of.predictors {
		var x, less float64
		x, scores = meanOf(scores, len(predictor.GetItemIds()))
		less, scores = meanOf(scores, len(predictor.GetLessItemIds()))
		if x -= less; math.IsNaN(x) {
			p.Missing[k]++
		}
		p.row = append(p.row, x)
	}
	switch target := p.of.target.GetTarget().(type) {
	case *cmiv1.DriverTarget_Pillar:
		return o.Pillars[target.Pillar-1], nil
	case *cmiv1.DriverTarget_ItemId:
		return p.scores[len(p.scores)-1], nil
	case *cmiv1.DriverTarget_Outcome:
		return came(one, o, target.Outcome), nil
	default:
		return o.CMI, nil
	}
}

// meanOf is the mean of the first scores, 0 of none, and the others.
func meanOf(scores []float64, n int) (mean float64, others []float64) {
	for _, score := range scores[:n] {
		mean += score
	}
	if n > 1 {
		mean /= float64(n)
	}
	return mean, scores[n:]
}

// came is 100 where an outcome came within its time after a response, else 0; missing of somebody who is not known.
func came(one *subject, o *observed, outcome *cmiv1.OutcomeTarget) float64 {
	if one.Profile == nil {
		return math.NaN()
	}
	for _, what := range one.Outcomes {
		if what.GetKind() == outcome.GetKind() && within(o.At, what, outcome.GetWindowDays()) {
			return 100
		}
	}
	return 0
}

// within tells whether an outcome came after a time, and not more than some days after it.
func within(at int64, what *cmiv1.Outcome, days int32) bool {
	after := what.GetOccurredAt().AsTime().UnixMicro() - at
	return after > 0 && after <= int64(days)*day
}

func (p *driversPart) merge(other part) error {
	from := other.(*driversPart)
	p.Asked += from.Asked
	for k := range p.Missing {
		p.Missing[k] += from.Missing[k]
		p.Performance[k].Merge(from.Performance[k])
	}
	p.Drawn.merge(from.Drawn)
	return p.Moments.Merge(from.Moments)
}
