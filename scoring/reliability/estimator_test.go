package reliability_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/reliability"
)

// question is a rating of a pillar.
type question struct {
	id        string
	pillar    cmiv1.Pillar
	weight    float64
	low, high float64
}

// compile compiles ratings, with the weights of the pillars.
func compile(tb testing.TB, items []question, weights [3]float64) *scoring.Scorer {
	tb.Helper()
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", PillarWeights: &cmiv1.PillarWeights{Eci: &weights[0], Bei: &weights[1], Fii: &weights[2]}}
	for _, it := range items {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: it.id, Pillar: it.pillar, Weight: proto.Float64(it.weight),
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: it.low, Max: it.high}},
		})
	}
	s, err := scoring.Compile(q)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// answer makes a response; NaN stands for not applicable and an infinity for skipped.
func answer(items []question, answers []float64) *cmiv1.Response {
	r := new(cmiv1.Response)
	for k, x := range answers {
		a := &cmiv1.Answer{ItemId: items[k].id, Value: &cmiv1.Answer_Number{Number: x}}
		switch {
		case math.IsInf(x, 0):
			continue
		case math.IsNaN(x):
			a.Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE}
		}
		r.Answers = append(r.Answers, a)
	}
	return r
}

// add scores a response and gives it to the estimator.
func add(tb testing.TB, e *reliability.Estimator, s *scoring.Scorer, r *cmiv1.Response) bool {
	tb.Helper()
	score, err := s.Score(r)
	if err != nil {
		tb.Fatal(err)
	}
	complete, err := e.Add(r, score)
	if err != nil {
		tb.Fatal(err)
	}
	return complete
}

// estimate takes in rows of answers that are all complete.
func estimate(tb testing.TB, s *scoring.Scorer, items []question, rows [][]float64) *reliability.Estimator {
	tb.Helper()
	e := reliability.New(s)
	for _, row := range rows {
		if !add(tb, e, s, answer(items, row)) {
			tb.Fatalf("%v was not taken in", row)
		}
	}
	return e
}

// orNaN gives an optional number, NaN when it is absent.
func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// five are ratings of 0..100: two of weight 1 and 3 in ECI, two of weight 1 in BEI, one in FII, and one of no weight.
func five() []question {
	return []question{
		{"a", cmiv1.Pillar_PILLAR_ECI, 1, 0, 100}, {"c", cmiv1.Pillar_PILLAR_BEI, 1, 0, 100},
		{"b", cmiv1.Pillar_PILLAR_ECI, 3, 0, 100}, {"d", cmiv1.Pillar_PILLAR_BEI, 1, 0, 100},
		{"e", cmiv1.Pillar_PILLAR_FII, 1, 0, 100}, {"f", cmiv1.Pillar_PILLAR_FII, 0, 0, 100},
	}
}

// near compares an optional number to 1e-9; NaN stands for an absent one.
func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	x := orNaN(got)
	if (got == nil) != math.IsNaN(want) || got != nil && !(math.Abs(x-want) <= 1e-9) {
		t.Errorf("%s is %v, want %v", what, x, want)
	}
}

