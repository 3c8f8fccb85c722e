package population

import (
	"math/rand/v2"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// warmUp is how long before the first wave interactions begin: as far as behaviour items look back.
const warmUp = 180 * day

// presence is from when to when a customer is there.
type presence struct {
	seen        time.Time // since when
	gone        time.Time // contacts are before that
	closed      bool      // at gone
	silent      bool      // from gone on
	first, last int       // the waves of the customer
	lifecycle   cmiv1.Lifecycle
}

// presence draws when a customer is there. The lifecycle at the end follows from how it is drawn, by the rule of 90 days
// and three times the median gap between contacts.
func (p Plan) presence(customer int) presence {
	r := p.chance(customer, forPresence)
	others := 1 - p.Late - p.Silent - p.Closed
	switch kind := pick(r, p.Late, p.Silent, p.Closed, others); {
	case kind == 0:
		return p.late(r)
	case kind == 1 && p.lastHeard() >= 0:
		return p.silent(r)
	case kind == 2 && p.Waves > 1:
		return p.closed(r)
	}
	return presence{seen: p.long(r), gone: p.End(), last: p.Waves - 1, lifecycle: cmiv1.Lifecycle_LIFECYCLE_ACTIVE}
}

// long answers since when a customer is one who was there long before the first wave: for 2 years on average, at most for 10.
// That is longer than 90 days, so they are not new, and the last wave, which they answer, is fewer than 90 days ago.
func (p Plan) long(r *rand.Rand) time.Time {
	before := min(100+float64(630*r.ExpFloat64()), 3650)
	return p.Start.UTC().Add(-seconds(before * 86400))
}

// late is somebody who came in the last 85 days, before the last wave.
func (p Plan) late(r *rand.Rand) presence {
	last := p.wave(p.Waves - 1)
	earliest := p.End().Add(-85 * day)
	seen := earliest.Add(seconds(r.Float64() * last.Sub(earliest).Seconds()))
	first := p.Waves - 1
	for first > 0 && !p.wave(first-1).Before(seen) {
		first--
	}
	return presence{seen: seen, gone: p.End(), first: first, last: p.Waves - 1, lifecycle: cmiv1.Lifecycle_LIFECYCLE_NEW}
}

// silent is somebody who came shortly before the first wave, answered each up to one and was not heard of again. No two
// contacts are farther apart than a wave and its span, so three times their median gap is not longer than three times that,
// and the silence is longer still.
func (p Plan) silent(r *rand.Rand) presence {
	seen := p.Start.UTC().Add(-seconds(r.Float64() * p.Every.Seconds()))
	last := r.IntN(p.lastHeard() + 1)
	return presence{seen: seen, gone: p.wave(last).Add(p.span()), silent: true, last: last, lifecycle: cmiv1.Lifecycle_LIFECYCLE_INACTIVE}
}

// lastHeard is the last wave after which there is enough time to count as inactive by silence; below 0: there is none.
func (p Plan) lastHeard() int {
	silence := max(90*day, 3*(p.Every+p.span())) + day
	for w := p.Waves - 1; w >= 0; w-- {
		if p.End().Sub(p.wave(w).Add(p.span())) >= silence {
			return w
		}
	}
	return -1
}

// closed is somebody who left between one wave and the next.
func (p Plan) closed(r *rand.Rand) presence {
	last := r.IntN(p.Waves - 1)
	answered := p.wave(last).Add(p.span())
	gone := answered.Add(seconds(r.Float64() * (p.Every - p.span()).Seconds()))
	return presence{seen: p.long(r), gone: gone, closed: true, last: last, lifecycle: cmiv1.Lifecycle_LIFECYCLE_INACTIVE}
}

// seconds answers a time of whole seconds, the fraction cut off.
func seconds(n float64) time.Duration { return time.Duration(n) * time.Second }
