package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// months is how many steps the grid has.
const months = 12

func transitionNames() (names []string) {
	for from := 1; from <= 3; from++ {
		for to := 1; to <= 3; to++ {
			names = append(names, fmt.Sprintf("%d to %d", from, to))
		}
	}
	return append(names, "entered", "expired")
}

// transitionsSQL takes the bucket of each customer at each point of the grid, by the last score of the 365 days before, and counts
// from point to point. The last bucket is found with its time as one number, which in a trial was the fastest way to say so.
func transitionsSQL() string {
	const freshFor = 365 * 24 * time.Hour
	var points, here, there, counts []string
	for k := range months + 1 {
		at := end().AddDate(0, k-months, 0)
		points = append(points, fmt.Sprintf("coalesce(max(x) FILTER (x >= 4 * %d AND x < 4 * %d) %% 4, 0) AS b%d",
			at.Add(-freshFor).UnixMicro(), at.UnixMicro(), k))
		if k < months {
			here, there = append(here, fmt.Sprintf("b%d", k)), append(there, fmt.Sprintf("b%d", k+1))
		}
	}
	for from := 1; from <= 3; from++ {
		for to := 1; to <= 3; to++ {
			counts = append(counts, fmt.Sprintf("count(*) FILTER (here = %d AND there = %d)", from, to))
		}
	}
	counts = append(counts, "count(*) FILTER (here = 0 AND there > 0)", "count(*) FILTER (here > 0 AND there = 0)")
	return fmt.Sprintf(`SELECT step, %s
FROM (SELECT unnest(range(%d)) AS step, unnest([%s]) AS here, unnest([%s]) AS there
FROM (SELECT %s
FROM (SELECT customer, 4 * epoch_us(submitted_at) + bucket AS x FROM scores
  WHERE bucket IS NOT NULL AND submitted_at >= TIMESTAMP '%s') GROUP BY customer)) GROUP BY step`,
		strings.Join(counts, ",\n  "), months, strings.Join(here, ", "), strings.Join(there, ", "), strings.Join(points, ",\n  "),
		end().AddDate(0, -months, 0).Add(-freshFor).Format(time.DateOnly))
}

func askTransitions(ctx context.Context, s *service) (findings, error) {
	said, err := s.insight.GetTransitions(ctx, &cmiv1.GetTransitionsRequest{AsOf: timestamppb.New(end())})
	if err != nil {
		return nil, err
	}
	if len(said.GetSteps()) != months {
		return nil, fmt.Errorf("the grid has %d steps", len(said.GetSteps()))
	}
	all := make(findings)
	for k, step := range said.GetSteps() {
		at := key(float64(k))
		for _, row := range step.GetMatrix().GetRows() {
			for to := 1; to <= 3; to++ {
				n := 0.0
				if len(row.GetTo()) > 0 { // nothing is said of fewer than five
					n = float64(row.GetTo()[to-1].GetCount())
				}
				all.put(at, fmt.Sprintf("%d to %d", row.GetFrom(), to), n)
			}
		}
		all.put(at, "entered", float64(step.GetEntered()))
		all.put(at, "expired", float64(step.GetExpired()))
	}
	return all, nil
}
