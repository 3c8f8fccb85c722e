package report

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// loyalty lays out the loyalty metrics of groups, a sheet for each item that carries one.
func loyalty(answer *cmiv1.GetLoyaltyReportResponse) *Report {
	r := &Report{name: "loyalty", title: "Loyalty metrics", warnings: answer.GetWarnings()}
	keys := append(keysOf(answer.GetGroups()), key{name: "item"})
	for _, item := range metricItems(answer.GetGroups()) {
		r.sheets = append(r.sheets, loyaltySheet(answer.GetGroups(), keys, item))
	}
	return r
}

// metricItem is an item and the metric that it carries.
type metricItem struct {
	metric cmiv1.Metric
	item   string
}

// metricItems are the items of all groups, in the order in which they come.
func metricItems(groups []*cmiv1.LoyaltyGroup) (items []metricItem) {
	seen := make(map[metricItem]bool)
	for _, g := range groups {
		for _, f := range g.GetItems() {
			if of := (metricItem{f.GetMetric(), f.GetItemId()}); !seen[of] {
				seen[of] = true
				items = append(items, of)
			}
		}
	}
	return items
}

// loyaltySheet is the sheet of one item.
func loyaltySheet(groups []*cmiv1.LoyaltyGroup, keys []key, of metricItem) *sheet {
	s := &sheet{title: fmt.Sprintf("%s of item %s", metricName(of.metric), of.item), lead: metricLead(of.metric), keys: keys, columns: metricColumns(of.metric)}
	var with []*cmiv1.LoyaltyGroup
	found := make(map[*cmiv1.LoyaltyGroup]*cmiv1.LoyaltyFigures)
	for _, g := range groups {
		for _, f := range g.GetItems() {
			if f.GetItemId() == of.item && f.GetMetric() == of.metric {
				with, found[g] = append(with, g), f
			}
		}
	}
	for _, g := range with {
		r := rowOf(g.GetCell(), keys[:len(keys)-1])
		r.labels = append(r.labels, label{raw: of.item})
		n := found[g].GetN()
		r.n, r.eff, r.flag = &n, nil, found[g].GetFlag()
		r.figures = metricFigures(found[g])
		s.add(r)
	}
	s.charts = append(s.charts, byGroup(with, keys[:len(keys)-1], metricTheme(of.metric), func(g *cmiv1.LoyaltyGroup) figure {
		return metricFigures(found[g])[0]
	}))
	if of.metric == cmiv1.Metric_METRIC_NPS {
		s.charts = append(s.charts, promoters(s.rows))
	}
	return s
}

func metricName(m cmiv1.Metric) string { return strings.ToUpper(Word(m)) }

func metricLead(m cmiv1.Metric) string {
	switch m {
	case cmiv1.Metric_METRIC_NPS:
		return "Promoters answer 9 or 10, detractors 0 to 6; the score is the difference of their percentages, -100 to 100."
	case cmiv1.Metric_METRIC_CSAT:
		return "The share of those whose answer counts as satisfied."
	case cmiv1.Metric_METRIC_CES:
		return "How easy it was, of answers from 1 to 7, where 7 is easiest."
	}
	return ""
}

func metricColumns(m cmiv1.Metric) []column {
	switch m {
	case cmiv1.Metric_METRIC_NPS:
		return []column{
			{name: "nps", heading: "NPS"}, {name: "promoters", heading: "promoters", unit: whole}, {name: "passives", heading: "passives", unit: whole},
			{name: "detractors", heading: "detractors", unit: whole}, {name: "nps_variance", heading: "variance", unit: ratio},
			{name: "nps_plain", heading: "with the plain interval"},
		}
	case cmiv1.Metric_METRIC_CSAT:
		return []column{
			{name: "csat", heading: "CSAT", unit: share}, {name: "satisfied", heading: "satisfied", unit: whole},
			{name: "csat_top", heading: "from answer", unit: scale},
		}
	}
	return []column{
		{name: "ces_mean", heading: "mean", unit: ratio}, {name: "ces_share_5_to_7", heading: "5 to 7", unit: share},
		{name: "ces_net", heading: "6 to 7 less 1 to 3"},
	}
}

// metricFigures are those of the columns of a metric. Of too few there are none.
func metricFigures(f *cmiv1.LoyaltyFigures) []figure {
	figures := make([]figure, len(metricColumns(f.GetMetric())))
	if f.GetFlag() == cmiv1.Flag_FLAG_SUPPRESSED {
		return figures
	}
	switch {
	case f.GetNps() != nil:
		n := f.GetNps()
		return []figure{
			estimated(n.GetEstimate()), counted(n.GetPromoters()), counted(n.GetPassives()), counted(n.GetDetractors()),
			bare(n.Variance), estimated(n.GetPlain()),
		}
	case f.GetCsat() != nil:
		c := f.GetCsat()
		return []figure{estimated(c.GetEstimate()), counted(c.GetSatisfied()), bare(c.Top)}
	case f.GetCes() != nil:
		c := f.GetCes()
		return []figure{estimated(c.GetMean()), estimated(c.GetShare_5To_7()), estimated(c.GetNet())}
	}
	return figures
}

func metricTheme(m cmiv1.Metric) theme {
	switch m {
	case cmiv1.Metric_METRIC_NPS:
		return theme{title: "Net Promoter Score", axis: "NPS, -100 to 100", mark: new(0.0)}
	case cmiv1.Metric_METRIC_CSAT:
		return theme{title: "Satisfied customers", axis: "share of those who answered", unit: share, low: new(0.0), high: new(1.0)}
	}
	return theme{title: "Effort: how easy it was", axis: "mean answer, 1 to 7", unit: ratio}
}

// promoters shows how the answers to an item divide. The rows are those of an NPS.
func promoters(of []*row) chart {
	s := &stack{title: "Detractors, passives, promoters", axis: "of those who answered", parts: []legend{
		{inkAtRisk, "detractors"}, {inkGrowth, "passives"}, {inkAdvocate, "promoters"},
	}}
	for _, r := range first(of) {
		line := stackRow{label: r.name(), note: r.note(r.figures[0]), shares: make([]*float64, len(s.parts))}
		if line.note == "" && *r.n > 0 {
			for i, f := range []figure{r.figures[3], r.figures[2], r.figures[1]} {
				line.shares[i] = new(*f.value / float64(*r.n))
			}
		}
		s.rows = append(s.rows, line)
	}
	return s
}
