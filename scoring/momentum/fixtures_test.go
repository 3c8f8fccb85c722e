package momentum_test

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/momentum"
)

const (
	scoredStatus   = cmiv1.ScoreStatus_SCORE_STATUS_SCORED
	partialStatus  = cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL
	unscoredStatus = cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED
)

// days gives microseconds.
func days(x float64) int64 { return int64(math.Round(x * 24 * 60 * 60 * 1e6)) }

// bucketOf is where a CMI falls.
func bucketOf(cmi, growth, advocate float64) cmiv1.Bucket {
	switch {
	case cmi >= advocate:
		return cmiv1.Bucket_BUCKET_ADVOCATE
	case cmi >= growth:
		return cmiv1.Bucket_BUCKET_GROWTH
	default:
		return cmiv1.Bucket_BUCKET_AT_RISK
	}
}

// scored is a point on a day with the usual thresholds.
func scored(day, cmi float64) momentum.Point {
	return momentum.Point{At: days(day), Status: scoredStatus, CMI: cmi, Bucket: bucketOf(cmi, 50, 80), Growth: 50, Advocate: 80}
}
