package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// compileMetric checks that the scale of an item fits the loyalty metric that it carries: whoever reads a figure by its name
// takes it to be the one that others have.
func (it *item) compileMetric(m *cmiv1.Item, at string, f *faults) {
	f.enum(at, ".metric", m.Metric)
	it.compileCSAT(m, at, f)
	if it.scale == nil {
		return
	}
	r, rated := it.scale.(*rating)
	switch m.Metric {
	case cmiv1.Metric_METRIC_NPS:
		if !rated || r.min != 0 || r.max != 10 || r.step != 1 {
			f.add(at, ".metric", "METRIC_NPS is not allowed here; on a rating from 0 to 10 in steps of 1 it is")
		}
	case cmiv1.Metric_METRIC_CES:
		if !rated || r.min != 1 || r.max != 7 {
			f.add(at, ".metric", "METRIC_CES is not allowed here; on a rating from 1 to 7 it is")
		}
	case cmiv1.Metric_METRIC_CSAT:
		if !rated {
			f.add(at, ".metric", "METRIC_CSAT is not allowed here; on a rating it is")
		}
	}
}

// compileCSAT checks the lowest satisfied answer.
func (it *item) compileCSAT(m *cmiv1.Item, at string, f *faults) {
	if m.CsatTop == nil {
		return
	}
	r, rated := it.scale.(*rating)
	switch top := *m.CsatTop; {
	case m.Metric != cmiv1.Metric_METRIC_CSAT:
		f.add(at, ".csat_top", "%s is not allowed here; csat_top is allowed only with metric METRIC_CSAT", number(top))
	case !rated:
		f.add(at, ".csat_top", "%s is not allowed here; csat_top is allowed only on a rating", number(top))
	case !(top >= r.min && top <= r.max) && r.min < r.max:
		f.add(at, ".csat_top", "%s is not allowed; numbers from %s to %s are", number(top), number(r.min), number(r.max))
	case !finite(top):
		f.add(at, ".csat_top", "%s is not allowed; numbers inside the rating are", number(top))
	}
}
