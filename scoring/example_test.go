package scoring_test

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// survey is a questionnaire of three questions.
func survey() *cmiv1.Questionnaire {
	q := new(cmiv1.Questionnaire)
	if err := protojson.Unmarshal([]byte(`{
		"questionnaireId": "survey",
		"items": [
			{"itemId": "trust", "pillar": "PILLAR_ECI", "rating": {"min": 1, "max": 10, "step": 1}},
			{"itemId": "visits", "pillar": "PILLAR_BEI", "count": {"saturation": 15}},
			{"itemId": "nps", "pillar": "PILLAR_FII", "rating": {"min": 0, "max": 10, "step": 1}}
		]}`), q); err != nil {
		panic(err)
	}
	return q
}

func numbers(values map[string]float64) *cmiv1.Response {
	r := new(cmiv1.Response)
	for _, id := range []string{"trust", "visits", "nps"} {
		if x, ok := values[id]; ok {
			r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: x}})
		}
	}
	return r
}

func ExampleScorer_Score() {
	scorer, err := scoring.Compile(survey())
	if err != nil {
		panic(err)
	}
	score, err := scorer.Score(numbers(map[string]float64{"trust": 7, "visits": 3, "nps": 9}))
	if err != nil {
		panic(err)
	}
	fmt.Println(score.Status, score.Bucket, score.GetDisplayScore())
	for _, p := range score.Pillars {
		fmt.Printf("%v %.1f\n", p.Pillar, p.GetScore())
	}
	// Output:
	// SCORE_STATUS_SCORED BUCKET_GROWTH 68
	// PILLAR_ECI 66.7
	// PILLAR_BEI 50.0
	// PILLAR_FII 90.0
}

func ExampleScorer_Explain() {
	scorer, err := scoring.Compile(survey())
	if err != nil {
		panic(err)
	}
	score, err := scorer.Explain(numbers(map[string]float64{"trust": 7, "visits": 3, "nps": 9}))
	if err != nil {
		panic(err)
	}
	for _, c := range score.Explanation.Contributions {
		fmt.Printf("%s brings %.1f points and could bring %.1f more\n", c.ItemId, c.GetContribution(), c.GetHeadroom())
	}
	next := score.Explanation.NextBucket
	fmt.Printf("%.1f points to %v: %v\n", next.GetPoints(), next.Bucket, next.ItemIds)
	// Output:
	// trust brings 22.2 points and could bring 11.1 more
	// visits brings 16.7 points and could bring 16.7 more
	// nps brings 30.0 points and could bring 3.3 more
	// 11.1 points to BUCKET_ADVOCATE: [visits]
}

func ExampleExplainChange() {
	scorer, err := scoring.Compile(survey())
	if err != nil {
		panic(err)
	}
	var ends []scoring.Answered
	for _, answers := range []map[string]float64{{"trust": 7, "visits": 3, "nps": 9}, {"trust": 10, "visits": 0, "nps": 9}} {
		response := numbers(answers)
		score, err := scorer.Score(response)
		if err != nil {
			panic(err)
		}
		ends = append(ends, scoring.Answered{Scorer: scorer, Response: response, Score: score})
	}
	change, err := scoring.ExplainChange(ends[0], ends[1])
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+.1f points\n", change.GetDelta())
	for _, m := range change.Items {
		fmt.Printf("%s from %.1f to %.1f: %+.1f points\n", m.ItemId, m.GetScoreBefore(), m.GetScoreAfter(), m.GetChange())
	}
	// Output:
	// -5.6 points
	// trust from 66.7 to 100.0: +11.1 points
	// visits from 50.0 to 0.0: -16.7 points
	// nps from 90.0 to 90.0: +0.0 points
}

func ExampleInvalid() {
	scorer, err := scoring.Compile(survey())
	if err != nil {
		panic(err)
	}
	_, err = scorer.Score(numbers(map[string]float64{"trust": 0, "visits": -1}))
	var invalid *scoring.Invalid
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			fmt.Printf("%s: %s\n", v.Path, v.Message)
		}
	}
	// Output:
	// answers[0].number: item "trust": 0 is not allowed; whole steps of 1 from 1 to 10 are
	// answers[1].number: item "visits": -1 is not allowed; numbers of 0 or more are
}

func ExampleFaults() {
	q := survey()
	q.Items[0].GetRating().Max = 1
	q.Items[2].ItemId = "trust"
	_, err := scoring.Compile(q)
	var faults *scoring.Faults
	if errors.As(err, &faults) {
		for _, f := range faults.Faults {
			fmt.Printf("%s: %s\n", f.Path, f.Message)
		}
	}
	// Output:
	// items[0].rating.max: 1 is not allowed; numbers above min, 1, are
	// items[2].item_id: "trust" is the id of items[0] already; each id may be given once
}
