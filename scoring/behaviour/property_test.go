package behaviour_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/scoring/behaviour"
)

// integral is what the weights of a day would add up to over the last d days: h / ln 2 * (1 - 0.5^(d/h)).
func integral(w behaviour.Window, d float64) float64 {
	return w.HalfLifeDays / math.Ln2 * (1 - math.Pow(0.5, d/w.HalfLifeDays))
}

// steady gives interactions every so many days from the day from on, up to the day to; the last one was late days before.
func steady(from, to, every, late float64) []int64 {
	var list []int64
	for day := to - late; day >= from; day -= every {
		list = append(list, days(day))
	}
	slices.Reverse(list)
	return list
}

// TestSteadyRates: who acts every s days has a rate of 30/s. The weights are a Riemann sum of a falling function from 1 to 0 with
// step s, so that for one moment in the cycle the rate is off by s / integral at most, relatively; in the mean over n evenly
// spaced moments by an n-th of that, as all moments together are one sum with step s/n. That holds for old customers, and for new
// ones too.
func TestSteadyRates(t *testing.T) {
	t.Parallel()
	const moments = 64
	for _, w := range []behaviour.Window{{180, 90}, {30, 365}, {365, 10}, {90, 90}} {
		for _, every := range []float64{0.25, 1, 7, 30} {
			for _, seen := range []float64{3000, 200, 45, 8, 1} {
				bound := every / integral(w, min(seen, w.WindowDays))
				mean, want := 0.0, 30/every
				for k := range moments {
					late := every * (float64(k) + 0.5) / moments
					got := w.Rate(steady(5000-seen, 5000, every, late), days(5000-seen), days(5000))
					mean += got / moments
					if !(math.Abs(got/want-1) <= bound+1e-9) {
						t.Errorf("%+v: every %v days for %v: %v, want %v within %v", w, every, seen, got, want, want*bound)
					}
				}
				if !(math.Abs(mean/want-1) <= bound/moments+1e-9) {
					t.Errorf("%+v: every %v days for %v: mean %v, want %v within %v", w, every, seen, mean, want, want*bound/moments)
				}
			}
		}
	}
}

// random gives a window and events in order of time.
func random(seed uint64) (r *rand.Rand, w behaviour.Window, kinds int, events []behaviour.Event, at int64) {
	r = rand.New(rand.NewPCG(9, seed))
	w = behaviour.Window{WindowDays: 1 + float64(r.IntN(200)), HalfLifeDays: 1 + float64(r.IntN(200))}
	kinds = 1 + r.IntN(4)
	at = days(300)
	for range r.IntN(30) {
		events = append(events, behaviour.Event{At: r.Int64N(at + days(30)), Kind: r.IntN(kinds)})
	}
	slices.SortFunc(events, func(a, b behaviour.Event) int { return int(a.At - b.At) })
	return r, w, kinds, events, at
}

func times(events []behaviour.Event) (list []int64) {
	for _, e := range events {
		list = append(list, e.At)
	}
	return list
}

// TestMeasuresAreBounded: and the rate is that of Rate; and nothing outside of the window is of any matter to a customer whose
// first seen is known.
func TestMeasuresAreBounded(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r, w, kinds, events, at := random(seed)
		first := r.Int64N(at)
		got := w.Measure(kinds, events, &first, true, at)
		if *got.Rate != w.Rate(times(events), first, at) {
			t.Fatalf("seed %d: rate %v, alone %v", seed, *got.Rate, w.Rate(times(events), first, at))
		}
		if !(*got.Rate >= 0) || math.IsInf(*got.Rate, 0) || (got.DaysSince == nil) != (*got.Rate == 0) || (got.Diversity == nil) != (kinds < 2) {
			t.Fatalf("seed %d: %v", seed, got)
		}
		if x := got.Diversity; x != nil && !(*x >= 0 && *x <= 1) {
			t.Fatalf("seed %d: %v", seed, got)
		}
		if x := got.DaysSince; x != nil && !(*x >= 0 && *x < w.WindowDays) {
			t.Fatalf("seed %d: %v", seed, got)
		}
		inside := slices.DeleteFunc(slices.Clone(events), func(e behaviour.Event) bool {
			return e.At > at || e.At <= at-days(w.WindowDays)
		})
		if again := w.Measure(kinds, inside, &first, true, at); !proto.Equal(got, again) {
			t.Fatalf("seed %d: %v, without what is outside %v", seed, got, again)
		}
	}
}

