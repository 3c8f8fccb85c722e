package population

import (
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// bei is the place of Behavioural Engagement among the pillars.
const bei = 1

// engagedShare is the share of interactions that count as engagement: all but the calls for help.
const engagedShare = 0.95

// kinds are what customers do, and how large a share of it each is.
func kinds() (names []string, shares []float64) {
	return []string{"visit", "feature", "purchase", "support"}, []float64{0.55, 0.25, 0.15, 0.05}
}

// engaged are the kinds that count as engagement.
func engaged() []string { return []string{"visit", "feature", "purchase"} }

// rate is how many interactions of the kinds that count as engagement a customer with a true BEI has in 30 days. The
// frequency item, 100 ln(1 + rate) / ln(1 + activity), then scores the true BEI.
func (p Plan) rate(bei float64) float64 { return math.Expm1(math.Log1p(p.Activity) * bei / 100) }

// Interactions makes what the customer of a number does, as [Plan.Customer] does: a Poisson process whose rate goes with the
// true BEI and changes where a wave begins.
func (p Plan) Interactions(i int) []*cmiv1.Interaction {
	if p.Activity == 0 {
		return nil
	}
	var all []*cmiv1.Interaction
	c, there := p.course(i), p.presence(i)
	r := p.chance(i, forInteractions)
	id, home := p.id(i), channel(r)
	from := latest(there.seen, p.Start.UTC().Add(-warmUp))
	for w := 0; w < p.Waves && from.Before(there.gone); w++ {
		to := there.gone
		if w+1 < p.Waves {
			to = earliest(to, latest(from, p.wave(w+1)))
		}
		perDay := p.rate(c.pillar(p, bei, w)) / 30 / engagedShare
		for _, at := range poisson(r, perDay, from, to) {
			all = append(all, interaction(r, id, len(all), at, home))
		}
		from = to
	}
	return all
}

// poisson draws when things happen that happen at a rate per day, in whole seconds, in the order of time.
func poisson(r *rand.Rand, perDay float64, from, to time.Time) []time.Time {
	var all []time.Time
	within := to.Sub(from).Seconds()
	for x := 0.0; ; {
		x += r.ExpFloat64() / perDay * 86400
		if !(x < within) {
			return all
		}
		all = append(all, from.Add(seconds(x)))
	}
}

func interaction(r *rand.Rand, id string, n int, at time.Time, home cmiv1.Channel) *cmiv1.Interaction {
	names, shares := kinds()
	it := &cmiv1.Interaction{
		InteractionId: numbered(id, "-i", n, 5), CustomerId: id,
		Kind: names[pick(r, shares...)], Channel: usual(r, home), OccurredAt: timestamppb.New(at),
	}
	if it.Kind == "purchase" {
		// A log-normal amount, half of them below 40, in whole cents.
		it.Value = new(math.Round(4000*math.Exp(0.6*r.NormFloat64())) / 100)
	}
	return it
}

// channel draws where a customer usually meets the company.
func channel(r *rand.Rand) cmiv1.Channel {
	return []cmiv1.Channel{
		cmiv1.Channel_CHANNEL_MOBILE_APP, cmiv1.Channel_CHANNEL_ONLINE, cmiv1.Channel_CHANNEL_FACE_TO_FACE,
	}[pick(r, 0.45, 0.4, 0.15)]
}

// usual is the usual channel, and one time in four any.
func usual(r *rand.Rand, home cmiv1.Channel) cmiv1.Channel {
	if other := channel(r); r.Float64() < 0.25 {
		return other
	}
	return home
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
