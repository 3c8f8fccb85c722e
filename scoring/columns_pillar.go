package scoring

import "math"

// fewItemsSkipped is for up to how many items of a pillar all combinations of skipped ones are laid out.
const fewItemsSkipped = 8

// pillarBlock is pillarScore of one pillar and many rows.
type pillarBlock struct {
	sum [blockRows]float64
	// weights are those of its items, in the questionnaire's order, and before what the weights before each add up to; least is the
	// coverage that it needs.
	weights, before []float64
	least           float64

	// skipped and excluded have a bit for each item: not answered, and not applicable. Item 64 is in the second word.
	skipped, excluded [][blockRows]uint64
	gaps, exclusions  bool // whether any is set
	// answered is the weight that a row answered, in the order of the items; kept only where there are many items, and gaps.
	answered [blockRows]float64

	// divisors are what the sums are divided by, by the bits of the items that were skipped; NaN where too little was answered. Only
	// the first is there where there are many items: then enough is the least weight that suffices.
	divisors [1 << fewItemsSkipped]float64
	enough   float64
}

func newPillarBlock(weights []float64, least float64) pillarBlock {
	words := (len(weights) + 63) / 64
	p := pillarBlock{weights: weights, least: least, skipped: make([][blockRows]uint64, words), excluded: make([][blockRows]uint64, words)}
	all := 0.0
	for _, w := range weights {
		p.before = append(p.before, all)
		all += w
	}
	sets := 1
	if p.few() {
		sets <<= len(weights)
	}
	for set := range sets {
		p.divisors[set] = p.divisor(func(k int) state {
			if set>>k&1 != 0 {
				return skipped
			}
			return answered
		})
	}
	p.enough = leastOf(all, least)
	return p
}

func (p *pillarBlock) few() bool { return len(p.weights) <= fewItemsSkipped }

// divisor gives what the sum of a row is divided by, NaN where too little was answered.
func (p *pillarBlock) divisor(of func(k int) state) float64 {
	var score pillarScore
	for k, weight := range p.weights {
		score.add(weight, of(k), 0)
	}
	if score.close(p.least); !score.present {
		return math.NaN()
	}
	return score.answered
}

// leastOf gives the least number above 0 that is enough of all, as pillarScore.close has it: what is enough stays so when it
// grows, so the number is found by halving, in the order in which numbers above 0 have their bits.
func leastOf(all, least float64) float64 {
	low, high := uint64(1), math.Float64bits(max(all, math.Float64frombits(1)))
	for low < high {
		mid := low + (high-low)/2
		if snap(math.Float64frombits(mid)/all) >= least {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return math.Float64frombits(low)
}

func (p *pillarBlock) begin(rows int) {
	clear(p.sum[:rows])
	for word := range p.skipped {
		if p.gaps {
			clear(p.skipped[word][:])
		}
		if p.exclusions {
			clear(p.excluded[word][:])
		}
	}
	p.gaps, p.exclusions = false, false
}

// full takes in that all rows answered an item.
func (p *pillarBlock) full(it *columnItem, rows int) {
	if p.few() || !p.gaps {
		return
	}
	for i := range p.answered[:rows] {
		p.answered[i] += it.used.weight
	}
}

// gap takes in that some rows did not answer an item, and the others did.
func (p *pillarBlock) gap(it *columnItem, absent []uint16, b *columnBlock) {
	first := !p.gaps
	p.gaps = true
	if !p.few() {
		if first {
			for i := range p.answered[:b.n] {
				p.answered[i] = p.before[it.place]
			}
		}
		for k, i := range absent {
			b.before[k] = p.answered[i]
		}
		p.full(it, b.n)
		for k, i := range absent {
			p.answered[i] = b.before[k]
		}
	}
	word, bit := &p.skipped[it.place/64], uint64(1)<<(it.place%64)
	for _, i := range absent {
		word[i] |= bit
	}
}

// means gives the means of rows, NaN where too little was answered.
func (p *pillarBlock) means(scores []float64) {
	sums := p.sum[:len(scores)]
	switch {
	case !p.gaps: // what does not apply to some is below
		for i, sum := range sums {
			scores[i] = mean(sum, p.divisors[0])
		}
	case p.few():
		for i, sum := range sums {
			scores[i] = mean(sum, p.divisors[uint8(p.skipped[0][i])])
		}
	default:
		for i, sum := range sums {
			divisor := p.answered[i]
			if !(divisor >= p.enough) {
				divisor = math.NaN()
			}
			scores[i] = mean(sum, divisor)
		}
	}
	if p.exclusions {
		p.meansOfExcluded(scores)
	}
}

// meansOfExcluded gives the means of rows to which some items do not apply.
func (p *pillarBlock) meansOfExcluded(scores []float64) {
	for i := range scores {
		some := uint64(0)
		for word := range p.excluded {
			some |= p.excluded[word][i]
		}
		if some == 0 {
			continue
		}
		scores[i] = mean(p.sum[i], p.divisor(func(k int) state {
			switch {
			case p.excluded[k/64][i]>>(k%64)&1 != 0:
				return notApplicable
			case p.skipped[k/64][i]>>(k%64)&1 != 0:
				return skipped
			}
			return answered
		}))
	}
}
