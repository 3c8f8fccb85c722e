package drivers_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/customer-momentum/cmi/scoring/drivers"
)

// take is a table of some rows of another, each as often as its count says.
func take(table drivers.Table, counts []uint32) drivers.Table {
	drawn := drivers.Table{Predictors: make([][]float64, len(table.Predictors))}
	for row, times := range counts {
		for range times {
			drawn.Target = append(drawn.Target, table.Target[row])
			for k, column := range table.Predictors {
				drawn.Predictors[k] = append(drawn.Predictors[k], column[row])
			}
		}
	}
	return drawn
}

// TestIntervalsAreThoseOfRowsDrawnOneByOne copies the rows of each draw, which the intervals do without.
func TestIntervalsAreThoseOfRowsDrawnOneByOne(t *testing.T) {
	t.Parallel()
	const draws, seed, level = 60, 9, 0.9
	for _, rows := range []int{57, 60, 203} {
		table := made(rand.New(rand.NewPCG(61, uint64(rows))), rows, 3)
		a := analyze(t, table, drivers.LMG)
		shares, r2, ok, err := a.Intervals(t.Context(), table, draws, seed, level)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		drawn := make([][]float64, 4)
		for k := range draws {
			counts := drivers.Counts(rows, seed, k)
			one := drivers.AnalyzeSmall(t, take(table, counts), drivers.LMG)
			if one.N != rows {
				t.Fatalf("draw %d has %d rows", k, one.N)
			}
			for j, s := range one.Shares {
				drawn[j] = append(drawn[j], s.Share)
			}
			drawn[3] = append(drawn[3], one.R2)
		}
		for j, e := range append(shares, r2) {
			slices.Sort(drawn[j])
			if math.Abs(e.Low-drivers.Quantile(drawn[j], 0.05)) > 1e-11 || math.Abs(e.High-drivers.Quantile(drawn[j], 0.95)) > 1e-11 {
				t.Errorf("%d rows, figure %d: %+v, one by one %v", rows, j, e, drawn[j])
			}
		}
	}
}

// TestDrawsDoNotDependOnWhoMakesThem sets how many may be made at a time, so it must run alone.
func TestDrawsDoNotDependOnWhoMakesThem(t *testing.T) { //nolint:paralleltest // see above
	table := made(rand.New(rand.NewPCG(62, 1)), 300, 5)
	a := analyze(t, table, drivers.Auto)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	want, wantR2, _, _ := a.SampledIntervals(t.Context(), table, 1000, 101, 3, 0.95)
	for _, processors := range []int{2, 7, 200} {
		runtime.GOMAXPROCS(processors)
		got, r2, ok, err := a.SampledIntervals(t.Context(), table, 1000, 101, 3, 0.95)
		if !ok || err != nil || r2 != wantR2 || !slices.Equal(got, want) {
			t.Errorf("%d at a time: %+v instead of %+v, %v", processors, got, want, err)
		}
	}
}

func TestIntervalsOfASample(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(63, 1))
	whole := made(rng, 20_000, 3)
	counts := make([]uint32, 20_000)
	for _, row := range rng.Perm(20_000)[:1250] {
		counts[row] = 1
	}
	sample := take(whole, counts)
	a, own := analyze(t, whole, drivers.LMG), analyze(t, sample, drivers.LMG)
	intervals := func(a *drivers.Analysis, of int) [][3]float64 {
		shares, r2, ok, err := a.SampledIntervals(t.Context(), sample, of, 300, 5, 0.95)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		var all [][3]float64
		for _, e := range append(shares, r2) {
			all = append(all, [3]float64{e.Value, e.Low, e.High})
		}
		return all
	}
	plain, scaled := intervals(own, 1250), intervals(a, 20_000)
	shares, r2, _, _ := own.Intervals(t.Context(), sample, 300, 5, 0.95)
	all, allR2, _, _ := a.Intervals(t.Context(), whole, 300, 6, 0.95)
	for k, e := range append(shares, r2) {
		if plain[k] != [3]float64{e.Value, e.Low, e.High} {
			t.Errorf("figure %d: %v of a sample that is all, %+v of all", k, plain[k], e)
		}
		// Sixteen times as many rows, a quarter of the error.
		for side := 1; side <= 2; side++ {
			if got, want := scaled[k][side]-scaled[k][0], (plain[k][side]-plain[k][0])/4; math.Abs(got-want) > 1e-12 {
				t.Errorf("figure %d reaches %v to one side, want %v", k, got, want)
			}
		}
		// As wide as what is drawn of all rows, but for what 300 draws, and 1,250 rows, leave open.
		drawn := append(all, allR2)[k]
		if ratio := (scaled[k][2] - scaled[k][1]) / (drawn.High - drawn.Low); !(0.75 < ratio && ratio < 1.33) {
			t.Errorf("figure %d: %v is %v as wide as %+v", k, scaled[k], ratio, drawn)
		}
	}
	for k, e := range intervals(own, 3) { // fewer than there are
		if e != plain[k] {
			t.Errorf("figure %d: %v instead of %v", k, e, plain[k])
		}
	}
}

