package scoring_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// The mobile survey (Tenenhaus et al. 2005), whose 0..100 scores and means somebody else has computed in R.

// table reads a file of the shared data: the header and the rows. Without the data the test skips, unless
// CMI_REQUIRE_DATA=1 says that it must be there.
func table(t *testing.T, name string) (header []string, rows [][]string) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CMI_REQUIRE_DATA") == "1" {
		missing = t.Fatalf
	}
	folder := os.Getenv("CMI_SHARED_DATA")
	if folder == "" {
		missing("CMI_SHARED_DATA does not say where the shared data is, so the scores are not compared with those of others")
	}
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		missing("the shared data is not there, so the scores are not compared with those of others: %v", err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// mobile gives the survey's answers by column.
func mobile(t *testing.T) (rows int, columns map[string][]string) {
	t.Helper()
	header, list := table(t, "mobile.csv")
	columns = map[string][]string{}
	for _, row := range list {
		for k, cell := range row {
			columns[header[k]] = append(columns[header[k]], cell)
		}
	}
	return len(list), columns
}

// blocksOf are the survey's blocks and how many items each has, in the order of mobile_pomp.csv.
var blocksOf = []struct {
	name  string
	items int
}{{"IMAG", 5}, {"CUEX", 3}, {"PERQ", 7}, {"PERV", 2}, {"CUSA", 3}, {"CUSCO", 0}, {"CUSL", 3}}

// itemsOf names the items of a block; CUSCO is an item itself.
func itemsOf(block string, n int) []string {
	if n == 0 {
		return []string{block}
	}
	var names []string
	for k := range n {
		names = append(names, block+strconv.Itoa(k+1))
	}
	return names
}

// ratings is a questionnaire of 1..10 ratings in one pillar.
func ratings(t *testing.T, names []string) *scoring.Scorer {
	t.Helper()
	q := &cmiv1.Questionnaire{QuestionnaireId: "mobile", PillarWeights: &cmiv1.PillarWeights{Bei: proto.Float64(0), Fii: proto.Float64(0)}}
	for _, name := range names {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: name, Pillar: cmiv1.Pillar_PILLAR_ECI,
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 10, Step: proto.Float64(1)}},
		})
	}
	return compile(t, q)
}

// answersOf gives one customer's answers to the named items.
func answersOf(t *testing.T, columns map[string][]string, names []string, row int) *cmiv1.Response {
	t.Helper()
	r := new(cmiv1.Response)
	for _, name := range names {
		x, err := strconv.ParseFloat(columns[name][row], 64)
		if err != nil {
			t.Fatal(err)
		}
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: name, Value: &cmiv1.Answer_Number{Number: x}})
	}
	return r
}

// TestItemScoresOfTheMobileSurvey compares every cell with the R package plspm's, to its two printed decimals.
func TestItemScoresOfTheMobileSurvey(t *testing.T) {
	t.Parallel()
	n, columns := mobile(t)
	header, theirs := table(t, "mobile_pomp.csv")
	if len(theirs) != n {
		t.Fatalf("%d rows and %d", n, len(theirs))
	}
	var names []string
	for _, block := range blocksOf {
		names = append(names, itemsOf(block.name, block.items)...)
	}
	if len(names) != len(header)-1 {
		t.Fatalf("%d items and %d columns", len(names), len(header)-1)
	}
	s := ratings(t, names)
	compared := 0
	for row := range n {
		if columns["id"][row] != theirs[row][0] {
			t.Fatalf("row %d is %s and %s", row, columns["id"][row], theirs[row][0])
		}
		got := explain(t, s, answersOf(t, columns, names, row))
		for k, c := range got.Explanation.Contributions {
			printed, err := strconv.ParseFloat(theirs[row][k+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			compared++
			if math.Abs(*c.Score-printed) > 0.005+1e-9 {
				t.Errorf("%s %s: %v, printed %v", theirs[row][0], c.ItemId, *c.Score, printed)
			}
		}
	}
	if compared != 6000 {
		t.Errorf("compared %d cells, want 6000", compared)
	}
}

// TestMeansOfTheMobileSurvey compares the mean score of each block with R's, to the digits that are printed.
func TestMeansOfTheMobileSurvey(t *testing.T) {
	t.Parallel()
	n, columns := mobile(t)
	_, references := table(t, "reference_values.csv")
	compared := 0
	for _, block := range blocksOf {
		for _, reference := range references {
			if reference[0] != "mobi."+block.name+".pomp_mean" {
				continue
			}
			names := itemsOf(block.name, block.items)
			s := ratings(t, names)
			sum := 0.0
			for row := range n {
				score, err := s.Score(answersOf(t, columns, names, row))
				if err != nil {
					t.Fatal(err)
				}
				sum += *score.Pillars[0].Score
			}
			printed, err := strconv.ParseFloat(reference[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			_, decimals, _ := strings.Cut(reference[1], ".")
			compared++
			if got := sum / float64(n); math.Abs(got-printed) > 0.5*math.Pow10(-len(decimals))+1e-12 {
				t.Errorf("%s: %v, printed %s", reference[0], got, reference[1])
			}
		}
	}
	if compared != 6 {
		t.Errorf("compared %d means, want 6", compared)
	}
}
