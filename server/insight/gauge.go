package insight

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/loyalty"
)

// gauge counts the answers to items of one id that carry one metric.
type gauge struct {
	Metric cmiv1.Metric `json:"metric"`
	ItemID string       `json:"item"`
	NPS    loyalty.NPS  `json:"nps,omitzero"`
	CSAT   loyalty.CSAT `json:"csat,omitzero"`
	CES    loyalty.CES  `json:"ces"`
	// Top is the lowest answer that counts as satisfied, and Mixed says that it differs between surveys.
	Top   float64 `json:"top,omitempty"`
	Mixed bool    `json:"mixed,omitempty"`
}

// name is what a gauge is found by.
type name struct {
	metric cmiv1.Metric
	itemID string
}

// gauges are those of a group.
type gauges map[name]*gauge

// of answers the gauge of an item, a new one where there is none.
func (g *gauges) of(item *cmiv1.Item) *gauge {
	return g.named(name{item.GetMetric(), item.GetItemId()})
}

func (g *gauges) named(key name) *gauge {
	if *g == nil {
		*g = make(gauges)
	}
	if (*g)[key] == nil {
		(*g)[key] = &gauge{Metric: key.metric, ItemID: key.itemID}
	}
	return (*g)[key]
}

func (g *gauges) merge(other gauges) {
	for _, from := range other.inOrder() {
		g.named(name{from.Metric, from.ItemID}).merge(from)
	}
}

// inOrder lists them by metric, then by item.
func (g gauges) inOrder() []*gauge {
	list := make([]*gauge, 0, len(g))
	for _, one := range g {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b *gauge) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.ItemID, b.ItemID))
	})
	return list
}

// MarshalJSON writes them in order.
func (g gauges) MarshalJSON() ([]byte, error) { return json.Marshal(g.inOrder()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (g *gauges) UnmarshalJSON(body []byte) error {
	var list []*gauge
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("read metrics: %w", err)
	}
	*g = make(gauges, len(list))
	for _, one := range list {
		(*g)[name{one.Metric, one.ItemID}] = one
	}
	return nil
}

// add takes in an answer.
func (g *gauge) add(item *cmiv1.Item, answer float64) {
	switch item.GetMetric() {
	case cmiv1.Metric_METRIC_NPS:
		g.NPS.Add(answer)
	case cmiv1.Metric_METRIC_CES:
		g.CES.Add(answer)
	case cmiv1.Metric_METRIC_CSAT:
		top := topOf(item)
		g.Mixed = g.Mixed || g.CSAT.N > 0 && g.Top != top
		g.Top = top
		g.CSAT.Add(answer, top)
	}
}

// topOf is the lowest answer that counts as satisfied.
func topOf(item *cmiv1.Item) float64 {
	if item.CsatTop != nil {
		return item.GetCsatTop()
	}
	r := item.GetRating()
	return loyalty.Top(r.GetMin(), r.GetMax(), r.GetStep())
}

func (g *gauge) merge(from *gauge) {
	if from.Metric == cmiv1.Metric_METRIC_CSAT {
		g.Mixed = g.Mixed || from.Mixed || g.CSAT.N > 0 && from.CSAT.N > 0 && g.Top != from.Top
		if from.CSAT.N > 0 {
			g.Top = from.Top
		}
	}
	g.NPS.Merge(from.NPS)
	g.CSAT.Merge(from.CSAT)
	g.CES.Merge(from.CES)
}

// n is how many answered.
func (g *gauge) n() int { return g.NPS.N() + g.CSAT.N + g.CES.N() }

// figures puts it into the form of the contract.
func (g *gauge) figures() *cmiv1.LoyaltyFigures {
	f := &cmiv1.LoyaltyFigures{ItemId: g.ItemID, Metric: g.Metric, N: count(g.n()), Flag: flag(g.n())}
	if g.n() < fewest {
		return f
	}
	switch g.Metric {
	case cmiv1.Metric_METRIC_NPS:
		f.Nps = &cmiv1.NetPromoter{
			Promoters: count(g.NPS.Promoters), Passives: count(g.NPS.Passives), Detractors: count(g.NPS.Detractors),
			Estimate: estimate(g.NPS.Estimate(level)), Plain: estimate(g.NPS.Plain(level)),
		}
		if v, ok := g.NPS.Variance(); ok {
			f.Nps.Variance = &v
		}
	case cmiv1.Metric_METRIC_CSAT:
		f.Csat = &cmiv1.Satisfaction{Satisfied: count(g.CSAT.Satisfied), Estimate: estimate(g.CSAT.Estimate(level))}
		if !g.Mixed {
			f.Csat.Top = &g.Top
		}
	case cmiv1.Metric_METRIC_CES:
		f.Ces = &cmiv1.Effort{Share_5To_7: estimate(g.CES.Easy(level)), Net: estimate(g.CES.Net(level)), Mean: estimate(g.CES.MeanEstimate(level))}
		if m, ok := g.CES.Mean(); ok && f.Ces.Mean == nil {
			f.Ces.Mean = &cmiv1.Estimate{Value: &m}
		}
	}
	return f
}
