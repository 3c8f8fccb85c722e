package report

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// channels lays out the channels compared.
func channels(answer *cmiv1.CompareChannelsResponse) *Report {
	s := &sheet{
		title: "The channels", lead: "As they are, and as they would be if all had the same audience.", keys: []key{{"channel", "channel"}},
		columns: []column{{name: "cmi", heading: "CMI"}, {name: "cmi_standardized", heading: "with the same audience"}},
	}
	d := &dots{title: "Mean CMI by channel", axis: "CMI, 0 to 100", series: []legend{
		{serialInks()[0], "as it is"}, {serialInks()[1], "with the same audience"},
	}}
	for _, c := range answer.GetChannels() {
		r := rowOf(c.GetCell(), nil)
		r.labels = []label{same(Word(c.GetChannel()))}
		r.figures = []figure{estimated(c.GetCmi()), estimated(c.GetStandardized())}
		s.add(r)
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(r.figures[0]), points: r.figures})
	}
	s.charts = []chart{d}
	standard := &sheet{title: "The audience that all are given", keys: []key{{"audience", "audience"}}, columns: []column{{name: "share", heading: "share", unit: share}}}
	for _, a := range answer.GetStandard() {
		name := same(Word(a.GetAudience()))
		if name.shown == "" {
			name.shown = "(none)"
		}
		standard.add(&row{labels: []label{name}, figures: []figure{bare(a.Share)}})
	}
	return &Report{name: "channels", title: "The channels compared", sheets: []*sheet{s, standard}}
}
