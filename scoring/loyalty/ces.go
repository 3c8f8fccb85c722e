package loyalty

import "github.com/customer-momentum/cmi/scoring/uncertainty"

// CES gathers how easy it was for customers, of answers from 1 to 7, where 7 is easiest (M. Dixon, K. Freeman and N. Toman, Stop trying
// to delight your customers, Harvard Business Review 88, 2010).
type CES struct {
	answers uncertainty.Sample
	easy    int
	net     NPS
}

// Add takes in an answer.
func (s *CES) Add(answer float64) {
	const hard, easy, easiest = 3, 5, 6
	s.answers.Add(answer, 1)
	if answer >= easy {
		s.easy++
	}
	switch {
	case answer >= easiest:
		s.net.Promoters++
	case answer > hard:
		s.net.Passives++
	default:
		s.net.Detractors++
	}
}

// Merge takes in the answers of another part.
func (s *CES) Merge(other CES) {
	s.answers.Merge(other.answers)
	s.easy += other.easy
	s.net.Merge(other.net)
}

// N is how many answers there are.
func (s *CES) N() int { return s.answers.N() }

// Mean is the mean answer, from 1 to 7; false for nobody.
func (s *CES) Mean() (float64, bool) { return s.answers.Mean() }

// MeanEstimate is the mean with the interval of Student's t; false below two answers.
func (s *CES) MeanEstimate(level float64) (uncertainty.Estimate, bool) {
	return s.answers.Estimate(level)
}

// Easy is the share of those who answered 5 to 7, from 0 to 1; false for nobody.
func (s *CES) Easy(level float64) (uncertainty.Estimate, bool) {
	return uncertainty.Share(float64(s.easy), float64(s.N()), level)
}

// Net is the share of those who answered 6 or 7 less that of 1 to 3, in points from -100 to 100, with the interval of an NPS; false for
// nobody.
func (s *CES) Net(level float64) (uncertainty.Estimate, bool) { return s.net.Estimate(level) }

// CompareCES says how far the mean answers of two groups of different respondents lie apart, in points of the scale, by Welch's t.
// It answers false where either has no variance to speak of.
func CompareCES(a, b *CES, level float64) (uncertainty.Difference, bool) {
	return uncertainty.Unpaired(&a.answers, &b.answers, level)
}
