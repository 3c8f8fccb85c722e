package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// snap rounds to 1e-9.
func snap(x float64) float64 { return math.Round(float64(x*1e9)) / 1e9 }

// bucket tells where a snapped CMI falls, in half-open intervals: [0, growth), [growth, advocate), [advocate, 100].
func (s *Scorer) bucket(cmi float64) cmiv1.Bucket {
	switch {
	case cmi >= s.advocate:
		return cmiv1.Bucket_BUCKET_ADVOCATE
	case cmi >= s.growth:
		return cmiv1.Bucket_BUCKET_GROWTH
	default:
		return cmiv1.Bucket_BUCKET_AT_RISK
	}
}

// display gives the whole points of a snapped CMI, rounded down: 79.9 reads 79, so that no Growth Opportunity reads 80.
func display(cmi float64) int32 { return int32(math.Floor(cmi)) }

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