// TestByHand follows three responses through every formula.
//
//	   ECI: a (weight 1), b (weight 3)        BEI: c, d (weight 1 each)
//	1: a 40, b 40, score 40                   c 20, d 60, score 40
//	2: a 60, b 60, score 60                   c 40, d 60, score 50
//	3: a 80, b 80, score 80                   c 60, d 60, score 60
//
// ECI: the items are a/4 and 3b/4: 10, 15, 20 with variance 25, and 30, 45, 60 with variance 225. The score has variance 400,
// so that alpha is 2 (1 - 250/400) = 0.75, and the error 20 sqrt(1 - 0.75) = 10.
//
// BEI: c/2 is 10, 20, 30 with variance 100; d/2 does not vary. The score has variance 100, so that alpha is 2 (1 - 100/100) = 0 and
// the error all of the 10 points.
//
// CMI, with weights 3 and 1: the error is sqrt((0.75 * 10)^2 + (0.25 * 10)^2) = sqrt(62.5).
func TestByHand(t *testing.T) {
	t.Parallel()
	items := five()
	s := compile(t, items, [3]float64{3, 1, 0})
	skip := math.Inf(1) // FII carries no weight: its items need no answer
	e := estimate(t, s, items, [][]float64{
		{40, 20, 40, 60, skip, skip}, {60, 40, 60, 60, 50, skip}, {80, 60, 80, 60, math.NaN(), 3},
	})
	got := e.Calibration()
	if e.N() != 3 || got.N != 3 || len(got.Pillars) != 2 {
		t.Fatalf("%d responses: %v", e.N(), got)
	}
	near(t, "SEM", got.Sem, math.Sqrt(62.5))
	eci, bei := got.Pillars[0], got.Pillars[1]
	if eci.Pillar != cmiv1.Pillar_PILLAR_ECI || eci.NItems != 2 || bei.Pillar != cmiv1.Pillar_PILLAR_BEI || bei.NItems != 2 {
		t.Errorf("pillars %v", got.Pillars)
	}
	near(t, "ECI alpha", eci.Alpha, 0.75)
	near(t, "ECI mean", eci.Mean, 60)
	near(t, "ECI SD", eci.Sd, 20)
	near(t, "ECI SEM", eci.Sem, 10)
	near(t, "BEI alpha", bei.Alpha, 0)
	near(t, "BEI mean", bei.Mean, 50)
	near(t, "BEI SD", bei.Sd, 10)
	near(t, "BEI SEM", bei.Sem, 10)
	if got.CalibrationId != "" || got.QuestionnaireId != "" || got.CalibratedAt != nil {
		t.Errorf("what is the caller's is set: %v", got)
	}
}

// TestNegativeAlpha: c and d move against each other. c/2 is 10, 20, 30 (variance 100), d/2 20, 15, 10 (variance 25), their
// sum 30, 35, 40 (variance 25): alpha 2 (1 - 125/25) = -8. An error larger than the standard deviation makes no sense: it is 5.
func TestNegativeAlpha(t *testing.T) {
	t.Parallel()
	items := five()
	s := compile(t, items, [3]float64{0, 1, 0})
	none := math.Inf(1)
	got := estimate(t, s, items, [][]float64{
		{none, 20, none, 40, none, none}, {none, 40, none, 30, none, none}, {none, 60, none, 20, none, none},
	}).Calibration()
	near(t, "alpha", got.Pillars[0].Alpha, -8)
	near(t, "SD", got.Pillars[0].Sd, 5)
	near(t, "SEM", got.Pillars[0].Sem, 5)
	near(t, "SEM of the CMI", got.Sem, 5)
}

// TestWhatCannotBeSaid is absent, and takes the error of the CMI with it.
func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	no := math.NaN()
	for _, c := range []struct {
		name                 string
		weights              [3]float64
		rows                 [][]float64
		pillar               int
		alpha, mean, sd, sem float64
	}{
		{"no response", [3]float64{1, 1, 1}, nil, 0, no, no, no, no},
		{"one response", [3]float64{1, 1, 0}, [][]float64{{10, 20, 30, 40, 50, 60}}, 0, no, 25, no, no},
		{"one item", [3]float64{1, 1, 1}, [][]float64{{10, 20, 30, 40, 50, 60}, {20, 30, 40, 60, 60, 70}}, 2, no, 55, math.Sqrt(50), no},
		{"nobody differs", [3]float64{1, 1, 0}, [][]float64{{33.3, 20, 30, 40, 50, 60}, {33.3, 30, 30, 60, 60, 70}}, 0, no, 30.825, 0, no},
		// 0.1 + 0.2 and 0.2 + 0.1 of different items: what binary fractions leave is no difference.
		{"items cancel out", [3]float64{0, 1, 0}, [][]float64{{0, 10.1, 0, 20.2, 0, 0}, {0, 20.2, 0, 10.1, 0, 0}, {0, 0.1, 0, 30.2, 0, 0}}, 0, no, 15.15, 0, no},
	} {
		items := five()
		got := estimate(t, compile(t, items, c.weights), items, c.rows).Calibration()
		p := got.Pillars[c.pillar]
		near(t, c.name+": alpha", p.Alpha, c.alpha)
		near(t, c.name+": mean", p.Mean, c.mean)
		near(t, c.name+": SD", p.Sd, c.sd)
		near(t, c.name+": SEM", p.Sem, c.sem)
		near(t, c.name+": SEM of the CMI", got.Sem, no)
	}
}

