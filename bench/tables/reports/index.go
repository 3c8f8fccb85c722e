package main

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// pillars are the columns of DuckDB's table, in the order of the contract.
func pillars() []string { return []string{"eci", "bei", "fii"} }

func indexNames() []string {
	names := []string{"n", "cmi", "cmi spread"}
	for _, pillar := range pillars() {
		names = append(names, "n "+pillar, pillar, pillar+" spread")
	}
	return append(names, "bucket 1", "bucket 2", "bucket 3")
}

// indexSQL is the index of groups, of a table.
func indexSQL(by, from string) string {
	text := "SELECT "
	if by != "" {
		text += by + ", "
	}
	text += "count(cmi), avg(cmi), stddev_samp(cmi)"
	for _, pillar := range pillars() {
		text += fmt.Sprintf(",\n  count(%[1]s), avg(%[1]s), stddev_samp(%[1]s)", pillar)
	}
	for bucket := 1; bucket <= 3; bucket++ {
		text += fmt.Sprintf(",\n  count(*) FILTER (bucket = %d)", bucket)
	}
	text += "\nFROM " + from
	if by != "" {
		text += " GROUP BY ALL"
	}
	return text
}

func askIndex(r *cmiv1.GetIndexReportRequest) func(context.Context, *service) (findings, error) {
	r.AsOf = timestamppb.New(end())
	return func(ctx context.Context, s *service) (findings, error) {
		said, err := s.insight.GetIndexReport(ctx, r)
		if err != nil {
			return nil, err
		}
		all := make(findings)
		for _, g := range said.GetGroups() {
			at, err := keyOf(g.GetCell())
			if err != nil {
				return nil, err
			}
			all.put(at, "n", float64(g.GetCell().GetN()))
			all.mean(at, "cmi", g.GetCmi(), g.GetCell().GetN())
			for k, p := range g.GetPillars() {
				all.put(at, "n "+pillars()[k], float64(p.GetN()))
				all.mean(at, pillars()[k], p.GetMean(), p.GetN())
			}
			for _, b := range g.GetBuckets() {
				all.put(at, fmt.Sprintf("bucket %d", b.GetBucket()), float64(b.GetCount()))
			}
		}
		return all, nil
	}
}
