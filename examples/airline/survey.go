package airline

import (
	"bytes"
	"encoding/csv"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/proto"
)

// SurveyID is the id of the questionnaire that Survey answers.
const SurveyID = "airline-survey"

// Touchpoints is how many touchpoints the survey asked about: as s1 to s23 how satisfied customers were, and as e1 to e23 what
// they had expected.
const Touchpoints = 23

// Survey answers the whole survey as a questionnaire: the items of Questionnaire, and beside them satisfaction and the touchpoints,
// which weigh nothing. So every CMI by it is the same as by Questionnaire.
func Survey() (*cmiv1.Questionnaire, error) {
	q, err := Questionnaire()
	if err != nil {
		return nil, err
	}
	q.QuestionnaireId, q.Series, q.Title = SurveyID, SurveyID, "Airline customers, the whole survey"
	for n := 1; n <= 3; n++ {
		q.Items = append(q.Items, satisfaction(fmt.Sprintf("sat%d", n),
			fmt.Sprintf("Satisfaction with the airline, statement %d of 3. 1 is the lowest answer, 7 the highest.", n)))
	}
	q.Items = append(q.Items, satisfaction("overall_sat", "How satisfied are you with the airline overall? 1 is the lowest answer, 7 the highest."))
	for _, side := range []struct{ letter, prompt string }{
		{"e", "What did you expect of the airline at touchpoint %d? 1 is the least, 100 the most."},
		{"s", "How satisfied were you with the airline at touchpoint %d? 1 is the least, 100 the most."},
	} {
		for n := 1; n <= Touchpoints; n++ {
			item := unweighted(fmt.Sprintf("%s%d", side.letter, n), fmt.Sprintf(side.prompt, n), 100)
			q.Items = append(q.Items, item)
		}
	}
	return q, nil
}

func satisfaction(id, prompt string) *cmiv1.Item {
	item := unweighted(id, prompt, 7)
	item.Metric = cmiv1.Metric_METRIC_CSAT
	item.CsatTop = proto.Float64(6)
	return item
}

func unweighted(id, prompt string, most float64) *cmiv1.Item {
	return &cmiv1.Item{
		ItemId: id, Prompt: prompt, Weight: proto.Float64(0),
		Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: most, Step: proto.Float64(1)}},
	}
}

// SurveyResponses answers what the 1,065 customers answered to Survey, in the order of the file.
func SurveyResponses() ([]*cmiv1.Response, error) {
	q, err := Survey()
	if err != nil {
		return nil, err
	}
	responses, err := responsesTo(q)
	for _, response := range responses {
		response.ResponseId = "survey-" + response.GetCustomerId()
	}
	return responses, err
}

// Customers answers who they are, in the order of the file: their segments are class, country, gender, latest (when the last flight
// was), purpose, status and type, in the words of the file.
func Customers() ([]*cmiv1.Customer, error) {
	rows, err := csv.NewReader(bytes.NewReader(dataFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("airline.csv: %w", err)
	}
	names := map[string]string{
		"flight_class": "class", "country": "country", "gender": "gender", "flight_latest": "latest",
		"flight_purpose": "purpose", "status": "status", "flight_type": "type",
	}
	customers := make([]*cmiv1.Customer, 0, len(rows)-1)
	for _, row := range rows[1:] {
		customer := &cmiv1.Customer{Segments: make(map[string]string, len(names))}
		for k, column := range rows[0] {
			if column == "id" {
				customer.CustomerId = row[k]
			}
			if name := names[column]; name != "" && row[k] != "" {
				customer.Segments[name] = row[k]
			}
		}
		customers = append(customers, customer)
	}
	return customers, nil
}
