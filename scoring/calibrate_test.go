package scoring_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

func TestThresholds(t *testing.T) {
	t.Parallel()
	for head, want := range map[string][2]float64{
		"q bei=0 fii=0": {50, 80}, "q bei=0 fii=0 growth=40": {40, 80}, "q bei=0 fii=0 growth=0.5 advocate=99.5": {0.5, 99.5},
	} {
		growth, advocate := compile(t, questionnaire(t, head, "e ECI yes_no")).Thresholds()
		if got := [2]float64{growth, advocate}; got != want {
			t.Errorf("%s: %v, want %v", head, got, want)
		}
	}
}

// calibrated is a SCORED score of a CMI with a calibration of a standard error.
func calibrated(t *testing.T, s *scoring.Scorer, cmi, sem float64) *cmiv1.Score {
	t.Helper()
	score, err := s.Score(&cmiv1.Response{Answers: []*cmiv1.Answer{{ItemId: "e", Value: &cmiv1.Answer_Number{Number: cmi}}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Calibrate(score, &cmiv1.Calibration{CalibrationId: "cal-1", Sem: &sem})
	return score
}

// randomError draws a standard error, from next to nothing to far more than the scale.
func randomError(rng *rand.Rand) float64 { return math.Exp(40*rng.Float64() - 30) }

// TestProbabilitiesAreProbabilities: they lie in 0..1 and add up to 1, and the interval contains the CMI.
func TestProbabilitiesAreProbabilities(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(31, 1))
	for range 20 * rounds {
		s := oneRating(t, rng)
		cmi, sem := 100*rng.Float64(), randomError(rng)
		switch growth, advocate := s.Thresholds(); rng.IntN(6) {
		case 0:
			cmi = growth
		case 1:
			cmi = advocate
		}
		got := calibrated(t, s, cmi, sem)
		p, sum := got.BucketProbabilities, 0.0
		for _, x := range []float64{*p.AtRisk, *p.Growth, *p.Advocate} {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("CMI %v -+ %v: %v", cmi, sem, p)
			}
			sum += x
		}
		if !(math.Abs(sum-1) <= 1e-15) {
			t.Fatalf("CMI %v -+ %v: %v add up to %v", cmi, sem, p, sum)
		}
		if low, high := *got.Interval.Low, *got.Interval.High; !(low >= 0 && low <= *got.Cmi && high >= *got.Cmi && high <= 100) {
			t.Fatalf("CMI %v -+ %v: %v", *got.Cmi, sem, got.Interval)
		}
	}
}

// oneRating is a questionnaire of one rating of 0..100, with thresholds of its own.
func oneRating(t *testing.T, rng *rand.Rand) *scoring.Scorer {
	t.Helper()
	q := questionnaire(t, "q bei=0 fii=0", "e ECI rating 0..100")
	q.Thresholds.Growth = proto.Float64(1 + 49*rng.Float64())
	q.Thresholds.Advocate = proto.Float64(50.5 + 49*rng.Float64())
	return compile(t, q)
}

// TestProbabilitiesRiseWithTheCMI: a higher CMI is likelier Advocate and less likely At-Risk, and its interval lies higher; a
// larger error widens the interval.
func TestProbabilitiesRiseWithTheCMI(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(32, 1))
	for range 5 * rounds {
		s := oneRating(t, rng)
		a, b, sem := 100*rng.Float64(), 100*rng.Float64(), randomError(rng)
		low, high := calibrated(t, s, min(a, b), sem), calibrated(t, s, max(a, b), sem)
		p, q := low.BucketProbabilities, high.BucketProbabilities
		if *p.AtRisk < *q.AtRisk || *p.Advocate > *q.Advocate {
			t.Fatalf("%v: %v\n%v: %v", *low.Cmi, p, *high.Cmi, q)
		}
		if *low.Interval.Low > *high.Interval.Low || *low.Interval.High > *high.Interval.High {
			t.Fatalf("%v: %v\n%v: %v", *low.Cmi, low.Interval, *high.Cmi, high.Interval)
		}
		if wide := calibrated(t, s, a, 2*sem).Interval; *wide.Low > *calibrated(t, s, a, sem).Interval.Low ||
			*wide.High < *calibrated(t, s, a, sem).Interval.High {
			t.Fatalf("%v: twice the error narrows it to %v", a, wide)
		}
	}
}

// TestProbabilitiesAgainstIntegration integrates the normal density numerically (Simpson's rule) between the thresholds.
func TestProbabilitiesAgainstIntegration(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(33, 1))
	for range 50 {
		s := oneRating(t, rng)
		growth, advocate := s.Thresholds()
		cmi, sem := 100*rng.Float64(), 3+20*rng.Float64()
		const steps = 4000
		width, sum := (advocate-growth)/steps, 0.0
		for k := range steps + 1 {
			z := (growth + float64(k)*width - cmi) / sem
			weight := []float64{2, 4}[k%2]
			if k == 0 || k == steps {
				weight = 1
			}
			sum += weight * math.Exp(-z*z/2) / (sem * math.Sqrt(2*math.Pi))
		}
		if got, want := *calibrated(t, s, cmi, sem).BucketProbabilities.Growth, sum*width/3; !(math.Abs(got-want) <= 1e-9) {
			t.Fatalf("CMI %v -+ %v, between %v and %v: %v, want %v", cmi, sem, growth, advocate, got, want)
		}
	}
}

// TestNoCalibration changes nothing.
func TestNoCalibration(t *testing.T) {
	t.Parallel()
	s := compile(t, questionnaire(t, "q bei=0 fii=0", "e ECI rating 0..100"))
	score := explain(t, s, response(t, "e=70"))
	want := proto.CloneOf(score)
	s.Calibrate(score, nil)
	s.Calibrate(nil, &cmiv1.Calibration{CalibrationId: "cal-1"})
	if !proto.Equal(score, want) {
		t.Errorf("%v, want %v", score, want)
	}
}
