package momentum_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/momentum"
)

// each calls f with many random courses: whole points and whole or half days, so that ties of both are common.
func each(t *testing.T, seed uint64, f func(t *testing.T, r *rand.Rand, points []momentum.Point, asOf int64)) {
	t.Helper()
	for k := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, k))
		points := randomPoints(r)
		asOf := days(float64(r.IntN(400)))
		if n := len(points); n > 0 {
			asOf += points[n-1].At
		}
		f(t, r, points, asOf)
		if t.Failed() {
			t.Fatalf("course %d: %+v", k, points)
		}
	}
}

// randomPoints makes up to 15 points, and now and then more than 100.
func randomPoints(r *rand.Rand) []momentum.Point {
	n := r.IntN(16)
	if r.IntN(50) == 0 {
		n = 90 + r.IntN(40)
	}
	points, day, span := []momentum.Point{}, float64(r.IntN(1000)), 1+r.IntN(101)
	for range n {
		day += float64(r.IntN(20)) / 2
		growth := float64(1 + r.IntN(98))
		advocate := growth + float64(1+r.IntN(100-int(growth)))
		cmi := float64(r.IntN(span))
		p := momentum.Point{At: days(day), Status: scoredStatus, Growth: growth, Advocate: advocate}
		switch r.IntN(8) {
		case 0:
			p.Status = unscoredStatus
			points = append(points, p)
			continue
		case 1:
			p.Status = partialStatus
		}
		p.CMI, p.Bucket = cmi, bucketOf(cmi, growth, advocate)
		if r.IntN(4) > 0 {
			p.SEM = new(float64(r.IntN(10)))
		}
		points = append(points, p)
	}
	return points
}

// of computes a course and checks what must hold for any.
func of(t *testing.T, points []momentum.Point, asOf int64) momentum.Course {
	t.Helper()
	c := momentum.Of(points, asOf)
	if err := sound(points, c); err != "" {
		t.Errorf("%s: %+v", err, c)
	}
	return c
}

// sound names what is wrong with a course.
func sound(points []momentum.Point, c momentum.Course) string {
	for _, x := range []*float64{c.Level, c.Delta, c.RCI, c.Velocity, c.Smoothed} {
		if x != nil && (math.IsNaN(*x) || math.IsInf(*x, 0)) {
			return "not a finite number"
		}
	}
	for _, x := range []*float64{c.Level, c.Smoothed} {
		if (x == nil) != (c.Level == nil) || x != nil && !(*x >= 0 && *x <= 100) {
			return "a level out of bounds"
		}
	}
	pairs := min(len(points), 100) * (min(len(points), 100) - 1) / 2
	if m := c.Trend; m != nil && (!(m.P >= 0 && m.P <= 1) || math.IsNaN(m.Z) || max(m.S, -m.S) > pairs) {
		return "a trend out of bounds"
	}
	if c.Direction == 0 || (c.Direction == cmiv1.Direction_DIRECTION_INSUFFICIENT) != (c.Basis == 0) || len(c.Stables) != len(points) {
		return "incomplete"
	}
	raw := cmiv1.Bucket(0)
	for k, stable := range c.Stables {
		if points[k].Status != unscoredStatus {
			raw = points[k].Bucket
		}
		if stable > raw || (stable == 0) != (raw == 0) {
			return "a stable bucket above the raw one"
		}
	}
	if raw != c.Bucket || len(points) > 0 && c.Stable != c.Stables[len(points)-1] {
		return "not the last bucket"
	}
	return ""
}

// TestMovedInTime: the same course at another time is the same to the last bit.
func TestMovedInTime(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, r *rand.Rand, points []momentum.Point, asOf int64) {
		want := of(t, points, asOf)
		by := r.Int64N(2e15) - 1e15
		moved := slices.Clone(points)
		for k := range moved {
			moved[k].At += by
		}
		got := of(t, moved, asOf+by)
		if got.Level != nil {
			got.LevelAt -= by
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, and moved %+v", want, got)
		}
	})
}