// TestScaledIntervalsStayOnTheScale where the sample says much more than all of it do.
func TestScaledIntervalsStayOnTheScale(t *testing.T) {
	t.Parallel()
	table := made(rand.New(rand.NewPCG(64, 1)), 200, 2)
	for _, share := range []float64{0, 1} {
		a := &drivers.Analysis{Method: drivers.LMG, R2: share, Shares: []drivers.Share{{Share: share}, {Share: share}}}
		shares, r2, ok, err := a.SampledIntervals(t.Context(), table, 250, 200, 1, 0.99)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		for _, e := range append(shares, r2) {
			if e.Low < 0 || e.High > 1 {
				t.Errorf("%+v", e)
			}
		}
	}
}

func TestIntervalsThatCannotBeSaid(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(65, 1))
	good := made(rng, 100, 2)
	a := analyze(t, good, drivers.LMG)
	// One row alone differs, so that more than a third of the draws have a constant predictor: e^-1 of them.
	lonely := made(rng, 100, 2)
	lonely.Predictors[1] = slices.Repeat([]float64{3.1}, 100)
	lonely.Predictors[1][50] = 4
	if _, _, ok, err := a.Intervals(t.Context(), lonely, 400, 1, 0.95); !ok || err != nil {
		t.Errorf("two thirds of the draws: %v, %v", ok, err)
	}
	// In another row the target alone differs: both are drawn four times out of ten.
	lonelier := drivers.Table{Target: slices.Repeat([]float64{1}, 100), Predictors: lonely.Predictors}
	lonelier.Target[60] = 2
	same := made(rng, 100, 2)
	same.Predictors[0] = slices.Repeat([]float64{0.1}, 100)
	ragged := made(rng, 100, 2)
	ragged.Predictors[1] = ragged.Predictors[1][1:]
	for name, c := range map[string]struct {
		table   drivers.Table
		samples int
	}{
		"no draws": {good, 0}, "fewer than no draws": {good, -5}, "no rows": {made(rng, 0, 2), 50}, "one row": {made(rng, 1, 2), 50},
		"two fifths of the draws": {lonelier, 400}, "a constant": {same, 50}, "other predictors": {made(rng, 100, 3), 50}, "ragged": {ragged, 50}, "nothing": {drivers.Table{}, 50},
	} {
		if shares, _, ok, err := a.Intervals(t.Context(), c.table, c.samples, 1, 0.95); ok || err != nil {
			t.Errorf("%s: %+v, %v", name, shares, err)
		}
	}
	// Rows with gaps are left out.
	gaps := drivers.Table{Target: append([]float64{math.NaN()}, good.Target...)}
	for _, column := range good.Predictors {
		gaps.Predictors = append(gaps.Predictors, append([]float64{1e6}, column...))
	}
	want, _, _, _ := a.Intervals(t.Context(), good, 50, 1, 0.95)
	if got, _, _, _ := a.Intervals(t.Context(), gaps, 50, 1, 0.95); !slices.Equal(got, want) {
		t.Errorf("%+v with a gap, %+v without", got, want)
	}
}

// ending ends after it was asked so many times.
type ending struct {
	context.Context
	left atomic.Int64
}

func (e *ending) Err() error {
	if e.left.Add(-1) < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestDrawsEndWithTheContext(t *testing.T) {
	t.Parallel()
	table := made(rand.New(rand.NewPCG(66, 1)), 100, 2)
	ctx := &ending{Context: t.Context()}
	ctx.left.Store(5)
	if _, _, ok, err := analyze(t, table, drivers.LMG).Intervals(ctx, table, 1000, 1, 0.95); ok || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, %v", ok, err)
	}
}
