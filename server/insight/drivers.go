package insight

import (
	"context"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/drivers"
)

// What is drawn from where nothing else is asked for.
const (
	usualSamples = 1000
	usualSeed    = 1
)

type driversReport struct {
	in         *scope
	target     *cmiv1.DriverTarget
	predictors []*cmiv1.DriverPredictor
	// items are those of the predictors, and at last the target where it is one.
	items   []string
	places  positions // by positions
	method  drivers.Method
	samples int
	seed    uint64
	level   float64
	each    int // how many respondents a predictor needs
}

func (i *Insight) drivers(ctx context.Context, tenant string, r *cmiv1.AnalyzeDriversRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), unit: r.GetUnit()})
	if err != nil {
		return nil, err
	}
	d := &driversReport{
		in: s, target: r.GetTarget(), predictors: r.GetPredictors(), method: drivers.Method(r.GetMethod()),
		samples: usualSamples, seed: usualSeed, level: level, each: drivers.PerPredictor,
	}
	if r.MinPerPredictor != nil {
		d.each = int(r.GetMinPerPredictor())
	}
	if b := r.GetBootstrap(); b != nil {
		if b.Samples != nil {
			d.samples = int(b.GetSamples())
		}
		if b.Seed != nil {
			d.seed = uint64(uint32(b.GetSeed()))
		}
		if b.Level != nil {
			d.level = b.GetLevel()
		}
	}
	for _, p := range d.predictors {
		d.items = append(append(d.items, p.GetItemIds()...), p.GetLessItemIds()...)
	}
	if id := d.target.GetItemId(); id != "" {
		d.items = append(d.items, id)
	}
	d.places.find = d.positions
	if err := d.check(); err != nil {
		return nil, err
	}
	s.outcomes = d.target.GetOutcome() != nil
	s.answers = func(one *subject) []int { return s.each(one, d.has) }
	return d, i.exist(ctx, s, "filter")
}

// check refuses predictors that cannot be.
func (r *driversReport) check() error {
	if r.method == drivers.LMG && len(r.predictors) > drivers.MostLMG {
		return invalid("method", "DRIVER_METHOD_LMG takes up to %d predictors, and there are %d; DRIVER_METHOD_JOHNSON takes more",
			drivers.MostLMG, len(r.predictors))
	}
	for k, p := range r.predictors {
		at := sentence("predictors[%d]", k)
		for _, id := range p.GetLessItemIds() {
			if slices.Contains(p.GetItemIds(), id) {
				return invalid(at+".less_item_ids", "%q is one of the items that it would be taken off", id)
			}
		}
		if target := r.target.GetItemId(); target != "" && (slices.Contains(p.GetItemIds(), target) || slices.Contains(p.GetLessItemIds(), target)) {
			return invalid(at, "%q is the target; it explains itself", target)
		}
		if slices.ContainsFunc(r.predictors[:k], func(other *cmiv1.DriverPredictor) bool {
			return slices.Equal(p.GetItemIds(), other.GetItemIds()) && slices.Equal(p.GetLessItemIds(), other.GetLessItemIds())
		}) {
			return invalid(at, "%s is given twice", nameOf(p))
		}
	}
	return nil
}

// has tells whether a score may have the target and every predictor.
func (r *driversReport) has(o *observed) bool {
	ok := r.places.of(o.survey) != nil
	if outcome := r.target.GetOutcome(); outcome != nil {
		return ok && o.At+int64(outcome.GetWindowDays())*day <= r.in.asOf.UnixMicro()
	}
	return ok
}

// nameOf says what a predictor is called.
func nameOf(p *cmiv1.DriverPredictor) string {
	if p.GetName() != "" {
		return sentence("%q", p.GetName())
	}
	name := strings.Join(p.GetItemIds(), "+")
	if len(p.GetLessItemIds()) > 0 {
		name += ":" + strings.Join(p.GetLessItemIds(), "+")
	}
	return sentence("%q", name)
}

// positions are where the items stand in a survey: those of each predictor, then those that are taken off it, and at last that of the
// target where it is an item; nil where the survey lacks any of them.
func (r *driversReport) positions(in *survey) []int {
	var all []int
	for _, id := range r.items {
		k, ok := in.position(id)
		if !ok {
			return nil
		}
		all = append(all, k)
	}
	return all
}

func (r *driversReport) scope() *scope { return r.in }
