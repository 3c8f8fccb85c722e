package insight

import "sync"

// positions remembers where the items that a report needs stand in each survey. It is safe for concurrent use.
type positions struct {
	// find looks for them; nil where the survey lacks any.
	find  func(*survey) []int
	known sync.Map // of *survey
}

// of answers where they stand; nil where the survey lacks any.
func (p *positions) of(in *survey) []int {
	if found, known := p.known.Load(in); known {
		return found.([]int)
	}
	found := p.find(in)
	p.known.Store(in, found)
	return found
}
