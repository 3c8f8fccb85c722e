package main

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func loyaltyNames() []string {
	return []string{"n", "n nps", "promoters", "passives", "detractors", "nps", "n csat", "satisfied", "csat"}
}

func loyaltySQL() string {
	return `SELECT segment, count(coalesce(nps, csat)), count(nps), count(*) FILTER (nps >= 9), count(*) FILTER (nps IN (7, 8)), count(*) FILTER (nps <= 6),
  100 * (avg((nps >= 9)::INTEGER) - avg((nps <= 6)::INTEGER)), count(csat), count(*) FILTER (csat >= 4), avg((csat >= 4)::INTEGER)
FROM ` + latest(anyone) + " GROUP BY segment"
}

func askLoyalty(ctx context.Context, s *service) (findings, error) {
	said, err := s.insight.GetLoyaltyReport(ctx, &cmiv1.GetLoyaltyReportRequest{AsOf: timestamppb.New(end()), GroupBy: []string{"segment:" + segmentKey}})
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
		for _, item := range g.GetItems() {
			all.put(at, "n "+item.GetItemId(), float64(item.GetN()))
			switch item.GetMetric() {
			case cmiv1.Metric_METRIC_NPS:
				all.put(at, "promoters", float64(item.GetNps().GetPromoters()))
				all.put(at, "passives", float64(item.GetNps().GetPassives()))
				all.put(at, "detractors", float64(item.GetNps().GetDetractors()))
				all.put(at, "nps", item.GetNps().GetEstimate().GetValue())
			case cmiv1.Metric_METRIC_CSAT:
				all.put(at, "satisfied", float64(item.GetCsat().GetSatisfied()))
				all.put(at, "csat", item.GetCsat().GetEstimate().GetValue())
			default:
				return nil, fmt.Errorf("item %s carries %s", item.GetItemId(), item.GetMetric())
			}
		}
	}
	return all, nil
}
