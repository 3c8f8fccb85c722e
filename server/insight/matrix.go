package insight

import (
	"context"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/loyalty"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Matrix sets satisfaction against loyalty, and lists customers of one quadrant.
func (i *Insight) Matrix(ctx context.Context, tenant string, r *cmiv1.GetLoyaltyMatrixRequest) (*cmiv1.GetLoyaltyMatrixResponse, error) {
	m, err := i.matrix(ctx, tenant, r)
	if err != nil {
		return nil, err
	}
	said := &cmiv1.GetLoyaltyMatrixResponse{AsOf: timestamppb.New(m.in.asOf)}
	if r.GetPageToken() == "" {
		made, err := i.make(ctx, m)
		if err != nil {
			return nil, err
		}
		said = made.(*cmiv1.GetLoyaltyMatrixResponse)
	}
	return said, i.listPlaced(ctx, m, r, said)
}

type matrixReport struct {
	in *scope
	// satisfaction and loyalty say where the two come from.
	satisfaction, loyalty dimension
}

// dimension is something about a response that has a score: some items, or a pillar.
type dimension struct {
	name   string
	items  []string // none and no pillar: those marked METRIC_CSAT
	pillar cmiv1.Pillar
	cut    float64
	places positions // by positions
}

func (i *Insight) matrix(ctx context.Context, tenant string, r *cmiv1.GetLoyaltyMatrixRequest) (*matrixReport, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), by: r.GetGroupBy()})
	if err != nil {
		return nil, err
	}
	m := &matrixReport{
		in: s,
		satisfaction: dimension{
			name: "satisfaction", items: r.GetSatisfactionItems(), pillar: r.GetSatisfactionPillar(), cut: loyalty.UsualCut,
		},
		loyalty: dimension{name: "loyalty", items: r.GetLoyaltyItems(), pillar: r.GetLoyaltyPillar(), cut: loyalty.UsualCut},
	}
	for _, d := range []*dimension{&m.satisfaction, &m.loyalty} {
		d.places.find = d.positions
		if len(d.items) > 0 && d.pillar != 0 {
			return nil, invalid(d.name+"_pillar", "not allowed beside %s_items; one of the two is", d.name)
		}
	}
	if len(m.loyalty.items) == 0 && m.loyalty.pillar == 0 {
		m.loyalty.pillar = cmiv1.Pillar_PILLAR_FII
	}
	if r.SatisfactionCut != nil {
		m.satisfaction.cut = r.GetSatisfactionCut()
	}
	if r.LoyaltyCut != nil {
		m.loyalty.cut = r.GetLoyaltyCut()
	}
	choose := func(one *subject) []int {
		return s.each(one, func(o *observed) bool { return m.satisfaction.of(o.survey) && m.loyalty.of(o.survey) })
	}
	s.answers = choose
	return m, i.exist(ctx, s, "filter")
}

// positions are where the items of a dimension stand in a survey, none for a pillar; nil where it lacks any of them.
func (d *dimension) positions(in *survey) []int {
	places := []int{}
	if d.pillar != 0 {
		return places
	}
	if len(d.items) == 0 {
		for _, item := range in.GetItems() {
			if item.GetMetric() == cmiv1.Metric_METRIC_CSAT {
				k, ok := in.position(item.GetItemId())
				if ok {
					places = append(places, k)
				}
			}
		}
		if len(places) == 0 {
			return nil
		}
		return places
	}
	for _, id := range d.items {
		k, ok := in.position(id)
		if !ok {
			return nil
		}
		places = append(places, k)
	}
	return places
}

// of tells whether a survey has all that the dimension comes from.
func (d *dimension) of(in *survey) bool {
	return d.places.of(in) != nil
}

// score is that of a response, 0 to 100; NaN where it is not known.
func (d *dimension) score(o *observed) (float64, error) {
	if d.pillar != 0 {
		return o.Pillars[d.pillar-1], nil
	}
	places := d.places.of(o.survey)
	scores, err := o.survey.scorer.Readings(o.kept.Response, o.kept.Score, places, nil)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, score := range scores {
		sum += score // NaN stays
	}
	return sum / float64(len(scores)), nil
}