// TestReflected: what rises falls when every CMI x is 100 - x. Buckets are not symmetric, and left out.
func TestReflected(t *testing.T) {
	t.Parallel()
	opposite := map[cmiv1.Direction]cmiv1.Direction{1: 3, 2: 2, 3: 1, 4: 4}
	each(t, 2, func(t *testing.T, _ *rand.Rand, points []momentum.Point, asOf int64) {
		want := of(t, points, asOf)
		turned := slices.Clone(points)
		for k := range turned {
			if p := &turned[k]; p.Status != unscoredStatus {
				p.CMI = 100 - p.CMI
				p.Bucket = bucketOf(p.CMI, p.Growth, p.Advocate)
			}
		}
		got := of(t, turned, asOf)
		for _, pair := range [][2]*float64{{got.Delta, want.Delta}, {got.RCI, want.RCI}, {got.Velocity, want.Velocity}} {
			if (pair[0] == nil) != (pair[1] == nil) || pair[0] != nil && *pair[0] != -*pair[1] {
				t.Errorf("%+v, and turned %+v", want, got)
			}
		}
		if m, n := got.Trend, want.Trend; (m == nil) != (n == nil) || m != nil && (m.S != -n.S || m.Z != -n.Z || m.P != n.P) {
			t.Errorf("trend %+v, and turned %+v", n, m)
		}
		if got.Direction != opposite[want.Direction] || got.Basis != want.Basis || got.Calibrated != want.Calibrated {
			t.Errorf("%+v, and turned %+v", want, got)
		}
		if got.Level != nil && (*got.Level != 100-*want.Level || !(math.Abs(*got.Smoothed+*want.Smoothed-100) <= 1e-9)) {
			t.Errorf("levels %v %v, and turned %v %v", *want.Level, *want.Smoothed, *got.Level, *got.Smoothed)
		}
	})
}

// TestTies: points of one time have no slope between them, so their order is of no matter to velocity, and of none but for
// rounding to the smoothed level. Points of one value may change places in time without the trend noticing.
func TestTies(t *testing.T) {
	t.Parallel()
	swaps := 0
	each(t, 3, func(t *testing.T, r *rand.Rand, points []momentum.Point, asOf int64) {
		want := of(t, points, asOf)
		if len(points) < 2 || len(points) > 100 { // which 100 of more are the latest is a matter of order
			return
		}
		i, j := r.IntN(len(points)), r.IntN(len(points))
		swapped := slices.Clone(points)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		switch a, b := points[i], points[j]; {
		case i == j || a.Status != scoredStatus || b.Status != scoredStatus:
		case a.At == b.At:
			swaps++
			got := of(t, swapped, asOf)
			if !reflect.DeepEqual(got.Velocity, want.Velocity) || !(math.Abs(*got.Smoothed-*want.Smoothed) <= 1e-9) {
				t.Errorf("%+v, and swapped %+v", want, got)
			}
		case a.CMI == b.CMI:
			swaps++
			swapped[i].At, swapped[j].At = a.At, b.At
			got := of(t, swapped, asOf)
			if !reflect.DeepEqual(got.Trend, want.Trend) || !reflect.DeepEqual(got.Velocity, want.Velocity) {
				t.Errorf("%+v, and swapped %+v", want, got)
			}
		}
	})
	if swaps < 50 {
		t.Errorf("only %d ties", swaps)
	}
}

// TestOnlyTheLatestHundred: velocity and direction do not see the SCORED points before the latest 100; the smoothed level does.
func TestOnlyTheLatestHundred(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	var points []momentum.Point
	for k := range 130 {
		points = append(points, scored(float64(k), float64(r.IntN(101))))
		points = append(points, momentum.Point{At: days(float64(k)), Status: unscoredStatus})
	}
	latest := of(t, points[60:], days(200)) // 30 SCORED ones are left out
	all := of(t, points, days(200))
	one := of(t, points[62:], days(200)) // 31
	if !reflect.DeepEqual(all.Trend, latest.Trend) || *all.Velocity != *latest.Velocity || all.Direction != latest.Direction {
		t.Errorf("%+v, and the latest 100 %+v", all, latest)
	}
	if *all.Trend == *one.Trend {
		t.Errorf("99 points have the trend of 100: %+v", *all.Trend)
	}
	if *all.Smoothed == *latest.Smoothed {
		t.Error("the smoothed level leaves out points as well")
	}
}

