package insight

import (
	"context"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/loyalty"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
	"github.com/customer-momentum/cmi/server/fault"
)

// CompareLoyalty compares a loyalty metric of two groups.
func (i *Insight) CompareLoyalty(ctx context.Context, tenant string, r *cmiv1.CompareLoyaltyRequest) (*cmiv1.CompareLoyaltyResponse, error) {
	return answerOf[*cmiv1.CompareLoyaltyResponse](ctx, i, tenant, r)
}

type comparisonReport struct {
	// both reads whatever one of the two may be about.
	both   *scope
	groups [2]*loyaltyReport
	metric cmiv1.Metric
	itemID string
}

func (i *Insight) comparison(ctx context.Context, tenant string, r *cmiv1.CompareLoyaltyRequest) (report, error) {
	now := i.moment()
	c := &comparisonReport{metric: r.GetMetric(), itemID: r.GetItemId()}
	for k, one := range []struct {
		path   string
		filter *cmiv1.ReportFilter
	}{{"first", r.GetFirst()}, {"second", r.GetSecond()}} {
		s, err := i.scope(tenant, now, asks{filter: one.filter, path: one.path, asOf: r.GetAsOf(), unit: r.GetUnit()})
		if err != nil {
			return nil, err
		}
		s.answers = func(one *subject) []int {
			return s.eachOf(one, func(o *observed) (string, bool) {
				return o.QuestionnaireID, s.matches(o.ReportedScore, o.survey) && o.survey.metered()
			})
		}
		if err := i.exist(ctx, s, one.path); err != nil {
			return nil, err
		}
		c.groups[k] = &loyaltyReport{in: s}
	}
	c.both = union(c.groups[0].in, c.groups[1].in)
	c.both.answers = func(one *subject) []int {
		all := append(c.groups[0].in.answers(one), c.groups[1].in.answers(one)...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	return c, nil
}

// union is a scope that has all that either of two has.
func union(a, b *scope) *scope {
	u := *a
	u.filter = &cmiv1.ReportFilter{}
	u.from, u.before = min(a.from, b.from), max(a.before, b.before)
	u.lived = a.lived || b.lived
	if a.filter.GetAccountId() == b.filter.GetAccountId() {
		u.filter.AccountId = a.filter.GetAccountId()
	}
	if maps.Equal(a.filter.GetSegments(), b.filter.GetSegments()) {
		u.filter.Segments = a.filter.GetSegments()
	}
	if first, second := a.filter.GetQuestionnaireIds(), b.filter.GetQuestionnaireIds(); len(first) > 0 && len(second) > 0 {
		u.filter.QuestionnaireIds = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(first), second...))))
	}
	return &u
}

func (r *comparisonReport) scope() *scope { return r.both }

func (r *comparisonReport) begin() part {
	return &comparisonPart{of: r, Groups: [2]*loyaltyPart{
		r.groups[0].begin().(*loyaltyPart), r.groups[1].begin().(*loyaltyPart),
	}}
}

type comparisonPart struct {
	of     *comparisonReport
	Groups [2]*loyaltyPart `json:"groups"`
	// Both is how many respondents are in both groups.
	Both int `json:"both,omitempty"`
}

func (p *comparisonPart) take(one *subject) error {
	in := 0
	for k, group := range p.Groups {
		s := p.of.groups[k].in
		if !s.includes(one.History) || s.filter.GetLifecycle() != 0 && s.filter.GetLifecycle() != one.lifecycle {
			continue
		}
		chosen := s.answers(one)
		if len(chosen) > 0 {
			in++
		}
		if err := group.takeOf(one, chosen); err != nil {
			return err
		}
	}
	if in == len(p.Groups) {
		p.Both++
	}
	return nil
}

func (p *comparisonPart) merge(other part) error {
	from := other.(*comparisonPart)
	p.Both += from.Both
	for k := range p.Groups {
		if err := p.Groups[k].merge(from.Groups[k]); err != nil {
			return err
		}
	}
	return nil
}

func (r *comparisonReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*comparisonPart)
	said := &cmiv1.CompareLoyaltyResponse{AsOf: timestamppb.New(r.both.asOf)}
	itemID, err := r.item(p)
	if err != nil {
		return nil, err
	}
	var found [2]*gauge
	for k, group := range p.Groups {
		found[k] = &gauge{Metric: r.metric, ItemID: itemID}
		if t := group.Cells[place{}]; t != nil && t.Meters[name{r.metric, itemID}] != nil {
			found[k] = t.Meters[name{r.metric, itemID}]
		}
	}
	a, b := found[0], found[1]
	said.First, said.Second = a.figures(), b.figures()
	switch {
	case a.n() < fewest || b.n() < fewest:
		said.Notes = append(said.Notes, sentence("There is no comparison: a group has below %d respondents.", fewest))
	default:
		if said.Difference = difference(a.compare(b)); said.Difference == nil {
			said.Notes = append(said.Notes, "There is no comparison: everybody of either group gave the same answer, so that chance cannot be told.")
		}
	}
	if p.Both > 0 {
		said.Notes = append(said.Notes, sentence(
			"%d respondents are in both groups. The test takes the groups for different people, and is not right for these.", p.Both))
	}
	if a.Mixed || b.Mixed || a.Metric == cmiv1.Metric_METRIC_CSAT && a.n() > 0 && b.n() > 0 && a.Top != b.Top {
		said.Notes = append(said.Notes, "What counts as satisfied differs between the questionnaires.")
	}
	return said, nil
}

// item is the one that is compared: that of the request, or the only one.
func (r *comparisonReport) item(p *comparisonPart) (string, error) {
	if r.itemID != "" {
		return r.itemID, nil
	}
	var ids []string
	for _, group := range p.Groups {
		for _, t := range group.Cells {
			for key := range t.Meters {
				if key.metric == r.metric && !slices.Contains(ids, key.itemID) {
					ids = append(ids, key.itemID)
				}
			}
		}
	}
	slices.Sort(ids)
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	default:
		return "", fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "item_id", "must be given: %s is carried by the items %q", r.metric, ids)
	}
}

// compare says how far two gauges of one metric lie apart.
func (g *gauge) compare(other *gauge) (uncertainty.Difference, bool) {
	switch g.Metric {
	case cmiv1.Metric_METRIC_NPS:
		return loyalty.CompareNPS(g.NPS, other.NPS, level)
	case cmiv1.Metric_METRIC_CSAT:
		return loyalty.CompareCSAT(g.CSAT, other.CSAT, level)
	default:
		return loyalty.CompareCES(&g.CES, &other.CES, level)
	}
}
