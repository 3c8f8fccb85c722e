package reliability_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Alphas and standard deviations of two surveys, which somebody else has computed in R: the mobile survey (Tenenhaus et al.
// 2005) and the airline survey (adapted from Mooi and Sarstedt).

// table reads columns of a file of the shared data. Without the data the test skips, unless CMI_REQUIRE_DATA=1 says that it
// must be there.
func table(t *testing.T, name string) (rows int, columns map[string][]string) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CMI_REQUIRE_DATA") == "1" {
		missing = t.Fatalf
	}
	folder := os.Getenv("CMI_SHARED_DATA")
	if folder == "" {
		missing("CMI_SHARED_DATA does not say where the shared data is, so the estimates are not compared with those of others")
	}
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		missing("the shared data is not there, so the estimates are not compared with those of others: %v", err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns = map[string][]string{}
	for k, head := range all[0] {
		for _, row := range all[1:] {
			columns[head] = append(columns[head], row[k])
		}
	}
	return len(all) - 1, columns
}

// reference is a printed figure and how far from it rounding may lie.
func reference(t *testing.T, key string) (printed, within float64) {
	t.Helper()
	n, columns := table(t, "reference_values.csv")
	for row := range n {
		if columns["key"][row] != key {
			continue
		}
		text := columns["value"][row]
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		_, decimals, _ := strings.Cut(text, ".")
		return x, 0.5*math.Pow10(-len(decimals)) + 1e-12
	}
	t.Fatalf("no reference %s", key)
	return 0, 0
}

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
		n, columns := table(t, survey.file)
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
		printed, within := reference(t, key)
		if x == nil || !(math.Abs(*x-printed) <= max(within, 1e-9)) {
			t.Errorf("%s: %v, printed %v", key, orNaN(x), printed)
		}
	}
	return len(keys)
}
