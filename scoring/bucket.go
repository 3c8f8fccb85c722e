package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// snap rounds to 1e-9, half away from 0.
func snap(x float64) float64 {
	y := float64(x * 1e9)
	if !(y >= 0 && y < 1<<52) {
		return math.Round(y) / 1e9
	}
	// The same without a branch on the digits, which nothing can foresee: what is behind the point is exact, and so is its double.
	n := int64(y)
	n += int64(2 * (y - float64(n)))
	return float64(n) / 1e9
}

// bucket tells where a snapped CMI falls, in half-open intervals: [0, growth), [growth, advocate), [advocate, 100].
func (s *Scorer) bucket(cmi float64) cmiv1.Bucket {
	// Counted, since nothing can foresee which way a branch would go.
	bucket := cmiv1.Bucket_BUCKET_AT_RISK
	if cmi >= s.growth {
		bucket++ // BUCKET_GROWTH
	}
	if cmi >= s.advocate {
		bucket++ // BUCKET_ADVOCATE
	}
	return bucket
}

// display gives the whole points of a snapped CMI, rounded down: 79.9 reads 79, so that no Growth Opportunity reads 80.
func display(cmi float64) int32 { return int32(cmi) }

// above gives the bucket above the one of a snapped CMI and where it begins; false for an Advocate.
func (s *Scorer) above(cmi float64) (next cmiv1.Bucket, threshold float64, ok bool) {
	switch s.bucket(cmi) {
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return cmiv1.Bucket_BUCKET_GROWTH, s.growth, true
	case cmiv1.Bucket_BUCKET_GROWTH:
		return cmiv1.Bucket_BUCKET_ADVOCATE, s.advocate, true
	default:
		return cmiv1.Bucket_BUCKET_UNSPECIFIED, 0, false
	}
}
