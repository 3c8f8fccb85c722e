package report

import (
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// revenue lays out what revenue to expect.
func revenue(answer *cmiv1.ForecastRevenueResponse) *Report {
	r := &Report{
		name: "revenue", title: "Revenue to expect", asked: []fact{{"over", fmt.Sprintf("%d months", answer.GetHorizonMonths())}},
		sheets: []*sheet{retentionSheet(answer.GetBuckets()), revenueSheet(answer)},
	}
	for _, a := range answer.GetAssumptions() {
		r.notes = append(r.notes, "Assumed: "+a)
	}
	return r
}

// retentionSheet is the sheet of how many stay.
func retentionSheet(all []*cmiv1.BucketForecast) *sheet {
	s := &sheet{
		title: "Who stays", lead: "The share that stays from one month to the next.", keys: []key{{"bucket", "bucket"}},
		columns: []column{
			{name: "monthly_retention", heading: "stays a month", unit: share}, {name: "months_seen", heading: "months seen", unit: whole},
			{name: "months_left", heading: "months left", unit: whole},
		},
	}
	d := &dots{title: "Share that stays from one month to the next", axis: "monthly retention", unit: share, high: new(1.0)}
	for _, b := range all {
		n := b.GetCustomers()
		r := &row{labels: []label{bucketLabel(b.GetBucket())}, n: &n, flag: b.GetFlag(), figures: make([]figure, len(s.columns))}
		if !r.suppressed() {
			r.figures = []figure{estimated(b.GetMonthlyRetention()), counted(b.GetMonthsSeen()), counted(b.GetMonthsLeft())}
		}
		s.add(r)
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures[:1], ink: bucketInk(b.GetBucket())})
	}
	s.charts = []chart{d}
	return s
}

// revenueSheet is the sheet of the money, by bucket and currency and for all buckets together.
func revenueSheet(answer *cmiv1.ForecastRevenueResponse) *sheet {
	s := &sheet{
		title: "What to expect", lead: "The band is that of the retention; what customers spend may change too. Nothing is converted.",
		keys:    []key{{"bucket", "bucket"}, {"currency", "currency"}},
		columns: []column{{name: "monthly_spend", heading: "spend a month", unit: money}, {name: "expected_revenue", heading: "expected", unit: money}},
	}
	charts := make(map[string]*dots)
	var currencies []string
	add := func(of label, i ink, all []*cmiv1.ExpectedRevenue) {
		for _, e := range all {
			n := e.GetCustomers()
			r := &row{labels: []label{of, same(e.GetCurrency())}, n: &n, figures: []figure{bare(e.MonthlySpend), estimated(e.GetExpected())}}
			s.add(r)
			if !slices.Contains(currencies, e.GetCurrency()) {
				currencies = append(currencies, e.GetCurrency())
				charts[e.GetCurrency()] = &dots{title: "Revenue to expect in " + e.GetCurrency(), axis: e.GetCurrency(), unit: money, bars: true}
			}
			d := charts[e.GetCurrency()]
			d.rows = append(d.rows, dotRow{label: of.shown, note: r.note(r.figures[1]), points: r.figures[1:], ink: i})
		}
	}
	for _, b := range answer.GetBuckets() {
		add(bucketLabel(b.GetBucket()), bucketInk(b.GetBucket()), b.GetRevenue())
	}
	add(label{"all buckets", ""}, serialInks()[7], answer.GetTotal())
	for _, currency := range currencies {
		s.charts = append(s.charts, charts[currency])
	}
	return s
}
