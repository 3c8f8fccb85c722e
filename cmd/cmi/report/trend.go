package report

import (
	"cmp"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// mostRows and mostSeries are how many a chart shows; the table below it has all.
const (
	mostRows   = 40
	mostSeries = 8
)

// theme is what a chart of estimates by group shows.
type theme struct {
	title, axis     string
	unit            unit
	low, high, mark *float64
}

// byGroup shows a figure of each group: over time where there are periods, else one below the other.
func byGroup[G celled](groups []G, keys []key, t theme, pick func(G) figure) chart {
	if len(periods(groups)) > 1 {
		return overTime(groups, t, pick)
	}
	d := &dots{title: t.title, axis: t.axis, unit: t.unit, low: t.low, high: t.high, mark: t.mark}
	for _, g := range first(groups) {
		r := rowOf(g.GetCell(), keys)
		f := pick(g)
		d.rows = append(d.rows, dotRow{label: r.name(), note: r.note(f), points: []figure{f}})
	}
	return d
}

// note is what stands in place of a figure that is not said.
func (r *row) note(f figure) string {
	switch {
	case r.suppressed() && r.n != nil:
		return r.hidden()
	case f.absent():
		return "cannot be said"
	}
	return ""
}

// first are as many as a chart has rows for.
func first[T any](all []T) []T { return all[:min(len(all), mostRows)] }

// periods are the periods of groups, in order of time.
func periods[G celled](groups []G) []*cmiv1.Cell {
	var all []*cmiv1.Cell
	for _, g := range groups {
		c := g.GetCell()
		if c.GetPeriodStart() != nil && !slices.ContainsFunc(all, func(o *cmiv1.Cell) bool { return started(o) == started(c) }) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *cmiv1.Cell) int { return cmp.Compare(started(a), started(b)) })
	return all
}

// started is when the period of a cell begins, in seconds.
func started(c *cmiv1.Cell) int64 { return c.GetPeriodStart().GetSeconds() }

// overTime shows a figure of each group over time. Of many groups it shows the largest.
func overTime[G celled](groups []G, t theme, pick func(G) figure) chart {
	l := &lines{title: t.title, axis: t.axis, unit: t.unit}
	all := periods(groups)
	for _, c := range all {
		l.times = append(l.times, periodLabel(c.GetPeriodStart(), c.GetPeriodEnd()).shown)
	}
	names := largest(groups)
	if len(names) > mostSeries {
		names = names[:mostSeries]
		l.title += ", the largest groups"
	}
	for i, name := range names {
		l.series = append(l.series, legend{serialInks()[i%len(serialInks())], name})
		points := make([]figure, len(all))
		for _, g := range groups {
			at := slices.IndexFunc(all, func(c *cmiv1.Cell) bool { return started(c) == started(g.GetCell()) })
			if at >= 0 && groupName(g.GetCell()) == name {
				points[at] = pick(g)
			}
		}
		l.points = append(l.points, points)
	}
	return l
}

// largest are the names of groups; where there are more than a chart shows, the largest first.
func largest[G celled](groups []G) []string {
	var names []string
	size := make(map[string]int32)
	for _, g := range groups {
		name := groupName(g.GetCell())
		if _, known := size[name]; !known {
			names = append(names, name)
		}
		size[name] += g.GetCell().GetN()
	}
	if len(names) > mostSeries {
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(size[b], size[a]) })
	}
	return names
}