func (r *matrixReport) scope() *scope { return r.in }

func (r *matrixReport) begin() part {
	return &matrixPart{of: r, Cells: make(cells[matrixTally]), Items: make(map[string]bool)}
}

type matrixPart struct {
	of    *matrixReport
	Cells cells[matrixTally] `json:"cells"`
	// Items are those that satisfaction was taken from.
	Items map[string]bool `json:"items,omitempty"`
	// Unknown is how many were asked about both and did not answer all of it.
	Unknown int `json:"unknown,omitempty"`
}

// matrixTally counts customers by quadrant, from loyalists to defectors.
type matrixTally [4]int

func (p *matrixPart) take(one *subject) error {
	r := p.of
	for _, k := range one.chosen {
		o := &one.scores[k]
		at, known, err := r.place(o)
		if err != nil {
			return err
		}
		if !known {
			p.Unknown++
			continue
		}
		t, err := p.Cells.at(r.in.place(one, o))
		if err != nil {
			return err
		}
		t[at.Quadrant-1]++
		for _, k := range r.satisfaction.places.of(o.survey) {
			p.Items[o.survey.GetItems()[k].GetItemId()] = true
		}
	}
	return nil
}

// place says where a response stands; false where one of the two is not known.
func (r *matrixReport) place(o *observed) (*cmiv1.PlacedCustomer, bool, error) {
	if o.kept == nil {
		return nil, false, nil
	}
	satisfied, err := r.satisfaction.score(o)
	if err != nil {
		return nil, false, err
	}
	loyal, err := r.loyalty.score(o)
	if err != nil || math.IsNaN(satisfied) || math.IsNaN(loyal) {
		return nil, false, err
	}
	quadrant := loyalty.Place(satisfied, loyal, r.satisfaction.cut, r.loyalty.cut)
	return &cmiv1.PlacedCustomer{
		CustomerId: o.kept.Score.GetCustomerId(), ResponseId: o.kept.Score.GetResponseId(),
		Quadrant: cmiv1.Quadrant(quadrant), Satisfaction: &satisfied, Loyalty: &loyal,
	}, true, nil
}

func (p *matrixPart) merge(other part) error {
	from := other.(*matrixPart)
	p.Unknown += from.Unknown
	for id := range from.Items {
		p.Items[id] = true
	}
	return p.Cells.merge(from.Cells, func(to, from *matrixTally) {
		for k := range to {
			to[k] += from[k]
		}
	})
}

func (r *matrixReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*matrixPart)
	said := &cmiv1.GetLoyaltyMatrixResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.in.notes()}
	for id := range p.Items {
		said.SatisfactionItems = append(said.SatisfactionItems, id)
	}
	slices.Sort(said.SatisfactionItems)
	for _, at := range p.Cells.places() {
		t, n := p.Cells[at], 0
		for _, one := range t {
			n += one
		}
		g := &cmiv1.LoyaltyMatrix{Cell: r.in.cell(at, n)}
		g.Cell.NEff = new(float64(n))
		for k := 0; n >= fewest && k < len(t); k++ {
			g.Quadrants = append(g.Quadrants, &cmiv1.QuadrantShare{
				Quadrant: cmiv1.Quadrant(k + 1), Count: count(t[k]), Share: estimate(uncertainty.Share(float64(t[k]), float64(n), level)),
			})
		}
		said.Groups = append(said.Groups, g)
	}
	if len(p.Cells) == 0 {
		said.Notes = append(said.Notes, "Nobody was found of whom both satisfaction and loyalty are known.")
	}
	if p.Unknown > 0 {
		said.Notes = append(said.Notes, sentence("%d customers are left out: they did not answer all that satisfaction and loyalty come from.", p.Unknown))
	}
	return said, nil
}
