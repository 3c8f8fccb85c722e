package uncertainty

import "math"

// Sample takes in figures one at a time, each with a weight, and knows their mean and how much they differ. The zero value is
// empty. It sums distances from the mean, without the loss of digits that sums of squares bring (D. H. D. West, Updating mean and
// variance estimates: an improved method, Communications of the ACM 22, 1979). The same figures in another order may give another
// last bit.
type Sample struct {
	n int
	// weight and squares are the sums of the weights and of their squares.
	weight, squares float64
	mean            float64
	// distances is the sum of squared distances from the mean, each times its weight.
	distances float64
}

// Add takes in a figure. A weight of 0 or less counts for nothing. After a figure that is no finite number, or is so large that its
// square is none, nothing is said any more.
func (s *Sample) Add(x, weight float64) {
	if !(weight > 0) {
		return
	}
	before := s.weight
	s.n++
	s.weight += weight
	s.squares += float64(weight * weight)
	distance := x - s.mean
	step := distance * (weight / s.weight)
	s.mean += step
	s.distances += float64(before * distance * step)
}

// Merge takes in all figures of another sample (T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm
// for computing sample variances, 1979).
func (s *Sample) Merge(other Sample) {
	if other.n == 0 {
		return
	}
	if s.n == 0 {
		*s = other
		return
	}
	weight := s.weight + other.weight
	distance := other.mean - s.mean
	s.mean += float64(distance * (other.weight / weight))
	s.distances += other.distances + float64(distance*distance*s.weight/weight*other.weight)
	s.n, s.weight, s.squares = s.n+other.n, weight, s.squares+other.squares
}

// N is how many figures there are.
func (s *Sample) N() int { return s.n }

// SumWeights is the sum of the weights, which is N where each is 1.
func (s *Sample) SumWeights() float64 { return s.weight }

// EffectiveN is how many equal respondents would be as sure as these are together (L. Kish, Survey Sampling, 1965): the square of the
// sum of weights by the sum of their squares, from 0 to N, and N where all weights are the same. It is 0 where weights are so small or
// so large that their squares cannot be told.
func (s *Sample) EffectiveN() float64 {
	n := s.weight * s.weight / s.squares
	if s.n == 0 || !finite(n) {
		return 0
	}
	return min(float64(s.n), n)
}

// Mean is the weighted mean; false for nobody.
func (s *Sample) Mean() (float64, bool) {
	if s.n == 0 || !finite(s.mean) {
		return 0, false
	}
	return s.mean, true
}

// Variance is that of the population, as the sample has it: with n - 1 below where weights are equal, else corrected for weights that
// say how sure a figure is. It answers false below two figures.
func (s *Sample) Variance() (float64, bool) {
	if s.n < 2 {
		return 0, false
	}
	below := s.weight - s.squares/s.weight
	if !(below > 0) { // one weight outweighs all others by more than 2^53
		return 0, false
	}
	variance := s.distances / below
	if !finite(variance) {
		return 0, false
	}
	return variance, true
}

// Estimate is the mean with the interval of Student's t, by the effective number of respondents. It answers false below two of
// them: one respondent has a mean and says nothing about others.
func (s *Sample) Estimate(level float64) (Estimate, bool) {
	variance, ok := s.Variance()
	n := s.EffectiveN()
	if !ok || n-1 < 1e-9 {
		return Estimate{}, false
	}
	return around(s.mean, T(level, n-1)*math.Sqrt(variance/n), level).said()
}
