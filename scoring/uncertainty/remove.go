package uncertainty

// Remove takes out the figures of a part whose figures were all taken in: what Merge adds, the other way round. Digits are lost
// where hardly anything is left of a large sample. Removing figures that were never taken in makes no sense of any kind.
func (s *Sample) Remove(part Sample) {
	left := s.n - part.n
	if left <= 0 {
		*s = Sample{}
		return
	}
	weight := s.weight - part.weight
	mean := s.mean + float64((s.mean-part.mean)*part.weight)/weight
	apart := part.mean - mean
	s.distances = max(0, s.distances-part.distances-float64(apart*apart)*float64(part.weight*weight)/s.weight)
	s.n, s.weight, s.squares, s.mean = left, weight, max(0, s.squares-part.squares), mean
}
