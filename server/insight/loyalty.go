package insight

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Loyalty answers the loyalty metrics of groups.
func (i *Insight) Loyalty(ctx context.Context, tenant string, r *cmiv1.GetLoyaltyReportRequest) (*cmiv1.GetLoyaltyReportResponse, error) {
	return answerOf[*cmiv1.GetLoyaltyReportResponse](ctx, i, tenant, r)
}

type loyaltyReport struct{ in *scope }

func (i *Insight) loyalty(ctx context.Context, tenant string, r *cmiv1.GetLoyaltyReportRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{
		filter: r.GetFilter(), asOf: r.GetAsOf(), by: r.GetGroupBy(), period: r.GetPeriod(), unit: r.GetUnit(),
	})
	if err != nil {
		return nil, err
	}
	s.answers = s.metered
	return &loyaltyReport{in: s}, i.exist(ctx, s, "filter")
}

// metered chooses the scores whose surveys have items with a metric: of a customer the latest of each survey in each period.
func (s *scope) metered(one *subject) []int {
	return s.eachOf(one, func(o *observed) (string, bool) { return o.QuestionnaireID, o.survey.metered() })
}

// metered tells whether any item carries a metric.
func (s *survey) metered() bool {
	return slices.ContainsFunc(s.GetItems(), func(item *cmiv1.Item) bool { return item.GetMetric() != 0 })
}

func (r *loyaltyReport) scope() *scope { return r.in }

func (r *loyaltyReport) begin() part {
	return &loyaltyPart{of: r, Cells: make(cells[loyaltyTally])}
}

type loyaltyPart struct {
	of    *loyaltyReport
	Cells cells[loyaltyTally] `json:"cells"`
}

// loyaltyTally is what is counted of one group.
type loyaltyTally struct {
	N      int    `json:"n"`
	Meters gauges `json:"meters"`
}

func (p *loyaltyPart) take(one *subject) error { return p.takeOf(one, one.chosen) }

// takeOf takes in some scores, which are in order of time.
func (p *loyaltyPart) takeOf(one *subject, chosen []int) error {
	s := p.of.in
	var seen seenItems
	counted := make(map[place]bool, 1)
	for _, k := range slices.Backward(chosen) { // the latest first
		o := &one.scores[k]
		if o.kept == nil {
			continue
		}
		if s.unit == cmiv1.Unit_UNIT_RESPONSE {
			clear(seen)
			clear(counted)
		}
		at := s.place(one, o)
		for _, said := range o.kept.Response.GetAnswers() {
			item := o.survey.items[said.GetItemId()]
			number, ok := said.GetValue().(*cmiv1.Answer_Number)
			if item.GetMetric() == 0 || !ok || !seen.first(o.period, item) {
				continue
			}
			t, err := p.Cells.at(at)
			if err != nil {
				return err
			}
			if !counted[at] {
				counted[at] = true
				t.N++
			}
			t.Meters.of(item).add(item, number.Number)
		}
	}
	return nil
}

// seenItems remembers which items of a customer were counted in a period: the latest answer counts, and no other.
type seenItems map[seenItem]bool

type seenItem struct {
	period int64
	item   string
	metric cmiv1.Metric
}

func (s *seenItems) first(period int64, item *cmiv1.Item) bool {
	key := seenItem{period, item.GetItemId(), item.GetMetric()}
	if (*s)[key] {
		return false
	}
	if *s == nil {
		*s = make(seenItems)
	}
	(*s)[key] = true
	return true
}

func (p *loyaltyPart) merge(other part) error {
	return p.Cells.merge(other.(*loyaltyPart).Cells, func(to, from *loyaltyTally) {
		to.N += from.N
		to.Meters.merge(from.Meters)
	})
}

func (r *loyaltyReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*loyaltyPart)
	said := &cmiv1.GetLoyaltyReportResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.in.notes()}
	metrics, periods := make(map[cmiv1.Metric]bool), make(map[int64]bool)
	for _, at := range p.Cells.places() {
		t := p.Cells[at]
		g := &cmiv1.LoyaltyGroup{Cell: r.in.cell(at, t.N)}
		g.Cell.NEff = new(float64(t.N))
		if t.N >= fewest {
			for _, m := range t.Meters.inOrder() {
				metrics[m.Metric], periods[at.Period] = true, true
				g.Items = append(g.Items, m.figures())
			}
		}
		said.Groups = append(said.Groups, g)
	}
	switch {
	case len(p.Cells) == 0:
		said.Notes = append(said.Notes, "Nobody answered an item that is marked with a metric.")
	case len(metrics) == 1:
		said.Warnings = append(said.Warnings, sentence(
			"All of this rests on one metric, %s. One number is not the relationship: set it beside the CMI and its pillars before deciding.",
			strings.TrimPrefix(only(metrics).String(), "METRIC_")))
	}
	if len(p.Cells) > 0 && len(periods) <= 1 {
		said.Warnings = append(said.Warnings,
			"All of this is of one period. One moment is not a course: ask by month or quarter before deciding.")
	}
	return said, nil
}

// only answers the one key of a map.
func only[K cmp.Ordered](m map[K]bool) K {
	return slices.Sorted(maps.Keys(m))[0]
}
