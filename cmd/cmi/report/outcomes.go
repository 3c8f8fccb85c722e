package report

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// outcomes lays out outcomes against scores, a sheet for each kind and one for the money.
func outcomes(answer *cmiv1.LinkOutcomesResponse) *Report {
	r := &Report{name: "outcomes", title: "Outcomes after scores", asked: []fact{{"within", fmt.Sprintf("%d days after a score", answer.GetWindowDays())}}}
	if n := answer.GetTooRecent(); n > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%d customers are left out: the time after their scores is not over.", n))
	}
	for _, l := range answer.GetLinks() {
		r.sheets = append(r.sheets, outcomeSheet(l))
	}
	r.sheets = append(r.sheets, amountSheet(answer.GetLinks()))
	return r
}

// bandLabel names the bucket or third of a group.
func bandLabel(g *cmiv1.OutcomeGroup) label {
	switch g.GetThird() {
	case 0:
		return bucketLabel(g.GetBucket())
	case 1:
		return label{"lowest third", "1"}
	case 2:
		return label{"middle third", "2"}
	}
	return label{"highest third", fmt.Sprint(g.GetThird())}
}

// bandInk is the ink of the bucket or third of a group.
func bandInk(g *cmiv1.OutcomeGroup) ink {
	if third := int(g.GetThird()); third >= 1 && third <= len(buckets()) {
		return bucketInk(buckets()[third-1])
	}
	return bucketInk(g.GetBucket())
}

// outcomeSheet is the sheet of one kind.
func outcomeSheet(l *cmiv1.OutcomeLink) *sheet {
	kind := Word(l.GetKind())
	s := &sheet{
		title: capital(spaced(kind)), lead: "How often it came, and how many times as often as in the other groups together.",
		keys: []key{{name: "outcome"}, {"band", "score"}},
		columns: []column{
			{name: "rate", heading: "rate", unit: share}, {name: "occurred", heading: "occurred", unit: whole},
			{name: "relative_risk", heading: "times as likely", unit: ratio},
		},
	}
	d := &dots{title: "How often: " + spaced(kind), axis: "share of customers", unit: share, bars: true}
	for _, g := range l.GetGroups() {
		n := g.GetN()
		r := &row{labels: []label{{raw: kind}, bandLabel(g)}, n: &n, flag: g.GetFlag(), figures: make([]figure, len(s.columns))}
		if !r.suppressed() {
			r.figures = []figure{estimated(g.GetRate()), counted(g.GetOccurred()), estimated(g.GetRelativeRisk())}
		}
		s.add(r)
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures[:1], ink: bandInk(g)})
	}
	s.charts = []chart{d}
	return s
}

// amountSheet is the sheet of the money that came with outcomes.
func amountSheet(links []*cmiv1.OutcomeLink) *sheet {
	s := &sheet{
		title: "Money that came with them", lead: "Nothing is converted.", keys: []key{{"outcome", "outcome"}, {"band", "score"}, {"currency", "currency"}},
		columns: []column{{name: "mean_amount", heading: "mean", unit: money}, {name: "total_amount", heading: "total", unit: money}},
	}
	for _, l := range links {
		for _, g := range l.GetGroups() {
			for _, a := range g.GetAmounts() {
				n := a.GetN()
				s.add(&row{
					labels: []label{{spaced(Word(l.GetKind())), Word(l.GetKind())}, bandLabel(g), same(a.GetCurrency())}, n: &n,
					figures: []figure{estimated(a.GetMean()), bare(a.Total)},
				})
			}
		}
	}
	return s
}
