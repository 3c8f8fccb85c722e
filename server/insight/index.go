package insight

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Index answers the index of groups.
func (i *Insight) Index(ctx context.Context, tenant string, r *cmiv1.GetIndexReportRequest) (*cmiv1.GetIndexReportResponse, error) {
	return answerOf[*cmiv1.GetIndexReportResponse](ctx, i, tenant, r)
}

type indexReport struct {
	in      *scope
	invited *invited
}

func (i *Insight) index(ctx context.Context, tenant string, r *cmiv1.GetIndexReportRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{
		filter: r.GetFilter(), asOf: r.GetAsOf(), by: r.GetGroupBy(), period: r.GetPeriod(), unit: r.GetUnit(), weighted: r.GetWeighting(),
	})
	if err != nil {
		return nil, err
	}
	if err := i.exist(ctx, s, "filter"); err != nil {
		return nil, err
	}
	who, err := i.invited(ctx, s)
	return &indexReport{in: s, invited: who}, err
}

func (r *indexReport) scope() *scope { return r.in }

func (r *indexReport) begin() part {
	return &indexPart{of: r, Cells: make(cells[indexTally]), Responded: make(map[string]int)}
}

// indexPart is what subjects come to in an index report.
type indexPart struct {
	of    *indexReport
	Cells cells[indexTally] `json:"cells"`
	// Unweighted is how many respondents with a CMI were left out because their key weight is not known.
	Unweighted int `json:"unweighted,omitempty"`
	// Responded counts responses to the invitations, by their number.
	Responded map[string]int `json:"responded,omitempty"`
}

// indexTally is what is counted of one group.
type indexTally struct {
	CMI       uncertainty.Sample    `json:"cmi"`
	Pillars   [3]uncertainty.Sample `json:"pillars"`
	Buckets   [3]portion            `json:"buckets"`
	Divergent portion               `json:"divergent"`
	Partial   int                   `json:"partial,omitempty"`
	Unscored  int                   `json:"unscored,omitempty"`
}

// portion is how many of a group did something, and what they weigh.
type portion struct {
	N      int     `json:"n,omitempty"`
	Weight float64 `json:"weight,omitempty"`
}

func (p *portion) add(weight float64) { p.N, p.Weight = p.N+1, p.Weight+weight }

func (p *portion) merge(other portion) { p.N, p.Weight = p.N+other.N, p.Weight+other.Weight }

func (p *indexPart) take(one *subject) error {
	p.of.invited.count(one, p.Responded)
	s := p.of.in
	scored := s.each(one, (*observed).scored)
	with := make(map[int64]bool, len(scored))
	for _, k := range scored {
		o := &one.scores[k]
		with[o.period] = true
		if one.weight <= 0 {
			p.Unweighted++
			continue
		}
		t, err := p.Cells.at(s.place(one, o))
		if err != nil {
			return err
		}
		t.add(o, one.weight)
	}
	// Who responded in a period and has no CMI in it at all, or every response without one.
	for _, k := range s.each(one, func(o *observed) bool { return !o.scored() }) {
		o := &one.scores[k]
		if with[o.period] && s.unit != cmiv1.Unit_UNIT_RESPONSE {
			continue
		}
		t, err := p.Cells.at(s.place(one, o))
		if err != nil {
			return err
		}
		t.Unscored++
	}
	return nil
}

func (t *indexTally) add(o *observed, weight float64) {
	t.CMI.Add(o.CMI, weight)
	for k, score := range o.Pillars {
		if score == score { // not missing
			t.Pillars[k].Add(score, weight)
		}
	}
	if k := int(o.Bucket) - 1; k >= 0 && k < len(t.Buckets) {
		t.Buckets[k].add(weight)
	}
	if o.Divergent {
		t.Divergent.add(weight)
	}
	if o.Status == cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL {
		t.Partial++
	}
}

func (p *indexPart) merge(other part) error {
	from := other.(*indexPart)
	p.Unweighted += from.Unweighted
	for key, n := range from.Responded {
		p.Responded[key] += n
	}
	return p.Cells.merge(from.Cells, (*indexTally).merge)
}

func (t *indexTally) merge(from *indexTally) {
	t.CMI.Merge(from.CMI)
	for k := range t.Pillars {
		t.Pillars[k].Merge(from.Pillars[k])
		t.Buckets[k].merge(from.Buckets[k])
	}
	t.Divergent.merge(from.Divergent)
	t.Partial += from.Partial
	t.Unscored += from.Unscored
}

func (r *indexReport) answer(ctx context.Context, books *library, sum part) (proto.Message, error) {
	p := sum.(*indexPart)
	said := &cmiv1.GetIndexReportResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.invited.notes}
	if p.Unweighted > 0 {
		said.Notes = append(said.Notes, sentence("%d respondents with a CMI are left out: their key weight is 0, or not known.", p.Unweighted))
	}
	said.Notes = append(said.Notes, r.in.notes()...)
	for _, at := range p.Cells.places() {
		said.Groups = append(said.Groups, r.group(at, p.Cells[at]))
	}
	return said, r.invited.rates(ctx, books, p, said)
}

func (r *indexReport) group(at place, t *indexTally) *cmiv1.IndexGroup {
	n := t.CMI.N()
	g := &cmiv1.IndexGroup{Cell: r.in.cell(at, n), Partial: count(t.Partial), Unscored: count(t.Unscored)}
	g.Cell.NEff = new(t.CMI.EffectiveN())
	if n < fewest {
		g.Partial, g.Unscored = 0, 0
		return g
	}
	g.Cmi = mean(&t.CMI)
	for k := range t.Pillars {
		one := &cmiv1.PillarEstimate{Pillar: cmiv1.Pillar(k + 1), N: count(t.Pillars[k].N())}
		if t.Pillars[k].N() >= fewest {
			one.Mean = mean(&t.Pillars[k])
		}
		g.Pillars = append(g.Pillars, one)
		g.Buckets = append(g.Buckets, &cmiv1.BucketShare{
			Bucket: cmiv1.Bucket(k + 1), Count: count(t.Buckets[k].N),
			Share: share(t.Buckets[k].N, t.Buckets[k].Weight, &t.CMI, r.in.weighted),
		})
	}
	g.Divergent = share(t.Divergent.N, t.Divergent.Weight, &t.CMI, r.in.weighted)
	return g
}