// TestOnlyCompleteResponsesCount: every weighted item of a pillar that carries weight must be answered.
func TestOnlyCompleteResponsesCount(t *testing.T) {
	t.Parallel()
	items := five()
	s := compile(t, items, [3]float64{1, 1, 1})
	skip, na := math.Inf(1), math.NaN()
	e := reliability.New(s)
	for _, c := range []struct {
		name string
		row  []float64
		want bool
	}{
		{"all", []float64{1, 2, 3, 4, 5, 6}, true},
		{"all but the item of no weight", []float64{1, 2, 3, 4, 5, skip}, true},
		{"SCORED with an item skipped", []float64{skip, 2, 3, 4, 5, 6}, false},
		{"SCORED with an item not applicable", []float64{na, 2, 3, 4, 5, 6}, false},
		{"PARTIAL", []float64{1, 2, 3, 4, skip, 6}, false},
		{"UNSCORED", []float64{1, 2, skip, skip, skip, 6}, false},
	} {
		before := e.Calibration()
		if got := add(t, e, s, answer(items, c.row)); got != c.want {
			t.Errorf("%s: taken in %v, want %v", c.name, got, c.want)
		}
		if !c.want && !proto.Equal(before, e.Calibration()) {
			t.Errorf("%s: changed %v to %v", c.name, before, e.Calibration())
		}
	}
	if e.N() != 2 {
		t.Errorf("%d responses, want 2", e.N())
	}
	scored := &cmiv1.Score{Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED}
	for _, r := range []*cmiv1.Response{nil, answer(items, []float64{101})} {
		if complete, err := e.Add(r, scored); complete || err == nil || e.N() != 2 {
			t.Errorf("%v was taken in: %v", r, err)
		}
	}
	if complete, err := e.Add(answer(items, []float64{1, 2, 3, 4, 5, 6}), nil); complete || err != nil {
		t.Errorf("without a score: %v, %v", complete, err)
	}
}

// TestMeasuresCount: an item that was measured is answered, by what the recorded score carries.
func TestMeasuresCount(t *testing.T) {
	t.Parallel()
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", PillarWeights: &cmiv1.PillarWeights{Eci: proto.Float64(0), Fii: proto.Float64(0)}}
	for _, measure := range []cmiv1.BehaviourMeasure{cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_DIVERSITY, cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_RECENCY} {
		q.Items = append(q.Items, &cmiv1.Item{ItemId: measure.String(), Pillar: cmiv1.Pillar_PILLAR_BEI, Scale: &cmiv1.Item_Behaviour{
			Behaviour: &cmiv1.BehaviourScale{Measure: measure, Kinds: []string{"call", "visit"}},
		}})
	}
	s, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	e, r := reliability.New(s), new(cmiv1.Response)
	for _, diversity := range []float64{0.2, 0.6} {
		measured := &cmiv1.Behaviour{Diversity: &diversity, DaysSince: proto.Float64(90)} // recency 50
		score, err := s.ScoreMeasured(r, []*cmiv1.Behaviour{measured})
		if err != nil {
			t.Fatal(err)
		}
		if complete, err := e.Add(r, score); !complete || err != nil {
			t.Fatalf("%v, %v", complete, err)
		}
	}
	got := e.Calibration().Pillars[0]
	near(t, "mean", got.Mean, 45)         // (20 + 50) / 2 and (60 + 50) / 2
	near(t, "SD", got.Sd, math.Sqrt(200)) // of 35 and 55
}

