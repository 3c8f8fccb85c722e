package insight

import (
	"context"
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// usualWindow is how many days after a score an outcome counts where nothing else is asked for.
const usualWindow = 180

// Links sets outcomes against the scores before them.
func (i *Insight) Links(ctx context.Context, tenant string, r *cmiv1.LinkOutcomesRequest) (*cmiv1.LinkOutcomesResponse, error) {
	return answerOf[*cmiv1.LinkOutcomesResponse](ctx, i, tenant, r)
}

type linksReport struct {
	in     *scope
	kinds  []cmiv1.OutcomeKind
	days   int32
	pillar cmiv1.Pillar
}

func (i *Insight) links(ctx context.Context, tenant string, r *cmiv1.LinkOutcomesRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf()})
	if err != nil {
		return nil, err
	}
	s.outcomes = true
	l := &linksReport{in: s, kinds: r.GetKinds(), days: usualWindow, pillar: r.GetPillar()}
	if r.WindowDays != nil {
		l.days = r.GetWindowDays()
	}
	if len(l.kinds) == 0 {
		for kind := cmiv1.OutcomeKind_OUTCOME_RENEWED; kind <= cmiv1.OutcomeKind_OUTCOME_RETURNED; kind++ {
			l.kinds = append(l.kinds, kind)
		}
	}
	return l, i.exist(ctx, s, "filter")
}

func (r *linksReport) scope() *scope { return r.in }

func (r *linksReport) begin() part { return &linksPart{of: r, Links: make([]linkTally, len(r.kinds))} }

// thirds are the groups of both ways: three buckets, or three thirds of a pillar.
const thirds = 3

type linksPart struct {
	of        *linksReport
	N         [thirds]int `json:"n"`
	Links     []linkTally `json:"links"`
	TooRecent int         `json:"tooRecent,omitempty"`
}

// linkTally is one kind of outcome, by group.
type linkTally [thirds]struct {
	Occurred int              `json:"occurred,omitempty"`
	Amounts  map[string]money `json:"amounts,omitempty"`
}

// money is amounts of one currency.
type money struct {
	Sample uncertainty.Sample `json:"sample"`
	Total  float64            `json:"total"`
}

func (p *linksPart) take(one *subject) error {
	if one.Profile == nil { // nobody knows what became of them
		return nil
	}
	r := p.of
	end, recent := r.in.asOf.UnixMicro()-int64(r.days)*day, false
	group, at := -1, int64(0)
	for k := range one.scores {
		o := &one.scores[k]
		g, ok := r.group(o)
		switch {
		case !ok:
		case o.At > end:
			recent = true
		default:
			group, at = g, o.At
		}
	}
	if group < 0 {
		if recent {
			p.TooRecent++
		}
		return nil
	}
	p.N[group]++
	for k, kind := range r.kinds {
		p.Links[k].add(group, at, kind, r.days, one.Outcomes)
	}
	return nil
}

// group is that of a score: by bucket, or by third of the pillar.
func (r *linksReport) group(o *observed) (int, bool) {
	if r.pillar == cmiv1.Pillar_PILLAR_UNSPECIFIED {
		return int(o.Bucket) - 1, o.Bucket != cmiv1.Bucket_BUCKET_UNSPECIFIED
	}
	score := o.Pillars[r.pillar-1]
	switch {
	case math.IsNaN(score):
		return 0, false
	case thirds*score < 100:
		return 0, true
	case thirds*score < 200:
		return 1, true
	default:
		return 2, true
	}
}

func (t *linkTally) add(group int, at int64, kind cmiv1.OutcomeKind, days int32, outcomes []*cmiv1.Outcome) {
	occurred := false
	for _, what := range outcomes {
		if what.GetKind() != kind || !within(at, what, days) {
			continue
		}
		occurred = true
		if what.Amount == nil {
			continue
		}
		if t[group].Amounts == nil {
			t[group].Amounts = make(map[string]money)
		}
		m := t[group].Amounts[what.GetCurrency()]
		m.Sample.Add(what.GetAmount(), 1)
		m.Total += what.GetAmount()
		t[group].Amounts[what.GetCurrency()] = m
	}
	if occurred {
		t[group].Occurred++
	}
}

func (p *linksPart) merge(other part) error {
	from := other.(*linksPart)
	p.TooRecent += from.TooRecent
	for group := range p.N {
		p.N[group] += from.N[group]
	}
	for k := range p.Links {
		p.Links[k].merge(&from.Links[k])
	}
	return nil
}

func (t *linkTally) merge(from *linkTally) {
	for group := range t {
		t[group].Occurred += from[group].Occurred
		for currency, m := range from[group].Amounts {
			if t[group].Amounts == nil {
				t[group].Amounts = make(map[string]money)
			}
			sum := t[group].Amounts[currency]
			sum.Sample.Merge(m.Sample)
			sum.Total += m.Total
			t[group].Amounts[currency] = sum
		}
	}
}

func (r *linksReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*linksPart)
	said := &cmiv1.LinkOutcomesResponse{
		AsOf: timestamppb.New(r.in.asOf), WindowDays: r.days, TooRecent: count(p.TooRecent), Notes: append(r.in.notes(),
			"Outcomes came after scores; that does not say that scores bring them about."),
	}
	if p.N == [thirds]int{} {
		said.Notes = append(said.Notes, sentence("There is no customer whose score is older than %d days and young enough for the filter.", r.days))
	}
	currencies := make(map[string]bool)
	for k, kind := range r.kinds {
		link := &cmiv1.OutcomeLink{Kind: kind}
		for group := range thirds {
			link.Groups = append(link.Groups, r.figures(p, k, group))
			for currency := range p.Links[k][group].Amounts {
				currencies[currency] = true
			}
		}
		said.Links = append(said.Links, link)
	}
	if len(currencies) > 1 {
		said.Notes = append(said.Notes, sentence("Amounts are in %d currencies; nothing is converted.", len(currencies)))
	}
	return said, nil
}

func (r *linksReport) figures(p *linksPart, k, group int) *cmiv1.OutcomeGroup {
	t, n := &p.Links[k], p.N[group]
	g := &cmiv1.OutcomeGroup{N: count(n), Flag: flag(n)}
	if r.pillar == cmiv1.Pillar_PILLAR_UNSPECIFIED {
		g.Bucket = cmiv1.Bucket(group + 1)
	} else {
		g.Third = int32(group + 1)
	}
	if n < fewest {
		return g
	}
	g.Occurred = count(t[group].Occurred)
	g.Rate = estimate(uncertainty.Share(float64(t[group].Occurred), float64(n), level))
	rest, others := 0, 0
	for other := range thirds {
		if other != group {
			rest, others = rest+t[other].Occurred, others+p.N[other]
		}
	}
	if others >= fewest {
		g.RelativeRisk = estimate(uncertainty.RelativeRisk(
			float64(t[group].Occurred), float64(n), float64(rest), float64(others), level))
	}
	for _, currency := range inOrder(t[group].Amounts) {
		m := t[group].Amounts[currency]
		a := &cmiv1.MeanAmount{Currency: currency, N: count(m.Sample.N())}
		if m.Sample.N() >= fewest {
			a.Mean, a.Total = mean(&m.Sample), new(m.Total)
		}
		g.Amounts = append(g.Amounts, a)
	}
	return g
}
