package drivers_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/customer-momentum/cmi/scoring/drivers"
)

// momentsOf are those of the rows from one on and up to another.
func momentsOf(table drivers.Table, from, to int) *drivers.Moments {
	m := drivers.NewMoments(len(table.Predictors))
	row := make([]float64, len(table.Predictors))
	for i := from; i < to; i++ {
		for k, column := range table.Predictors {
			row[k] = column[i]
		}
		m.Add(row, table.Target[i])
	}
	return m
}

// written are moments after they were kept as JSON.
func written(t *testing.T, m *drivers.Moments) *drivers.Moments {
	t.Helper()
	data, err := json.Marshal(*m)
	if err != nil {
		t.Fatal(err)
	}
	read := &drivers.Moments{}
	if err := json.Unmarshal(data, read); err != nil {
		t.Fatal(err)
	}
	return read
}

func same(t *testing.T, a, b *drivers.Analysis, within float64) {
	t.Helper()
	if a.N != b.N || a.Method != b.Method || !(math.Abs(a.R2-b.R2) <= within) {
		t.Fatalf("%+v and %+v", a, b)
	}
	for k := range a.Shares {
		if !(math.Abs(a.Shares[k].Share-b.Shares[k].Share) <= within) || !(math.Abs(a.Shares[k].Correlation-b.Shares[k].Correlation) <= within) {
			t.Fatalf("predictor %d: %+v and %+v", k, a, b)
		}
	}
}

// TestAnyCutGivesTheSame cuts rows into pieces, keeps these as JSON and merges them.
func TestAnyCutGivesTheSame(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(51, 1))
	for range 60 {
		predictors := 1 + rng.IntN(6)
		table := made(rng, 60+rng.IntN(300), predictors)
		merged, kept := drivers.NewMoments(predictors), &drivers.Moments{}
		for from := 0; from < len(table.Target); {
			to := min(len(table.Target), from+rng.IntN(80))
			part := momentsOf(table, from, to)
			from = to
			if err := errors.Join(merged.Merge(part), kept.Merge(written(t, part))); err != nil {
				t.Fatal(err)
			}
			kept = written(t, kept)
		}
		if !reflect.DeepEqual(merged, kept) || merged.N() != len(table.Target) {
			t.Fatalf("%+v became %+v", merged, kept)
		}
		for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
			a, err := merged.Analyze(method)
			if err != nil {
				t.Fatal(err)
			}
			same(t, a, analyze(t, table, method), 1e-12)
		}
	}
}

// TestUnitsDoNotMatter neither where a scale begins, even far from 0, nor how long its steps are.
func TestUnitsDoNotMatter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(52, 1))
	table := made(rng, 500, 4)
	moved := drivers.Table{Predictors: make([][]float64, 4)}
	for row, y := range table.Target {
		moved.Target = append(moved.Target, 1e6+y/1000)
		for k, column := range table.Predictors {
			moved.Predictors[k] = append(moved.Predictors[k], column[row]*math.Pow10(10*k-20)-math.Pow10(10*k-15))
		}
	}
	for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
		same(t, analyze(t, moved, method), analyze(t, table, method), 1e-7)
	}
}

func TestRowsThatAreNotTakenIn(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	var m drivers.Moments
	if m.N() != 0 || m.Predictors() != 0 {
		t.Errorf("%+v is not empty", m)
	}
	if !m.Add([]float64{1, 2}, 3) || m.Add([]float64{nan, 2}, 3) || m.Add([]float64{1, 2}, nan) || m.Add([]float64{1}, 3) || m.Add([]float64{1, 2, 3}, 3) || !m.Add([]float64{2, 2}, 4) {
		t.Errorf("%+v", m)
	}
	if m.N() != 2 || m.Predictors() != 2 {
		t.Errorf("%+v", m)
	}
	if err := m.Merge(drivers.NewMoments(3)); err == nil {
		t.Error("rows of 2 predictors merge with rows of 3")
	}
	if err := m.Merge(&drivers.Moments{}); err != nil || m.N() != 2 {
		t.Errorf("%+v: %v", m, err)
	}
}

