package airline

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// expected is what the formulas of the model give for one row of the file.
type expected struct {
	eci, bei, fii, cmi float64
	bucket             cmiv1.Bucket
}

// byHand computes every row straight from the file, with nothing of the engine, the questionnaire or this package: the
// mapping and the formulas are written out. No cell of these columns is empty, so every pillar is covered in full.
func byHand(t *testing.T) []expected {
	t.Helper()
	file, err := os.Open("airline.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var all []expected
	for _, row := range rows[1:] {
		value := func(name string) float64 {
			x, err := strconv.ParseFloat(row[column[name]], 64)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, row[0], err)
			}
			return x
		}
		seven := func(name string) float64 { return 100 * (value(name) - 1) / 6 }
		eci := (seven("com1") + seven("com2") + seven("com3") + seven("reputation")) / 4
		flights := 100 * math.Min(1, math.Log(1+value("nflights"))/math.Log(53))
		card := map[string]float64{"Blue": 0, "Silver": 50, "Gold": 100}[row[column["status"]]]
		bei := (flights + card) / 2
		recommend := 100 * (value("nps") - 1) / 10
		fii := (seven("loy1") + seven("loy2") + seven("loy3") + seven("loy4") + seven("loy5") + recommend) / 6
		cmi := (eci + bei + fii) / 3
		bucket := cmiv1.Bucket_BUCKET_AT_RISK
		if rounded := math.Round(cmi*1e9) / 1e9; rounded >= 80 {
			bucket = cmiv1.Bucket_BUCKET_ADVOCATE
		} else if rounded >= 50 {
			bucket = cmiv1.Bucket_BUCKET_GROWTH
		}
		all = append(all, expected{eci, bei, fii, cmi, bucket})
	}
	return all
}

// TestEngineAgreesWithArithmeticByHand holds the engine against the formulas on every customer of the survey.
func TestEngineAgreesWithArithmeticByHand(t *testing.T) {
	t.Parallel()
	q, err := Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	responses, err := Responses()
	if err != nil {
		t.Fatal(err)
	}
	want := byHand(t)
	if len(want) != len(responses) {
		t.Fatalf("%d rows, %d responses", len(want), len(responses))
	}
	var got, counted [4]int
	for i, response := range responses {
		score, err := scorer.Score(response)
		if err != nil {
			t.Fatalf("%s: %v", response.GetResponseId(), err)
		}
		w := want[i]
		if score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || len(score.GetPillars()) != 3 {
			t.Fatalf("%s is %v", response.GetResponseId(), score)
		}
		for k, pillar := range []float64{w.eci, w.bei, w.fii} {
			if math.Abs(score.GetPillars()[k].GetScore()-pillar) > 1e-9 {
				t.Errorf("%s: %s is %v, by hand %v", response.GetResponseId(), score.GetPillars()[k].GetPillar(), score.GetPillars()[k].GetScore(), pillar)
			}
		}
		if math.Abs(score.GetCmi()-w.cmi) > 1e-9 || score.GetBucket() != w.bucket || float64(score.GetDisplayScore()) != math.Floor(score.GetCmi()) {
			t.Errorf("%s: the CMI is %v (%d), %s, by hand %v, %s", response.GetResponseId(), score.GetCmi(), score.GetDisplayScore(), score.GetBucket(), w.cmi, w.bucket)
		}
		got[score.GetBucket()]++
		counted[w.bucket]++
	}
	if got != counted {
		t.Errorf("buckets %v, by hand %v", got, counted)
	}
	t.Logf("at risk %d, growth %d, advocates %d", got[1], got[2], got[3])
	// Counted once more with another language (Python), on 2026-11-21.
	if fixed := [4]int{0, 508, 545, 12}; got != fixed {
		t.Errorf("buckets %v, want %v", got, fixed)
	}
}
