package drivers_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/customer-momentum/cmi/scoring/drivers"
)

// made draws a table of predictors that go together, and a target that some of them move.
func made(rng *rand.Rand, rows, predictors int) drivers.Table {
	t := drivers.Table{Predictors: make([][]float64, predictors)}
	for range rows {
		common, y := rng.NormFloat64(), rng.NormFloat64()
		for k := range t.Predictors {
			x := 50 + 10*(rng.NormFloat64()+0.7*common)
			t.Predictors[k] = append(t.Predictors[k], x)
			y += x * float64(k) / 20
		}
		t.Target = append(t.Target, y)
	}
	return t
}

// explained is R^2 by least squares, which knows nothing of correlations or their roots.
func explained(t *testing.T, table drivers.Table) float64 {
	t.Helper()
	n, k := len(table.Target), len(table.Predictors)
	x, y := mat.NewDense(n, k+1, nil), mat.NewVecDense(n, nil)
	mean := 0.0
	for row := range n {
		x.Set(row, 0, 1)
		for c, column := range table.Predictors {
			x.Set(row, c+1, column[row])
		}
		y.SetVec(row, table.Target[row])
		mean += table.Target[row] / float64(n)
	}
	var beta, fitted mat.VecDense
	if err := beta.SolveVec(x, y); err != nil {
		t.Fatal(err)
	}
	fitted.MulVec(x, &beta)
	left, all := 0.0, 0.0
	for row := range n {
		left += math.Pow(table.Target[row]-fitted.AtVec(row), 2)
		all += math.Pow(table.Target[row]-mean, 2)
	}
	return 1 - left/all
}

func TestSharesAddUpToWhatIsExplained(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for predictors := 1; predictors <= 12; predictors++ {
		table := made(rng, 200, predictors)
		want := explained(t, table)
		for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
			a := analyze(t, table, method)
			sum := 0.0
			for _, s := range a.Shares {
				if sum += s.Share; s.Share < -1e-12 {
					t.Errorf("%d predictors, method %v: a share of %v", predictors, method, s.Share)
				}
			}
			if math.Abs(sum-want) > 1e-9 || math.Abs(a.R2-want) > 1e-9 {
				t.Errorf("%d predictors, method %v: %v in all, R2 %v, by least squares %v", predictors, method, sum, a.R2, want)
			}
		}
	}
}

func TestOrderOfPredictorsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	table := made(rng, 120, 6)
	for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
		a := analyze(t, table, method)
		order := rng.Perm(6)
		shuffled := drivers.Table{Target: table.Target}
		for _, k := range order {
			shuffled.Predictors = append(shuffled.Predictors, table.Predictors[k])
		}
		b := analyze(t, shuffled, method)
		for place, k := range order {
			if math.Abs(b.Shares[place].Share-a.Shares[k].Share) > 1e-12 {
				t.Errorf("method %v: predictor %d has %v, and %v elsewhere", method, k, a.Shares[k].Share, b.Shares[place].Share)
			}
		}
	}
}

// TestUncorrelatedPredictors have the squares of their correlations, by any method.
func TestUncorrelatedPredictors(t *testing.T) {
	t.Parallel()
	var table drivers.Table
	table.Predictors = make([][]float64, 2)
	for row := range 64 {
		a, b := float64(row%2), float64(row/2%2)
		table.Predictors[0], table.Predictors[1] = append(table.Predictors[0], a), append(table.Predictors[1], b)
		table.Target = append(table.Target, 3*a-4*b) // variances of 9 and 16 quarters
	}
	for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
		a := analyze(t, table, method)
		if math.Abs(a.Shares[0].Share-0.36) > 1e-12 || math.Abs(a.Shares[1].Share-0.64) > 1e-12 || math.Abs(a.Shares[1].Correlation+0.8) > 1e-12 {
			t.Errorf("method %v: %+v", method, a)
		}
	}
}

