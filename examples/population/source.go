package population

import "math/rand/v2"

// purpose is what chance decides. Each has numbers of its own, so that more of one does not change another.
type purpose uint64

const (
	forCourse purpose = iota + 1
	forPresence
	forProfile
	forInteractions
	forAnswers // and one more for every wave
)

// chance answers the numbers of a customer for a purpose: always the same ones, whoever else is generated.
func (p Plan) chance(customer int, what purpose) *rand.Rand {
	high := mix(mix(p.Seed) ^ uint64(customer))
	low := mix(high ^ uint64(what))
	return rand.New(rand.NewPCG(high, low))
}

// mix spreads every bit of x over the whole result, one to one, so that neighbouring seeds lead to unlike numbers: a step and
// the finaliser of SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// between answers a number from least to most, all alike likely.
func between(r *rand.Rand, least, most float64) float64 {
	return least + float64((most-least)*r.Float64())
}

// pick answers the place of one of the shares, each as likely as it is large. What they lack to 1 belongs to the last.
func pick(r *rand.Rand, shares ...float64) int {
	x := r.Float64()
	for i, share := range shares[:len(shares)-1] {
		if x < share {
			return i
		}
		x -= share
	}
	return len(shares) - 1
}
