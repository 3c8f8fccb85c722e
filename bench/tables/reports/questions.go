package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// question is one that both sides are asked.
type question struct {
	name string
	ask  func(context.Context, *service) (findings, error)
	// sql answers keys, and then figures of these names.
	sql   string
	keys  int
	names []string
	// from makes the figures of a result that has no keys; nil: they are in it.
	from func([]float64) findings
}

// scored are those with a CMI, which are who an index is about; anyone are all.
const (
	scored = "cmi IS NOT NULL"
	anyone = "true"
)

// account is whose report is asked for.
const account = 1

func questions() []question {
	return []question{
		{
			name: "index by channel and month, every response", ask: askIndex(&cmiv1.GetIndexReportRequest{
				GroupBy: []string{"channel"}, Period: cmiv1.Period_PERIOD_MONTH, Unit: cmiv1.Unit_UNIT_RESPONSE,
			}),
			sql: indexSQL("channel, epoch(date_trunc('month', submitted_at)) AS month", "scores WHERE "+scored), keys: 2, names: indexNames(),
		},
		{
			name: "index by segment, latest of each customer", ask: askIndex(&cmiv1.GetIndexReportRequest{GroupBy: []string{"segment:" + segmentKey}}),
			sql: indexSQL("segment", latest(scored)), keys: 1, names: indexNames(),
		},
		{
			name: "loyalty (NPS, CSAT) by segment, latest of each customer", ask: askLoyalty,
			sql: loyaltySQL(), keys: 1, names: loyaltyNames(),
		},
		{name: "transitions over 12 months", ask: askTransitions, sql: transitionsSQL(), keys: 1, names: transitionNames()},
		{
			name: fmt.Sprintf("drivers of FII among %d touchpoints, latest of each customer, no intervals", touchpoints),
			ask:  askDrivers(0), sql: driversSQL(), names: driverNames(), from: driverFigures,
		},
		{name: "the same, intervals of 1,000 samples", ask: askDrivers(1000), sql: driversSQL(), names: driverNames(), from: driverFigures},
		{
			name: "index of one account, latest of each customer",
			ask:  askIndex(&cmiv1.GetIndexReportRequest{Filter: &cmiv1.ReportFilter{AccountId: accountID(account)}}),
			sql:  indexSQL("", latest(scored+" AND account = "+strconv.Itoa(account))), names: indexNames(),
		},
	}
}

// theirs asks DuckDB.
func (q question) theirs(d *duck) (findings, error) {
	rows, err := d.query("SELECT columns(*)::DOUBLE FROM ("+q.sql+")", q.keys+len(q.names))
	if err != nil {
		return nil, err
	}
	all := make(findings)
	for _, row := range rows {
		if q.from != nil {
			return q.from(row), nil
		}
		for k, name := range q.names {
			all.put(key(row[:q.keys]...), name, row[q.keys+k])
		}
	}
	return all, nil
}

// latest are the latest scores of each customer, of those that fit. Of the ways to say so it was the fastest in a trial: a join took
// twice as long, and a window or a structure of all columns more.
func latest(which string) string {
	return "scores WHERE rowid IN (SELECT arg_max(rowid, submitted_at) FROM scores WHERE " + which + " GROUP BY customer)"
}

// keyOf names a cell as its row in SQL is named.
func keyOf(c *cmiv1.Cell) (string, error) {
	var parts []float64
	for _, g := range c.GetGroup() {
		switch {
		case g.GetBy() == "channel":
			parts = append(parts, float64(cmiv1.Channel_value[g.GetValue()]))
		default:
			n, err := strconv.ParseFloat(strings.TrimPrefix(g.GetValue(), plan), 64)
			if err != nil {
				return "", fmt.Errorf("group %s: %w", g, err)
			}
			parts = append(parts, n)
		}
	}
	if c.GetPeriodStart() != nil {
		parts = append(parts, float64(c.GetPeriodStart().GetSeconds()))
	}
	return key(parts...), nil
}
