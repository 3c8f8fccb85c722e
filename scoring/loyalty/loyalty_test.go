package loyalty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/customer-momentum/cmi/scoring/loyalty"
)

func TestNPSClasses(t *testing.T) {
	t.Parallel()
	var s loyalty.NPS
	for answer := range 11 {
		s.Add(float64(answer))
	}
	if s != (loyalty.NPS{Promoters: 2, Passives: 2, Detractors: 7}) {
		t.Errorf("%+v", s)
	}
}

func TestNPSOfNobody(t *testing.T) {
	t.Parallel()
	if _, ok := (loyalty.NPS{}).Score(); ok {
		t.Error("nobody has a score")
	}
	if _, ok := (loyalty.NPS{}).Variance(); ok {
		t.Error("nobody has a variance")
	}
	if _, ok := (loyalty.NPS{}).Estimate(0.95); ok {
		t.Error("nobody has an interval")
	}
	if _, ok := (loyalty.NPS{}).Plain(0.95); ok {
		t.Error("nobody has a plain interval")
	}
	if _, ok := loyalty.CompareNPS(loyalty.NPS{}, loyalty.NPS{Promoters: 3, Detractors: 1}, 0.95); ok {
		t.Error("nobody is compared")
	}
	if _, ok := loyalty.CompareNPS(loyalty.NPS{Promoters: 9}, loyalty.NPS{Promoters: 3}, 0.95); ok {
		t.Error("groups without a variance are compared")
	}
}

func TestNPSStaysOnTheScale(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	for range 10_000 {
		s := loyalty.NPS{Promoters: rng.IntN(4), Passives: rng.IntN(4), Detractors: rng.IntN(4)}
		e, ok := s.Estimate(0.999)
		if ok != (s.N() > 0) || ok && !(-100 <= e.Low && e.Low <= e.High && e.High <= 100) {
			t.Fatalf("%+v: %+v, %v", s, e, ok)
		}
		e, okPlain := s.Plain(0.999)
		if okPlain != ok || ok && !(-100 <= e.Low && e.Low <= e.Value+1e-12 && e.Value <= e.High+1e-12 && e.High <= 100) {
			t.Fatalf("%+v: %+v, %v", s, e, okPlain)
		}
	}
	if e, ok := (loyalty.NPS{Promoters: 2}).Plain(0.95); !ok || e.Low != 100 || e.High != 100 {
		t.Errorf("where all answered alike the plain interval is %+v, %v", e, ok)
	}
}

// TestNPSIntervalsCover draws samples of which the truth, -10, is known.
func TestNPSIntervalsCover(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 1))
	const draws, level, n = 20_000, 0.95, 60
	held := 0
	for range draws {
		var s loyalty.NPS
		for range n {
			switch x := rng.Float64(); {
			case x < 0.3:
				s.Promoters++
			case x < 0.7:
				s.Detractors++
			default:
				s.Passives++
			}
		}
		if e, ok := s.Estimate(level); ok && e.Low <= -10 && -10 <= e.High {
			held++
		}
	}
	if share := float64(held) / draws; math.Abs(share-level) > 0.015 {
		t.Errorf("%v of the intervals hold the truth", share)
	}
}

func TestTopOfAScale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ low, high, step, want float64 }{
		{0, 1, 1, 1}, {1, 3, 1, 3}, {1, 4, 1, 3}, {1, 5, 1, 4}, {1, 7, 1, 6}, {1, 10, 1, 8}, {0, 10, 1, 8}, {0, 1, 0.25, 0.75},
		{1, 12, 1, 9.8}, {0, 100, 0, 80}, {1, 100, 1, 80.2}, {-2, 2, 1, 1},
	} {
		if got := loyalty.Top(c.low, c.high, c.step); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("of %v to %v by %v the top begins at %v, want %v", c.low, c.high, c.step, got, c.want)
		}
	}
	var s loyalty.CSAT
	for _, answer := range []float64{1, 0.6 + 0.15, 0.7499, 0} {
		s.Add(answer, 0.75)
	}
	if e, ok := s.Estimate(0.95); !ok || e.Value != 0.5 || s.N != 4 {
		t.Errorf("%+v: %+v, %v", s, e, ok)
	}
}

// TestCES by hand: of 1 to 7 once each the mean is 4, three of seven are easy (5 to 7), and two less three of seven is the net.
func TestCES(t *testing.T) {
	t.Parallel()
	var s loyalty.CES
	if _, ok := s.Mean(); ok {
		t.Error("nobody has a mean")
	}
	for answer := 1; answer <= 7; answer++ {
		s.Add(float64(answer))
	}
	mean, _ := s.Mean()
	easy, _ := s.Easy(0.95)
	net, _ := s.Net(0.95)
	interval, ok := s.MeanEstimate(0.95)
	if mean != 4 || math.Abs(easy.Value-3.0/7) > 1e-15 || math.Abs(net.Value+100.0/7) > 1e-12 || !ok || s.N() != 7 {
		t.Errorf("%v, %+v, %+v, %v", mean, easy, net, ok)
	}
	// The variance of 1 to 7 is 14/3; t of 0.95 with 6 degrees of freedom is 2.4469.
	if half := 2.4469119 * math.Sqrt(14.0/3/7); math.Abs(interval.High-4-half) > 1e-6 || math.Abs(4-interval.Low-half) > 1e-6 {
		t.Errorf("%+v", interval)
	}
}

func TestPlaceOnACut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		satisfaction, loyalty float64
		want                  loyalty.Quadrant
	}{{70, 70, loyalty.Loyalist}, {70 - 1e-12, 69, loyalty.Mercenary}, {69.9, 70, loyalty.Hostage}, {69, 69, loyalty.Defector}} {
		if got := loyalty.Place(c.satisfaction, c.loyalty, 70, 70); got != c.want {
			t.Errorf("%v, %v: %v, want %v", c.satisfaction, c.loyalty, got, c.want)
		}
	}
}
