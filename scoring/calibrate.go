package scoring

import (
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// normal975 is the 97.5% quantile of the standard normal distribution: a 95% interval reaches so many standard errors to
// either side.
const normal975 = 1.959963984540054

// Calibrate says in a score how sure it is, by the calibration c in force, nil when there is none. It sets calibration_id and,
// where c has a standard error of measurement, the 95% interval of the CMI, in points and clipped to 0..100, and the
// probability that the true CMI lies in each bucket, both under a normal error about the CMI (F. M. Lord and M. R. Novick,
// Statistical Theories of Mental Test Scores, 1968). With a standard error of 0 the interval is the CMI itself, and its
// bucket is certain.
//
// Only SCORED scores are changed: the error of a PARTIAL one is not known. A standard error that is negative or not finite
// counts as absent.
func (s *Scorer) Calibrate(score *cmiv1.Score, c *cmiv1.Calibration) {
	if c == nil || score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || score.Cmi == nil {
		return
	}
	score.CalibrationId = c.CalibrationId
	if c.Sem == nil || !(*c.Sem >= 0) || math.IsInf(*c.Sem, 1) {
		return
	}
	cmi, sem := *score.Cmi, *c.Sem
	reach := float64(normal975 * sem)
	score.Interval = &cmiv1.Interval{Low: proto.Float64(max(0, cmi-reach)), High: proto.Float64(min(100, cmi+reach))}
	score.BucketProbabilities = s.probabilities(cmi, sem)
}

// probabilities tells how likely each bucket is under a normal error. The bucket in the middle takes what the outer two
// leave, so that the three add up to 1.
func (s *Scorer) probabilities(cmi, sem float64) *cmiv1.BucketProbabilities {
	if sem == 0 {
		return s.certain(cmi)
	}
	atRisk, advocate := normalBelow((s.growth-cmi)/sem), normalBelow((cmi-s.advocate)/sem)
	return &cmiv1.BucketProbabilities{
		AtRisk: &atRisk, Growth: proto.Float64(max(0, 1-atRisk-advocate)), Advocate: &advocate,
	}
}

// certain gives the bucket of a snapped CMI all the probability.
func (s *Scorer) certain(cmi float64) *cmiv1.BucketProbabilities {
	in := func(b cmiv1.Bucket) *float64 {
		if s.bucket(cmi) == b {
			return proto.Float64(1)
		}
		return proto.Float64(0)
	}
	return &cmiv1.BucketProbabilities{
		AtRisk: in(cmiv1.Bucket_BUCKET_AT_RISK), Growth: in(cmiv1.Bucket_BUCKET_GROWTH), Advocate: in(cmiv1.Bucket_BUCKET_ADVOCATE),
	}
}

// normalBelow is the standard normal distribution function. By way of erfc it keeps its digits far below 0.
func normalBelow(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }
