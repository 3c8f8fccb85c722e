package insight

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/mix"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Waves compares two periods.
func (i *Insight) Waves(ctx context.Context, tenant string, r *cmiv1.CompareWavesRequest) (*cmiv1.CompareWavesResponse, error) {
	return answerOf[*cmiv1.CompareWavesResponse](ctx, i, tenant, r)
}

type wavesReport struct {
	in *scope
	// bounds are those of the two periods.
	bounds [2]struct{ from, before int64 }
	ranges [2]*cmiv1.TimeRange
}

func (i *Insight) waves(ctx context.Context, tenant string, r *cmiv1.CompareWavesRequest) (report, error) {
	for field, at := range map[string]*timestamppb.Timestamp{"filter.from": r.GetFilter().GetFrom(), "filter.to": r.GetFilter().GetTo()} {
		if at != nil {
			return nil, invalid(field, "not allowed here; the periods are first and second")
		}
	}
	by := r.GetMixBy()
	if by == "" {
		by = byChannel
	}
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), by: []string{by}, weighted: r.GetWeighting()})
	if err != nil {
		return nil, err
	}
	w := &wavesReport{in: s, ranges: [2]*cmiv1.TimeRange{r.GetFirst(), r.GetSecond()}}
	for k, name := range []string{"first", "second"} {
		if err := s.bound(name, w.ranges[k].GetFrom(), w.ranges[k].GetTo()); err != nil {
			return nil, err
		}
		w.bounds[k].from, w.bounds[k].before = s.from, s.before
	}
	if w.bounds[1].from < w.bounds[0].before {
		return nil, invalid("second.from", "%s is before the end of the first period, %s; periods that overlap have answers in common",
			w.ranges[1].GetFrom().AsTime().Format(timeForm), w.ranges[0].GetTo().AsTime().Format(timeForm))
	}
	s.from = w.bounds[0].from
	return w, i.exist(ctx, s, "filter")
}

func (r *wavesReport) scope() *scope { return r.in }

func (r *wavesReport) begin() part { return &wavesPart{of: r, Parts: make(cells[waveTally])} }

type wavesPart struct {
	of     *wavesReport
	Waves  [2]uncertainty.Sample `json:"waves"`
	Paired uncertainty.Sample    `json:"paired"` // of the differences
	// Parts are by what the mix is looked at.
	Parts      cells[waveTally] `json:"parts"`
	Unweighted int              `json:"unweighted,omitempty"`
}

// waveTally is one part of the respondents, in both waves.
type waveTally [2]uncertainty.Sample

func (p *wavesPart) take(one *subject) error {
	var last [2]*observed
	for k := range one.scores {
		o := &one.scores[k]
		for wave, bounds := range p.of.bounds {
			if o.scored() && o.At >= bounds.from && o.At < bounds.before {
				last[wave] = o
			}
		}
	}
	if last[0] == nil && last[1] == nil {
		return nil
	}
	if one.weight <= 0 {
		p.Unweighted++
		return nil
	}
	for wave, o := range last {
		if o == nil {
			continue
		}
		p.Waves[wave].Add(o.CMI, one.weight)
		t, err := p.Parts.at(p.of.in.place(one, o))
		if err != nil {
			return err
		}
		t[wave].Add(o.CMI, one.weight)
	}
	if last[0] != nil && last[1] != nil {
		p.Paired.Add(last[1].CMI-last[0].CMI, one.weight)
	}
	return nil
}

func (p *wavesPart) merge(other part) error {
	from := other.(*wavesPart)
	for k := range p.Waves {
		p.Waves[k].Merge(from.Waves[k])
	}
	p.Paired.Merge(from.Paired)
	p.Unweighted += from.Unweighted
	return p.Parts.merge(from.Parts, func(to, from *waveTally) {
		for k := range to {
			to[k].Merge(from[k])
		}
	})
}

func (r *wavesReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*wavesPart)
	said := &cmiv1.CompareWavesResponse{
		AsOf: timestamppb.New(r.in.asOf), First: r.wave(0, p), Second: r.wave(1, p), Both: count(p.Paired.N()), Notes: r.in.notes(),
	}
	if p.Unweighted > 0 {
		said.Notes = append(said.Notes, sentence("%d respondents with a CMI are left out: their key weight is 0, or not known.", p.Unweighted))
	}
	switch {
	case p.Paired.N() < fewest:
		said.Notes = append(said.Notes, sentence("There is no paired comparison: %d customers have a CMI in both periods.", p.Paired.N()))
	default:
		if said.Paired = difference(uncertainty.Paired(&p.Paired, level)); said.Paired == nil {
			said.Notes = append(said.Notes, "There is no paired test: all customers changed by the same.")
		}
	}
	if p.Waves[0].N() < fewest || p.Waves[1].N() < fewest {
		said.Notes = append(said.Notes, sentence("There is no comparison of all: a period has below %d respondents.", fewest))
		return said, nil
	}
	if said.Unpaired = difference(uncertainty.Unpaired(&p.Waves[1], &p.Waves[0], level)); said.Unpaired == nil {
		said.Notes = append(said.Notes, "There is no test of all: nobody differs from anybody.")
	}
	said.Split = r.split(p)
	return said, nil
}

func (r *wavesReport) wave(k int, p *wavesPart) *cmiv1.Wave {
	sample := &p.Waves[k]
	w := &cmiv1.Wave{Cell: &cmiv1.Cell{
		PeriodStart: r.ranges[k].GetFrom(), PeriodEnd: r.ranges[k].GetTo(),
		N: count(sample.N()), NEff: new(sample.EffectiveN()), Flag: flag(sample.N()),
	}}
	if sample.N() >= fewest {
		w.Cmi = mean(sample)
	}
	return w
}

// split tells how much of the difference is who answered.
func (r *wavesReport) split(p *wavesPart) *cmiv1.MixSplit {
	said := &cmiv1.MixSplit{By: r.in.by[0]}
	places := p.Parts.places()
	parts := make([]mix.Part, len(places))
	for k, at := range places {
		t := p.Parts[at]
		a, _ := t[0].Mean()
		b, _ := t[1].Mean()
		parts[k] = mix.Part{WeightA: t[0].SumWeights(), MeanA: a, WeightB: t[1].SumWeights(), MeanB: b}
		one := &cmiv1.MixPart{Group: r.in.cell(at, 0).GetGroup()[0], FirstN: count(t[0].N()), SecondN: count(t[1].N())}
		if t[0].N() >= fewest && t[1].N() >= fewest {
			one.FirstShare, one.SecondShare = ratio(t[0].SumWeights(), p.Waves[0].SumWeights()), ratio(t[1].SumWeights(), p.Waves[1].SumWeights())
			one.FirstMean, one.SecondMean = &a, &b
		}
		said.Parts = append(said.Parts, one)
	}
	if split, ok := mix.Decompose(parts); ok {
		said.Mix, said.Change = &split.Mix, &split.Change
	}
	return said
}

// ratio is one figure by another, nil where that is 0.
func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	return new(a / b)
}
