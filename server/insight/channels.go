package insight

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/mix"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// Channels compares the channels, as they are and with the audience held equal.
func (i *Insight) Channels(ctx context.Context, tenant string, r *cmiv1.CompareChannelsRequest) (*cmiv1.CompareChannelsResponse, error) {
	return answerOf[*cmiv1.CompareChannelsResponse](ctx, i, tenant, r)
}

type channelsReport struct{ in *scope }

func (i *Insight) channels(ctx context.Context, tenant string, r *cmiv1.CompareChannelsRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), unit: r.GetUnit()})
	if err != nil {
		return nil, err
	}
	return &channelsReport{in: s}, i.exist(ctx, s, "filter")
}

func (r *channelsReport) scope() *scope { return r.in }

func (r *channelsReport) begin() part { return &channelsPart{of: r} }

const (
	channelCount  = int(cmiv1.Channel_CHANNEL_MOBILE_APP) + 1
	audienceCount = int(cmiv1.Audience_AUDIENCE_INACTIVE) + 1
)

type channelsPart struct {
	of *channelsReport
	// Samples are CMIs by channel and audience, those that are not said first.
	Samples [channelCount][audienceCount]uncertainty.Sample `json:"samples"`
}

func (p *channelsPart) take(one *subject) error {
	for _, k := range p.of.in.each(one, (*observed).scored) {
		o := &one.scores[k]
		p.Samples[o.Channel][o.survey.GetAudience()].Add(o.CMI, one.weight)
	}
	return nil
}

func (p *channelsPart) merge(other part) error {
	from := other.(*channelsPart)
	for c := range p.Samples {
		for a := range p.Samples[c] {
			p.Samples[c][a].Merge(from.Samples[c][a])
		}
	}
	return nil
}

func (r *channelsReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*channelsPart)
	said := &cmiv1.CompareChannelsResponse{AsOf: timestamppb.New(r.in.asOf), Notes: r.in.notes()}
	standard, all := make([]float64, audienceCount), 0.0
	for _, channel := range p.Samples {
		for a := range channel {
			standard[a] += float64(channel[a].N())
			all += float64(channel[a].N())
		}
	}
	if all == 0 {
		said.Notes = append(said.Notes, "Nobody has a CMI.")
		return said, nil
	}
	audiences := 0
	for a := range standard {
		standard[a] /= all
		if standard[a] > 0 {
			audiences++
			said.Standard = append(said.Standard, &cmiv1.AudienceShare{Audience: cmiv1.Audience(a), Share: &standard[a]})
		}
	}
	lacking := false
	for c := range p.Samples {
		figures := r.channel(cmiv1.Channel(c), p.Samples[c][:], standard)
		if figures == nil {
			continue
		}
		lacking = lacking || figures.GetCell().GetFlag() != cmiv1.Flag_FLAG_SUPPRESSED && figures.GetStandardized() == nil
		said.Channels = append(said.Channels, figures)
	}
	if lacking {
		said.Notes = append(said.Notes, "A channel without a standardised mean has fewer than two respondents of some audience: what that one would say there is not known.")
	}
	if audiences == 1 {
		said.Notes = append(said.Notes, "There is one audience only, so holding it equal changes nothing.")
	}
	said.Notes = append(said.Notes, "Customers are on the channel of their latest response. They choose it: a difference may be that of who chooses a channel.")
	return said, nil
}

// channel is what was said on one; nil where nothing was.
func (r *channelsReport) channel(name cmiv1.Channel, samples []uncertainty.Sample, standard []float64) *cmiv1.ChannelFigures {
	var all uncertainty.Sample
	for a := range samples {
		all.Merge(samples[a])
	}
	if all.N() == 0 {
		return nil
	}
	f := &cmiv1.ChannelFigures{Channel: name, Cell: r.in.cell(place{}, all.N())}
	f.Cell.NEff = new(all.EffectiveN())
	if all.N() < fewest {
		return f
	}
	f.Cmi = mean(&all)
	f.Standardized = estimate(mix.Standardize(slices.Clone(samples), standard, level))
	return f
}
