package report

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// waves lays out two periods compared.
func waves(answer *cmiv1.CompareWavesResponse) *Report {
	return &Report{name: "waves", title: "Two periods compared", sheets: []*sheet{
		waveSheet(answer), waveDifferences(answer), mixSheet(answer.GetSplit()),
	}}
}

func waveSheet(answer *cmiv1.CompareWavesResponse) *sheet {
	s := &sheet{
		title: "The two periods", keys: []key{{"wave", "wave"}, {periodKey, "begins"}},
		columns: []column{{name: "cmi", heading: "CMI"}},
	}
	d := &dots{title: "Mean CMI of the two periods", axis: "CMI, 0 to 100"}
	for name, w := range inTurn([]string{"first", "second"}, []*cmiv1.Wave{answer.GetFirst(), answer.GetSecond()}) {
		c := w.GetCell()
		r := rowOf(c, nil)
		begins := same(clock(c.GetPeriodStart()))
		if c.GetPeriodStart() == nil {
			begins = label{}
		}
		r.labels = []label{same(name), begins}
		r.figures = []figure{estimated(w.GetCmi())}
		s.add(r)
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures})
	}
	s.charts = []chart{d}
	return s
}

// waveDifferences says how far the periods lie apart, and where that comes from.
func waveDifferences(answer *cmiv1.CompareWavesResponse) *sheet {
	s := &sheet{
		title: "What differs", lead: "The later less the earlier mean, in points.",
		keys: []key{{"difference", "difference"}}, columns: []column{{name: "difference", heading: "points", unit: change}},
	}
	both := answer.GetBoth()
	s.add(&row{labels: []label{{"the same customers (paired t test)", "paired"}}, n: &both, figures: []figure{tested(answer.GetPaired())}})
	s.add(&row{labels: []label{{"everybody (Welch's t test)", "unpaired"}}, figures: []figure{tested(answer.GetUnpaired())}})
	s.add(&row{labels: []label{{"of that: who answered (mix)", "mix"}}, figures: []figure{bare(mixOf(answer.GetSplit()))}})
	s.add(&row{labels: []label{{"of that: what they answered (change)", "change"}}, figures: []figure{bare(changeOf(answer.GetSplit()))}})
	d := &dots{title: "Differences in points", axis: "points of CMI", unit: change, mark: new(0.0)}
	for _, r := range s.rows {
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures})
	}
	s.charts = []chart{d}
	return s
}

func mixOf(s *cmiv1.MixSplit) *float64 {
	if s == nil {
		return nil
	}
	return s.Mix
}

func changeOf(s *cmiv1.MixSplit) *float64 {
	if s == nil {
		return nil
	}
	return s.Change
}

// mixSheet has the parts of which the two periods are made up.
func mixSheet(split *cmiv1.MixSplit) *sheet {
	name := split.GetBy()
	s := &sheet{title: "Its parts, by " + name, keys: []key{{name, name}}, columns: []column{
		{name: "first_n", heading: "n first", unit: whole}, {name: "second_n", heading: "n second", unit: whole},
		{name: "first_share", heading: "share first", unit: share}, {name: "second_share", heading: "share second", unit: share},
		{name: "first_mean", heading: "CMI first"}, {name: "second_mean", heading: "CMI second"},
	}}
	for _, p := range split.GetParts() {
		s.add(&row{labels: []label{groupLabel(p.GetGroup())}, figures: []figure{
			counted(p.GetFirstN()), counted(p.GetSecondN()), bare(p.FirstShare), bare(p.SecondShare), bare(p.FirstMean), bare(p.SecondMean),
		}})
	}
	return s
}
