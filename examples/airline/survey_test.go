package airline_test

import (
	"testing"

	"github.com/customer-momentum/cmi/examples/airline"
	"github.com/customer-momentum/cmi/scoring"
)

// TestTheWholeSurveyScoresAlike: what it has beside the short questionnaire weighs nothing.
func TestTheWholeSurveyScoresAlike(t *testing.T) {
	t.Parallel()
	short, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := airline.Survey()
	if err != nil {
		t.Fatal(err)
	}
	byShort, err := scoring.Compile(short)
	if err != nil {
		t.Fatal(err)
	}
	byWhole, err := scoring.Compile(whole)
	if err != nil {
		t.Fatal(err)
	}
	few, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	all, err := airline.SurveyResponses()
	if err != nil {
		t.Fatal(err)
	}
	customers, err := airline.Customers()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1065 || len(few) != len(all) || len(customers) != len(all) || len(whole.GetItems()) != 12+4+2*airline.Touchpoints {
		t.Fatalf("%d responses, %d customers, %d items", len(all), len(customers), len(whole.GetItems()))
	}
	for i := range all {
		want, err := byShort.Score(few[i])
		if err != nil {
			t.Fatal(err)
		}
		got, err := byWhole.Score(all[i])
		if err != nil {
			t.Fatal(err)
		}
		if got.GetCmi() != want.GetCmi() || got.GetBucket() != want.GetBucket() || got.GetCustomerId() != customers[i].GetCustomerId() {
			t.Fatalf("%s: %v, by the short questionnaire %v", got.GetCustomerId(), got.GetCmi(), want.GetCmi())
		}
		if customers[i].GetSegments()["purpose"] == "" || customers[i].GetSegments()["gender"] == "" {
			t.Fatalf("%s has segments %v", customers[i].GetCustomerId(), customers[i].GetSegments())
		}
	}
}
