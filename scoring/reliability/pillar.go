package reliability

import (
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// negligible is the standard deviation, in points, below which nobody differs: what binary fractions leave of equal sums.
const negligible = 1e-9

// pillar gathers the scores of one pillar that carries weight.
type pillar struct {
	name  cmiv1.Pillar
	share float64 // of the CMI's weight
	items []item
	total variance // of the pillar's scores
}

// item gathers the scores of one item, each multiplied by its weight.
type item struct {
	position int     // among the weighted items
	share    float64 // of the pillar's weight
	weighted variance
}

// add takes in one response's scores of all weighted items. The pillar's score is summed in the questionnaire's order.
func (p *pillar) add(scores []float64) {
	sum := 0.0
	for k := range p.items {
		it := &p.items[k]
		x := float64(it.share * scores[it.position])
		it.weighted.add(x)
		sum += x
	}
	p.total.add(sum)
}

// alpha is Cronbach's alpha of the weighted item scores, k/(k-1) (1 - sum of their variances / variance of their sum)
// (L. J. Cronbach, Coefficient alpha and the internal structure of tests, Psychometrika 16, 1951). It answers false with a single
// item, below 2 responses, and when nobody differs from anybody.
func (p *pillar) alpha() (float64, bool) {
	sd, k := p.sd(), float64(len(p.items))
	if k < 2 || !(sd > 0) {
		return 0, false
	}
	sum := 0.0
	for i := range p.items {
		sum += p.items[i].weighted.sample()
	}
	return min(1, k/(k-1)*(1-sum/p.total.sample())), true // two equal items may come out a bit above 1
}

// sd is the standard deviation of the pillar's scores; 0 when nobody differs, NaN below 2 responses.
func (p *pillar) sd() float64 {
	sd := math.Sqrt(p.total.sample())
	if sd < negligible {
		return 0
	}
	return sd
}

// sem is the standard error of measurement of the pillar's score, in points: sd sqrt(1 - max(0, alpha)) (F. M. Lord and M. R.
// Novick, Statistical Theories of Mental Test Scores, 1968). It answers false where there is no alpha.
func (p *pillar) sem() (float64, bool) {
	alpha, ok := p.alpha()
	if !ok {
		return 0, false
	}
	return p.sd() * math.Sqrt(1-max(0, alpha)), true
}

// message says what was found; what cannot be said is absent.
func (p *pillar) message() *cmiv1.PillarCalibration {
	m := &cmiv1.PillarCalibration{Pillar: p.name, NItems: int32(len(p.items))}
	if p.total.n > 0 {
		m.Mean = proto.Float64(p.total.mean)
	}
	if p.total.n > 1 {
		m.Sd = proto.Float64(p.sd())
	}
	if alpha, ok := p.alpha(); ok {
		m.Alpha = &alpha
	}
	if sem, ok := p.sem(); ok {
		m.Sem = &sem
	}
	return m
}