// TestNothingIsLostFarFromZero: scores of 99.999 and thereabouts, of which sums of squares would keep few digits. The
// variance of 0, d, ..., 9d (10 of each) about any centre is d^2 8.25 * 100/99.
func TestNothingIsLostFarFromZero(t *testing.T) {
	t.Parallel()
	items := five()
	s := compile(t, items, [3]float64{1, 0, 0})
	const d = 1e-6
	var rows [][]float64
	for k := range 100 {
		x := 99.999 + d*float64(k%10)
		rows = append(rows, []float64{x, math.Inf(1), x, math.Inf(1), math.Inf(1), math.Inf(1)})
	}
	got := estimate(t, s, items, rows).Calibration().Pillars[0]
	if want := d * math.Sqrt(8.25*100/99); got.Sd == nil || !(math.Abs(*got.Sd/want-1) <= 1e-6) {
		t.Errorf("SD %v, want %v", got.Sd, want)
	}
	// Equal items of weights 1 and 3: 2 (1 - (1 + 9) / 16) = 0.75.
	if got.Alpha == nil || !(math.Abs(*got.Alpha-0.75) <= 1e-6) {
		t.Errorf("alpha %v, want 0.75", got.Alpha)
	}
}

// draw makes a random questionnaire of ratings with random weights, and answers of people who differ.
func draw(rng *rand.Rand) (items []question, weights [3]float64, rows [][]float64) {
	for p := range 3 {
		weights[p] = 0.1 + 3*rng.Float64()
		for k := range 1 + rng.IntN(5) {
			low := 10*rng.Float64() - 5
			items = append(items, question{
				id: fmt.Sprintf("i%d-%d", p, k), pillar: cmiv1.Pillar(p + 1), weight: 0.1 + 3*rng.Float64(), low: low, high: low + 1 + 9*rng.Float64(),
			})
		}
	}
	rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	for range 5 + rng.IntN(60) {
		attitude := rng.Float64()
		var row []float64
		for _, it := range items {
			row = append(row, it.low+(it.high-it.low)*(0.6*attitude+0.4*rng.Float64()))
		}
		rows = append(rows, row)
	}
	return items, weights, rows
}

// TestEqualItems of equal weights measure without error: alpha is 1, and not a bit above.
func TestEqualItems(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 1))
	for range 200 {
		var items []question
		for k := range 2 + rng.IntN(6) {
			items = append(items, question{id: fmt.Sprintf("i%d", k), pillar: cmiv1.Pillar_PILLAR_ECI, weight: 1, high: 1})
		}
		var rows [][]float64
		for range 2 + rng.IntN(10) {
			x := rng.Float64()
			var row []float64
			for range items {
				row = append(row, x)
			}
			rows = append(rows, row)
		}
		got := estimate(t, compile(t, items, [3]float64{1, 0, 0}), items, rows).Calibration()
		near(t, "alpha", got.Pillars[0].Alpha, 1)
		if alpha := got.Pillars[0].Alpha; alpha != nil && *alpha > 1 || got.Sem == nil || !(*got.Sem < 1e-5) {
			t.Fatalf("%v", got)
		}
	}
}

// plain is the sample variance in two passes.
func plain(list []float64) (mean, variance float64) {
	for _, x := range list {
		mean += x / float64(len(list))
	}
	for _, x := range list {
		variance += (x - mean) * (x - mean) / float64(len(list)-1)
	}
	return mean, variance
}