func TestWhatMomentsCannotSay(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(53, 1))
	big := made(rng, 100, 2)
	big.Predictors[1][7] = math.MaxFloat64
	endless := made(rng, 100, 2)
	endless.Target[7] = math.Inf(-1)
	for _, c := range []struct {
		moments   *drivers.Moments
		method    drivers.Method
		reason    drivers.Reason
		predictor int
	}{
		{&drivers.Moments{}, drivers.Auto, drivers.Predictors, -1},
		{drivers.NewMoments(0), drivers.Auto, drivers.Predictors, -1},
		{drivers.NewMoments(drivers.MostPredictors + 1), drivers.Auto, drivers.Predictors, -1},
		{drivers.NewMoments(drivers.MostLMG + 1), drivers.LMG, drivers.Predictors, -1},
		{drivers.NewMoments(drivers.MostLMG + 1), drivers.Auto, drivers.TooFew, -1},
		{drivers.NewMoments(2), drivers.Auto, drivers.TooFew, -1},
		{momentsOf(made(rng, 29, 2), 0, 29), drivers.Auto, drivers.TooFew, -1},
		{momentsOf(big, 0, 100), drivers.Auto, drivers.TooLarge, 1},
		{momentsOf(endless, 0, 100), drivers.Auto, drivers.TooLarge, -1},
	} {
		a, err := c.moments.Analyze(c.method)
		unsaid, ok := errors.AsType[*drivers.Unsaid](err)
		if !ok || a != nil || unsaid.Reason != c.reason || unsaid.Predictor != c.predictor || unsaid.N != c.moments.N() || unsaid.Error() == "" {
			t.Errorf("reason %d: %+v", c.reason, err)
		}
	}
	if data, err := json.Marshal(momentsOf(endless, 0, 100)); err == nil {
		t.Errorf("figures without end are written as %s", data)
	}
}

func TestDamagedMomentsAreRefused(t *testing.T) {
	t.Parallel()
	const good = `{"n":2,"means":[1.5,3],"comoments":[0.5,1,2]}`
	want := drivers.NewMoments(1)
	want.Add([]float64{1}, 2)
	want.Add([]float64{2}, 4)
	if data, err := json.Marshal(want); err != nil || string(data) != good {
		t.Errorf("%s, %v", data, err)
	}
	for _, data := range []string{
		`null`, `[]`, `{}`, `{"n":2}`, `{"n":-2,"means":[1.5,3],"comoments":[0.5,1,2]}`, `{"n":2.5,"means":[1.5,3],"comoments":[0.5,1,2]}`,
		`{"n":0,"means":[1.5,3],"comoments":[0.5,1,2]}`, `{"n":2,"means":[1.5,3],"comoments":[0.5,1]}`, `{"n":2,"means":[1.5],"comoments":[0.5,1,2]}`,
		`{"n":2,"means":[1.5,null],"comoments":[0.5,1,2]}`, `{"n":2,"means":[1.5,NaN],"comoments":[0.5,1,2]}`, `{"n":2,"means":[1.5,3],"comoments":[-0.5,1,2]}`,
		`{"n":2,"means":[1.5,3],"comoments":[0.5,1,-2]}`, `{"n":2,"means":[1.5,1e999],"comoments":[0.5,1,2]}`, `{"n":2,"means":[],"comoments":[]}`,
		`{"means":[1.5,3],"comoments":[0.5,1,2]}`,
	} {
		m := written(t, want)
		if err := m.UnmarshalJSON([]byte(data)); err == nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%s is read, or leaves %+v: %v", data, m, err)
		}
	}
	for _, empty := range []*drivers.Moments{{}, drivers.NewMoments(3)} {
		if read := written(t, empty); !reflect.DeepEqual(read, empty) {
			t.Errorf("%+v became %+v", empty, read)
		}
	}
}

// TestWhateverIsSaidIsANumber makes models of however few rows, of figures of any size.
func TestWhateverIsSaidIsANumber(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(54, 1))
	ends := []float64{0, 0, 1, 1, 1 + 1e-15, 1e-9, 5e-324, 1e-160, 1e-150, 1e150, 1e160, math.MaxFloat64}
	said := 0
	for range 5000 {
		table := drivers.Table{Predictors: make([][]float64, 1+rng.IntN(4))}
		columns := append([]*[]float64{&table.Target}, pointers(table.Predictors)...)
		rows := []int{0, 1, 2, 3, 40, 60}[rng.IntN(6)]
		for _, column := range columns {
			kind, constant := rng.IntN(8), ends[rng.IntN(len(ends))]
			for range rows {
				x := 100 * rng.Float64()
				switch kind {
				case 0:
					x = constant
				case 1:
					x = ends[rng.IntN(len(ends))]
				case 2:
					x *= constant
				}
				*column = append(*column, x)
			}
		}
		for _, method := range []drivers.Method{drivers.LMG, drivers.Johnson} {
			a, err := drivers.Analyze(table, method)
			if err != nil {
				if _, ok := errors.AsType[*drivers.Unsaid](err); !ok {
					t.Fatal(err)
				}
				continue
			}
			said++
			sum := 0.0
			for _, s := range a.Shares {
				sum += s.Share
				if !(s.Share >= -1e-9 && s.Share <= 1+1e-9 && s.Correlation >= -1 && s.Correlation <= 1) {
					t.Fatalf("%+v of %+v", a, table)
				}
			}
			if !(a.R2 >= -1e-9 && a.R2 <= 1) || math.Abs(sum-a.R2) > 1e-6 {
				t.Fatalf("%+v of %+v", a, table)
			}
		}
	}
	if said < 500 {
		t.Errorf("only %d models are made", said)
	}
}

func pointers(columns [][]float64) (all []*[]float64) {
	for k := range columns {
		all = append(all, &columns[k])
	}
	return all
}
