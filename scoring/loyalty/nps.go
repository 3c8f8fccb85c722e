package loyalty

import (
	"math"

	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// NPS counts who would recommend, of answers from 0 to 10 (F. F. Reichheld, The one number you need to grow, Harvard Business Review
// 81, 2003).
type NPS struct{ Promoters, Passives, Detractors int }

// Add takes in an answer: 9 and 10 are promoters, 0 to 6 detractors.
func (s *NPS) Add(answer float64) {
	const passives, promoters = 7, 9
	switch {
	case answer >= promoters:
		s.Promoters++
	case answer >= passives:
		s.Passives++
	default:
		s.Detractors++
	}
}

// Merge counts the answers of another part.
func (s *NPS) Merge(other NPS) {
	s.Promoters += other.Promoters
	s.Passives += other.Passives
	s.Detractors += other.Detractors
}

// N is how many answers there are.
func (s NPS) N() int { return s.Promoters + s.Passives + s.Detractors }

// Score is the share of promoters less that of detractors, from -100 to 100; false for nobody.
func (s NPS) Score() (float64, bool) { return 100 * s.shares().net(), s.N() > 0 }

// Variance is that of one answer, with 1 for a promoter and -1 for a detractor: (p + d) - (p - d)^2, from 0 to 1; false for nobody.
func (s NPS) Variance() (float64, bool) { return s.shares().variance(), s.N() > 0 }

// Estimate is the score with the adjusted Wald interval, which adds three answers, three quarters of one to the promoters and to the
// detractors each (B. Rocks, Interval estimation for the Net Promoter Score, The American Statistician 70, 2016). An interval may reach
// beyond 100 only by arithmetic, so it is cut there. It answers false for nobody.
func (s NPS) Estimate(level float64) (uncertainty.Estimate, bool) {
	score, ok := s.Score()
	if !ok {
		return uncertainty.Estimate{}, false
	}
	const answers, each = 3, 0.75
	n := float64(s.N()) + answers
	adjusted := shares{(float64(s.Promoters) + each) / n, (float64(s.Detractors) + each) / n}
	return adjusted.interval(score, n, level), true
}

// Plain is the score with the plain Wald interval, which adds nothing and is as far to either side but for the cut at 100 (Rocks 2016).
// It is the one that others print most often, to compare with; of few answers it holds the truth too rarely. Where all answered
// alike it has no width, which says nothing about how sure the score is. It answers false for nobody.
func (s NPS) Plain(level float64) (uncertainty.Estimate, bool) {
	score, ok := s.Score()
	if !ok {
		return uncertainty.Estimate{}, false
	}
	return s.shares().interval(score, float64(s.N()), level), true
}

// CompareNPS says how far two groups of different respondents lie apart, in points, by z with their own variances (Rocks 2016). It answers
// false where either is empty, or where nobody differs from anybody in both. Where that is so in one of them, its score counts as
// known for certain (see [uncertainty.ByZ]).
func CompareNPS(a, b NPS, level float64) (uncertainty.Difference, bool) {
	if a.N() == 0 || b.N() == 0 {
		return uncertainty.Difference{}, false
	}
	of := func(s NPS) (score, standardError float64) {
		return 100 * s.shares().net(), 100 * math.Sqrt(s.shares().variance()/float64(s.N()))
	}
	scoreA, errorA := of(a)
	scoreB, errorB := of(b)
	return uncertainty.ByZ(scoreA, errorA, scoreB, errorB, level)
}

// shares are those of promoters and detractors.
type shares struct{ promoters, detractors float64 }

func (s NPS) shares() shares {
	n := float64(max(1, s.N()))
	return shares{float64(s.Promoters) / n, float64(s.Detractors) / n}
}

func (s shares) net() float64 { return s.promoters - s.detractors }

func (s shares) variance() float64 {
	return max(0, s.promoters+s.detractors-float64(s.net()*s.net()))
}

// interval is that of n answers, in points.
func (s shares) interval(score, n, level float64) uncertainty.Estimate {
	half := uncertainty.Z(level) * math.Sqrt(s.variance()/n)
	return uncertainty.Estimate{Value: score, Low: 100 * max(-1, s.net()-half), High: 100 * min(1, s.net()+half), Level: level}
}