// TestAgainstPlainArithmetic computes everything again from lists, straight from the formulas.
func TestAgainstPlainArithmetic(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		items, weights, rows := draw(rng)
		got := estimate(t, compile(t, items, weights), items, rows).Calibration()
		whole, sum := 0.0, weights[0]+weights[1]+weights[2]
		for p := range 3 {
			k, weight, variances := 0.0, 0.0, 0.0
			totals := make([]float64, len(rows))
			for i, it := range items {
				if int(it.pillar) != p+1 {
					continue
				}
				k++
				weight += it.weight
				var list []float64
				for row := range rows {
					list = append(list, it.weight*100*(rows[row][i]-it.low)/(it.high-it.low))
					totals[row] += list[row]
				}
				_, variance := plain(list)
				variances += variance
			}
			mean, variance := plain(totals)
			alpha, sem := math.NaN(), math.NaN()
			if k > 1 {
				alpha = k / (k - 1) * (1 - variances/variance)
				sem = math.Sqrt(variance) / weight * math.Sqrt(1-max(0, alpha))
			}
			near(t, "mean", got.Pillars[p].Mean, mean/weight)
			near(t, "SD", got.Pillars[p].Sd, math.Sqrt(variance)/weight)
			near(t, "alpha", got.Pillars[p].Alpha, alpha)
			near(t, "SEM", got.Pillars[p].Sem, sem)
			whole += (weights[p] / sum * sem) * (weights[p] / sum * sem)
		}
		near(t, "SEM of the CMI", got.Sem, math.Sqrt(whole))
	}
}

// TestTheOrderOfResponsesHardlyMatters, and neither does the scale of the weights.
func TestTheOrderOfResponsesHardlyMatters(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 1))
	for range 100 {
		items, weights, rows := draw(rng)
		want := estimate(t, compile(t, items, weights), items, rows).Calibration()
		if again := estimate(t, compile(t, items, weights), items, rows).Calibration(); !proto.Equal(again, want) {
			t.Fatalf("the same responses in the same order: %v and %v", again, want)
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for k := range items {
			items[k].weight *= []float64{7, 0.01, 1e6}[items[k].pillar-1]
		}
		for p := range weights {
			weights[p] *= 1e-5
		}
		got := estimate(t, compile(t, items, weights), items, rows).Calibration()
		near(t, "SEM", got.Sem, orNaN(want.Sem))
		for p := range 3 {
			near(t, "alpha", got.Pillars[p].Alpha, orNaN(want.Pillars[p].Alpha))
			near(t, "SEM", got.Pillars[p].Sem, orNaN(want.Pillars[p].Sem))
		}
	}
}

// FuzzEstimator takes in any answers. Alpha is at most 1, an error lies between 0 and the standard deviation, and nothing is NaN.
func FuzzEstimator(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 3.0)
	f.Add([]byte{0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 0, 255, 0, 255, 0}, 1e100)
	f.Add([]byte{10, 20, 30, 40, 50, 30, 10, 10, 60, 50}, 1e-100)
	f.Fuzz(func(t *testing.T, answers []byte, weight float64) {
		if !(weight >= 1e-100 && weight <= 1e100) {
			return
		}
		items := five()[:5]
		items[2].weight = weight
		items[3].weight = weight
		s := compile(t, items, [3]float64{weight, 1, 0})
		e := reliability.New(s)
		for len(answers) >= len(items) {
			var row []float64
			for _, b := range answers[:len(items)] {
				row = append(row, float64(b)/2.55)
			}
			answers = answers[len(items):]
			for k := range row {
				row[k] = min(100, row[k])
			}
			add(t, e, s, answer(items, row))
		}
		for _, p := range e.Calibration().Pillars {
			if p.Alpha != nil && !(*p.Alpha <= 1) || p.Sd != nil && !(*p.Sd >= 0 && *p.Sd <= 100) || p.Mean != nil && !(*p.Mean >= 0 && *p.Mean <= 100.000001) ||
				(p.Alpha == nil) != (p.Sem == nil) || p.Sem != nil && !(*p.Sem >= 0 && *p.Sem <= *p.Sd) {
				t.Fatalf("%v", p)
			}
		}
		if sem := e.Calibration().Sem; sem != nil && !(*sem >= 0 && *sem <= 100) {
			t.Fatalf("SEM %v", *sem)
		}
	})
}
