package scoring_test

import (
	"math"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring"
)

// The mobile survey (Tenenhaus et al. 2005), whose 0..100 scores and means somebody else has computed in R.

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
	survey, theirs := reference.Open(t, "mobile.csv"), reference.Open(t, "mobile_pomp.csv")
	if theirs.Rows != survey.Rows {
		t.Fatalf("%d rows and %d", survey.Rows, theirs.Rows)
	}
	var names []string
	for _, block := range blocksOf {
		names = append(names, itemsOf(block.name, block.items)...)
	}
	if len(names) != len(theirs.Names)-1 {
		t.Fatalf("%d items and %d columns", len(names), len(theirs.Names)-1)
	}
	s := ratings(t, names)
	compared := 0
	printed := make([][]float64, len(names))
	for k := range printed {
		printed[k] = theirs.Numbers(t, theirs.Names[k+1])
	}
	for row := range survey.Rows {
		id := theirs.Columns["id"][row]
		if survey.Columns["id"][row] != id {
			t.Fatalf("row %d is %s and %s", row, survey.Columns["id"][row], id)
		}
		got := explain(t, s, answersOf(t, survey.Columns, names, row))
		for k, c := range got.Explanation.Contributions {
			compared++
			if math.Abs(*c.Score-printed[k][row]) > 0.005+1e-9 {
				t.Errorf("%s %s: %v, printed %v", id, c.ItemId, *c.Score, printed[k][row])
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
	survey := reference.Open(t, "mobile.csv")
	for _, block := range blocksOf {
		if block.items == 0 { // a single item has no figure
			continue
		}
		names := itemsOf(block.name, block.items)
		s := ratings(t, names)
		sum := 0.0
		for row := range survey.Rows {
			score, err := s.Score(answersOf(t, survey.Columns, names, row))
			if err != nil {
				t.Fatal(err)
			}
			sum += *score.Pillars[0].Score
		}
		reference.Check(t, "mobi."+block.name+".pomp_mean", sum/float64(survey.Rows))
	}
}
