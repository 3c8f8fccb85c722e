package report

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// comparison lays out a loyalty metric of two groups.
func comparison(answer *cmiv1.CompareLoyaltyResponse) *Report {
	metric := answer.GetFirst().GetMetric()
	s := &sheet{
		title: metricName(metric) + " of two groups", lead: metricLead(metric),
		keys: []key{{"group", "group"}, {name: "item"}}, columns: metricColumns(metric),
	}
	t := metricTheme(metric)
	d := &dots{title: t.title, axis: t.axis, unit: t.unit, low: t.low, high: t.high, mark: t.mark}
	for name, f := range inTurn([]string{"first", "second"}, []*cmiv1.LoyaltyFigures{answer.GetFirst(), answer.GetSecond()}) {
		n := f.GetN()
		r := &row{labels: []label{same(name), {raw: f.GetItemId()}}, n: &n, flag: f.GetFlag(), figures: metricFigures(f)}
		s.add(r)
		d.rows = append(d.rows, dotRow{label: name, note: r.note(r.figures[0]), points: r.figures[:1]})
	}
	s.charts = []chart{d}
	u := change
	if metric == cmiv1.Metric_METRIC_CSAT {
		u = shareChange
	}
	difference := &sheet{title: "The difference", keys: []key{{"group", "difference"}}, columns: []column{{name: "difference", heading: "first less second", unit: u}}}
	difference.add(&row{labels: []label{{"between the two", "first less second"}}, figures: []figure{tested(answer.GetDifference())}})
	return &Report{name: "comparison", title: "Two groups compared", sheets: []*sheet{s, difference}}
}

// inTurn goes through two lists of the same length together.
func inTurn[T any](names []string, all []T) func(yield func(string, T) bool) {
	return func(yield func(string, T) bool) {
		for i, name := range names {
			if !yield(name, all[i]) {
				return
			}
		}
	}
}