// TestMovedInTime: the same behaviour at another time measures the same, to the last bit. The names of kinds are of no matter but
// for rounding.
func TestMovedInTime(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r, w, kinds, events, at := random(seed)
		want := w.Measure(kinds, events, nil, true, at)
		by := r.Int64N(2e15) - 1e15
		moved := slices.Clone(events)
		for k := range moved {
			moved[k].At += by
		}
		if got := w.Measure(kinds, moved, nil, true, at+by); !proto.Equal(got, want) {
			t.Fatalf("seed %d: %v, moved %v", seed, want, got)
		}
		if want.GetDiversity() == 0 {
			continue
		}
		for k := range moved {
			moved[k] = behaviour.Event{At: events[k].At, Kind: kinds - 1 - events[k].Kind}
		}
		if got := w.Measure(kinds, moved, nil, true, at); !(math.Abs(*got.Diversity-*want.Diversity) <= 1e-12) {
			t.Fatalf("seed %d: %v, renamed %v", seed, want, got)
		}
	}
}

// TestMoreIsMore: one more interaction in the window never lowers the rate, and a later one weighs more.
func TestMoreIsMore(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r, w, _, events, at := random(seed)
		list := times(events)
		first := int64(0)
		before := w.Rate(list, first, at)
		early := at - r.Int64N(days(w.WindowDays))
		late := early + r.Int64N(at-early+1)
		with := func(x int64) float64 {
			more := append(slices.Clone(list), x)
			slices.Sort(more)
			return w.Rate(more, first, at)
		}
		if a, b := with(early), with(late); !(before <= a+1e-12) || !(a <= b+1e-12) {
			t.Fatalf("seed %d: %v, with one at %d %v, with one at %d %v", seed, before, early, a, late, b)
		}
	}
}

// TestAllKindsAlike: as even as can be is 1, and not a bit more.
func TestAllKindsAlike(t *testing.T) {
	t.Parallel()
	for kinds := 2; kinds <= 50; kinds++ {
		var events []behaviour.Event
		for kind := range kinds {
			events = append(events, behaviour.Event{At: days(1), Kind: kind})
		}
		got := *behaviour.DefaultWindow().Measure(kinds, events, nil, true, days(20)).Diversity
		if !(got <= 1 && got >= 1-1e-12) {
			t.Errorf("%d kinds: %.17g", kinds, got)
		}
	}
}

// TestExtremeWindows: whatever constants above 0, measures are finite numbers.
func TestExtremeWindows(t *testing.T) {
	t.Parallel()
	sizes := []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-9, 1, 1e9, 1e300, math.MaxFloat64}
	events := []behaviour.Event{{days(0), 0}, {days(10) - 1, 1}, {days(10), 0}}
	for _, window := range sizes {
		for _, half := range sizes {
			w := behaviour.Window{WindowDays: window, HalfLifeDays: half}
			for _, list := range [][]behaviour.Event{events, events[:2], nil} {
				for _, first := range []int64{0, days(10), days(20)} {
					m := w.Measure(2, list, &first, true, days(10))
					if !(*m.Rate >= 0 && *m.Rate <= math.MaxFloat64) || !(*m.Diversity >= 0 && *m.Diversity <= 1) {
						t.Errorf("%+v of %d events, first seen %d: %v", w, len(list), first, m)
					}
				}
			}
		}
	}
}

// TestDefault is what the documentation says.
func TestDefault(t *testing.T) {
	t.Parallel()
	if got := behaviour.DefaultWindow(); !reflect.DeepEqual(got, behaviour.Window{WindowDays: 180, HalfLifeDays: 90}) {
		t.Errorf("%+v", got)
	}
}

// FuzzMeasure measures any behaviour in any window: finite numbers within their bounds.
func FuzzMeasure(f *testing.F) {
	f.Add([]byte("01234567"), 180.0, 90.0, int64(0), int64(1e12))
	f.Fuzz(func(t *testing.T, data []byte, window, half float64, first, at int64) {
		if !(window > 0 && half > 0) || math.IsInf(window, 0) || math.IsInf(half, 0) {
			return
		}
		first, at = first%253402300800_000000, at%253402300800_000000
		var events []behaviour.Event
		for k, b := range data {
			events = append(events, behaviour.Event{At: at - (int64(b)-20)<<(k%40), Kind: int(b) % 3})
		}
		slices.SortFunc(events, func(a, b behaviour.Event) int { return int(a.At - b.At) })
		m := behaviour.Window{WindowDays: window, HalfLifeDays: half}.Measure(3, events, &first, true, at)
		if !(*m.Rate >= 0 && *m.Rate <= math.MaxFloat64) || !(*m.Diversity >= 0 && *m.Diversity <= 1) || m.DaysSince != nil && !(*m.DaysSince >= 0 && *m.DaysSince < window) {
			t.Fatal(m)
		}
	})
}

// BenchmarkMeasure measures 1000 interactions of three years, and 100.
func BenchmarkMeasure(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			var events []behaviour.Event
			for k := range n {
				events = append(events, behaviour.Event{At: days(float64(k) * 1095 / float64(n)), Kind: r.IntN(5)})
			}
			b.ReportAllocs()
			for b.Loop() {
				behaviour.DefaultWindow().Measure(5, events, nil, true, days(1095))
			}
		})
	}
}