// TestAgainstPlainArithmetic compares velocity, trend and smoothed level with their definitions, written out once more.
func TestAgainstPlainArithmetic(t *testing.T) {
	t.Parallel()
	each(t, 5, func(t *testing.T, _ *rand.Rand, points []momentum.Point, asOf int64) {
		var at, cmi []float64 // of the SCORED points, in days and points
		above, below := 0.0, 0.0
		for _, p := range points {
			day := float64(p.At) / 86_400_000_000
			if p.Status == scoredStatus {
				at, cmi = append(at, day), append(cmi, p.CMI)
			}
			if p.Status != unscoredStatus {
				w := math.Pow(0.5, (float64(asOf)/86_400_000_000-day)/180)
				above, below = above+w*p.CMI, below+w
			}
		}
		got := of(t, points, asOf)
		if got.Smoothed != nil && !(math.Abs(*got.Smoothed-above/below) <= 1e-9) {
			t.Errorf("smoothed level %v, want %v", *got.Smoothed, above/below)
		}
		from := max(0, len(at)-100)
		at, cmi = at[from:], cmi[from:]
		if want, ok := plainSlope(at, cmi); ok != (got.Velocity != nil) || ok && !(math.Abs(*got.Velocity-want) <= 1e-9*max(1, math.Abs(want))) {
			t.Errorf("velocity %v, want %v", got.Velocity, want)
		}
		if (got.Trend != nil) != (len(cmi) >= 5) {
			t.Errorf("trend %v of %d points", got.Trend, len(cmi))
		} else if got.Trend != nil {
			s, z := plainTrend(cmi)
			if got.Trend.S != s || !(math.Abs(got.Trend.Z-z) <= 1e-12) {
				t.Errorf("trend %+v, want %d %v", *got.Trend, s, z)
			}
		}
	})
}

// plainSlope is the median slope per 30 days of the pairs at different days.
func plainSlope(at, values []float64) (float64, bool) {
	var slopes []float64
	for i := range at {
		for j := i + 1; j < len(at); j++ {
			if at[i] < at[j] {
				slopes = append(slopes, 30*(values[j]-values[i])/(at[j]-at[i]))
			}
		}
	}
	slices.Sort(slopes)
	n := len(slopes)
	if n == 0 || len(at) < 3 {
		return 0, false
	}
	return (slopes[(n-1)/2] + slopes[n/2]) / 2, true
}

// plainTrend is S and z, with the groups of ties counted one by one.
func plainTrend(values []float64) (s int, z float64) {
	for i := range values {
		for j := i + 1; j < len(values); j++ {
			if values[j] > values[i] {
				s++
			} else if values[j] < values[i] {
				s--
			}
		}
	}
	n := float64(len(values))
	variance := n * (n - 1) * (2*n + 5)
	groups := map[float64]float64{}
	for _, x := range values {
		groups[x]++
	}
	for _, m := range groups {
		variance -= m * (m - 1) * (2*m + 5)
	}
	variance /= 18
	if s == 0 || variance == 0 {
		return s, 0
	}
	sign := 1.0
	if s < 0 {
		sign = -1
	}
	return s, (float64(s) - sign) / math.Sqrt(variance)
}

// TestStableRisesInTheEnd: a bucket that is seen twice in a row, by the same thresholds, is the stable one.
func TestStableRisesInTheEnd(t *testing.T) {
	t.Parallel()
	each(t, 6, func(t *testing.T, _ *rand.Rand, points []momentum.Point, asOf int64) {
		for k := range points {
			points[k].Growth, points[k].Advocate = 50, 80
			if points[k].Status != unscoredStatus {
				points[k].Bucket = bucketOf(points[k].CMI, 50, 80)
			}
		}
		stables := of(t, points, asOf).Stables
		for k := 1; k < len(points); k++ {
			a, b := points[k-1], points[k]
			if a.Status != unscoredStatus && a.Bucket == b.Bucket && stables[k] != b.Bucket {
				t.Errorf("%v twice, but %v at %d", b.Bucket, stables[k], k)
			}
			if b.Status == unscoredStatus && stables[k] != stables[k-1] {
				t.Errorf("an UNSCORED score moved the stable bucket at %d", k)
			}
		}
	})
}

// TestOneLevel: the mean of one level, however often and whenever, is that level to the last bit.
func TestOneLevel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(10, seed))
		cmi := float64(r.IntN(1_001)) / 10
		var points []momentum.Point
		for day := r.Float64(); len(points) < 20; day += 100 * r.Float64() {
			points = append(points, scored(day, cmi))
		}
		if c := of(t, points, days(3000)); *c.Smoothed != cmi || *c.Velocity != 0 || c.Trend.P != 1 {
			t.Fatalf("%v: %+v", cmi, c)
		}
	}
}

// TestAllocations: the work that grows with the square of the points takes one allocation, and none.
func TestAllocations(t *testing.T) { // not parallel: others' allocations would be counted
	values := nile()
	var at []int64
	for k := range values {
		at = append(at, days(float64(k)))
	}
	if n := testing.AllocsPerRun(10, func() { momentum.TheilSen(at, values) }); n > 1 {
		t.Errorf("Theil-Sen allocates %v times", n)
	}
	if n := testing.AllocsPerRun(10, func() { momentum.MannKendall(values) }); n > 0 {
		t.Errorf("Mann-Kendall allocates %v times", n)
	}
}