func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	good := made(rng, 100, 3)
	with := func(change func(*drivers.Table)) drivers.Table {
		table := drivers.Table{Target: slices.Clone(good.Target)}
		for _, column := range good.Predictors {
			table.Predictors = append(table.Predictors, slices.Clone(column))
		}
		change(&table)
		return table
	}
	same := slices.Repeat([]float64{0.1}, 100)
	for _, c := range []struct {
		table     drivers.Table
		method    drivers.Method
		reason    drivers.Reason
		predictor int
	}{
		{made(rng, 29, 2), drivers.Auto, drivers.TooFew, -1},
		{made(rng, 39, 4), drivers.Auto, drivers.TooFew, -1},
		{with(func(t *drivers.Table) { t.Target = same }), drivers.Auto, drivers.TargetConstant, -1},
		{with(func(t *drivers.Table) { t.Predictors[1] = same }), drivers.Auto, drivers.PredictorConstant, 1},
		{with(func(t *drivers.Table) {
			for row := range t.Target {
				t.Predictors[2][row] = 3*t.Predictors[0][row] - t.Predictors[1][row] + 7
			}
		}), drivers.Johnson, drivers.Collinear, 2},
		{with(func(t *drivers.Table) { t.Predictors[1] = t.Predictors[0] }), drivers.LMG, drivers.Collinear, 1},
		{with(func(t *drivers.Table) { t.Predictors = nil }), drivers.Auto, drivers.Predictors, -1},
		{with(func(t *drivers.Table) { t.Predictors[0] = t.Predictors[0][1:] }), drivers.Auto, drivers.Ragged, 0},
		{made(rng, 500, 13), drivers.LMG, drivers.Predictors, -1},
	} {
		_, err := drivers.Analyze(c.table, c.method)
		unsaid, ok := errors.AsType[*drivers.Unsaid](err)
		if !ok || unsaid.Reason != c.reason || unsaid.Predictor != c.predictor || unsaid.Error() == "" {
			t.Errorf("reason %d: %+v", c.reason, err)
		}
	}
	if a := analyze(t, made(rng, 500, 13), drivers.Auto); a.Method != drivers.Johnson {
		t.Errorf("13 predictors are analysed by method %v", a.Method)
	}
}

func TestCompleteDropsRowsWithGaps(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	table := drivers.Table{Target: []float64{1, nan, 3, 4}, Predictors: [][]float64{{1, 2, nan, 4}, {5, 6, 7, 8}}}
	got, dropped := table.Complete()
	if dropped != 2 || !slices.Equal(got.Target, []float64{1, 4}) || !slices.Equal(got.Predictors[0], []float64{1, 4}) || !slices.Equal(got.Predictors[1], []float64{5, 8}) {
		t.Errorf("%d dropped, %+v left", dropped, got)
	}
}

func TestBootstrapIsRepeatableAndHoldsTheShares(t *testing.T) {
	t.Parallel()
	table := made(rand.New(rand.NewPCG(7, 8)), 300, 4)
	a := analyze(t, table, drivers.LMG)
	shares, r2, ok, err := a.Intervals(t.Context(), table, 400, 42, 0.95)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	again, _, _, _ := a.Intervals(t.Context(), table, 400, 42, 0.95)
	other, _, _, _ := a.Intervals(t.Context(), table, 400, 43, 0.95)
	if !slices.Equal(shares, again) || slices.Equal(shares, other) {
		t.Error("the seed does not decide what is drawn")
	}
	for k, e := range append(shares, r2) {
		if !(e.Low < e.Value && e.Value < e.High) || e.Level != 0.95 {
			t.Errorf("interval %d: %+v", k, e)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := a.Intervals(ctx, table, 400, 42, 0.95); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestQuadrants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		importance, performance float64
		want                    drivers.Quadrant
	}{
		{0.3, 60, drivers.KeepUp}, {0.2, 50, drivers.KeepUp}, {0.3, 40, drivers.ConcentrateHere}, {0.1, 40, drivers.LowPriority}, {0.1, 60, drivers.PossibleOverkill},
	} {
		if got := drivers.Place(c.importance, c.performance, 0.2, 50); got != c.want {
			t.Errorf("%v, %v: %v, want %v", c.importance, c.performance, got, c.want)
		}
	}
}
