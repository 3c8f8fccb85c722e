package reliability_test

import (
	"math"
	"strconv"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/reference"
)

// Alphas and standard deviations of two surveys, which somebody else has computed in R: the mobile survey (Tenenhaus et al.
// 2005) and the airline survey (adapted from Mooi and Sarstedt).

// surveys are blocks of items of a survey, three at a time: one for each pillar.
var surveys = []struct {
	file, key string
	high      float64
	blocks    [3]string
	items     [3]int
}{
	{"mobile.csv", "mobi.", 10, [3]string{"IMAG", "CUEX", "PERQ"}, [3]int{5, 3, 7}},
	{"mobile.csv", "mobi.", 10, [3]string{"PERV", "CUSA", "CUSL"}, [3]int{2, 3, 3}},
	{"airline.csv", "airline.alpha.", 7, [3]string{"sat", "loy", "com"}, [3]int{3, 5, 3}},
}

func TestAlphaOfSurveys(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, survey := range surveys {
		of := reference.Open(t, survey.file)
		n, columns := of.Rows, of.Columns
		var items []question
		for p, block := range survey.blocks {
			for k := range survey.items[p] {
				items = append(items, question{id: block + strconv.Itoa(k+1), pillar: cmiv1.Pillar(p + 1), weight: 1, low: 1, high: survey.high})
			}
		}
		var rows [][]float64
		for row := range n {
			var answers []float64
			for _, it := range items {
				x, err := strconv.ParseFloat(columns[it.id][row], 64)
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, x)
			}
			rows = append(rows, answers)
		}
		got := estimate(t, compile(t, items, [3]float64{1, 1, 1}), items, rows).Calibration()
		if got.N != int32(n) {
			t.Errorf("%s: %d responses, want %d", survey.file, got.N, n)
		}
		for p, block := range survey.blocks {
			compared += compareBlock(t, survey.key, block, got.Pillars[p])
		}
	}
	if compared != 9+6+6 {
		t.Errorf("compared %d figures", compared)
	}
}

// compareBlock compares what there is for a block, and answers how many figures that are.
func compareBlock(t *testing.T, key, block string, got *cmiv1.PillarCalibration) int {
	t.Helper()
	keys := map[string]*float64{key + block: got.Alpha}
	if key == "mobi." {
		keys = map[string]*float64{key + block + ".alpha_raw": got.Alpha, key + block + ".pomp_sd": got.Sd, key + block + ".pomp_mean": got.Mean}
	}
	for key, x := range keys {
		printed, within := reference.Value(t, key)
		if x == nil || !(math.Abs(*x-printed) <= max(within, 1e-9)) {
			t.Errorf("%s: %v, printed %v", key, orNaN(x), printed)
		}
	}
	return len(keys)
}
