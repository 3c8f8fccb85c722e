package report

import (
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// periodKey is the name of the key that says when a period begins.
const periodKey = "period_start"

// celled is a group of any report.
type celled interface{ GetCell() *cmiv1.Cell }

// keysOf are the keys that the groups of a report have: by what they are grouped, and their period where there are periods.
func keysOf[G celled](groups []G) (keys []key) {
	if len(groups) == 0 {
		return nil
	}
	for _, g := range groups[0].GetCell().GetGroup() {
		name := strings.TrimPrefix(g.GetBy(), "segment:")
		keys = append(keys, key{g.GetBy(), name})
	}
	if slices.ContainsFunc(groups, func(g G) bool { return g.GetCell().GetPeriodStart() != nil }) {
		keys = append(keys, key{periodKey, "period"})
	}
	return keys
}

// rowOf is the row of a group, with labels for keys and no figures yet.
func rowOf(c *cmiv1.Cell, keys []key) *row {
	n := c.GetN()
	r := &row{n: &n, flag: c.GetFlag(), notes: c.GetNotes()}
	if c != nil {
		r.eff = c.NEff
	}
	for i, k := range keys {
		switch {
		case k.name == periodKey:
			r.labels = append(r.labels, periodLabel(c.GetPeriodStart(), c.GetPeriodEnd()))
		case i < len(c.GetGroup()):
			r.labels = append(r.labels, groupLabel(c.GetGroup()[i]))
		default:
			r.labels = append(r.labels, label{})
		}
	}
	return r
}

// name joins the labels of a row; everybody where there are none.
func (r *row) name() string { return joined(r.labels) }

func joined(labels []label) string {
	var parts []string
	for _, l := range labels {
		if l.shown != "" {
			parts = append(parts, l.shown)
		}
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, " / ")
}

// groupName names a group, without its period.
func groupName(c *cmiv1.Cell) string {
	var labels []label
	for _, g := range c.GetGroup() {
		labels = append(labels, groupLabel(g))
	}
	return joined(labels)
}
