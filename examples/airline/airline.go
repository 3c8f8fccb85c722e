// Package airline is a real survey to try the Customer Momentum Index on: 1,065 customers of an airline, and a
// questionnaire that maps the survey's columns to the three pillars. README.md says where the data comes from.
package airline

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"google.golang.org/protobuf/types/known/timestamppb"
)

//go:embed questionnaire.yaml
var questionnaireFile []byte

//go:embed airline.csv
var dataFile []byte

// SubmittedAt is when every response counts as submitted. The survey keeps no dates; a fixed one makes runs repeatable.
var SubmittedAt = time.Date(2026, time.October, 1, 12, 0, 0, 0, time.UTC)

// Questionnaire answers the questionnaire of the survey.
func Questionnaire() (*cmiv1.Questionnaire, error) {
	return questionnaire.Read("questionnaire.yaml", questionnaireFile)
}

// Responses answers what the 1,065 customers answered to Questionnaire, in the order of the file. An empty cell is a
// skipped question. The recommendation, stored as 1..11, is answered as the 0..10 that was asked.
func Responses() ([]*cmiv1.Response, error) {
	q, err := Questionnaire()
	if err != nil {
		return nil, err
	}
	return responsesTo(q)
}

// responsesTo reads the file as answers to a questionnaire whose items are named as the columns are.
func responsesTo(q *cmiv1.Questionnaire) ([]*cmiv1.Response, error) {
	rows, err := csv.NewReader(bytes.NewReader(dataFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("airline.csv: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("airline.csv: the file is empty")
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	responses := make([]*cmiv1.Response, 0, len(rows)-1)
	for i, row := range rows[1:] {
		response, err := responseOf(q, columns, row)
		if err != nil {
			return nil, fmt.Errorf("airline.csv: row %d: %w", i+2, err)
		}
		responses = append(responses, response)
	}
	return responses, nil
}

// responseOf reads one row: the items of the questionnaire are named as the columns are.
func responseOf(q *cmiv1.Questionnaire, columns map[string]int, row []string) (*cmiv1.Response, error) {
	cell := func(name string) (string, error) {
		column, ok := columns[name]
		if !ok {
			return "", fmt.Errorf("there is no column %s", name)
		}
		return row[column], nil
	}
	id, err := cell("id")
	if err != nil {
		return nil, err
	}
	response := &cmiv1.Response{
		ResponseId: "airline-" + id, CustomerId: id,
		Channel: cmiv1.Channel_CHANNEL_ONLINE, SubmittedAt: timestamppb.New(SubmittedAt),
	}
	for _, item := range q.GetItems() {
		text, err := cell(item.GetItemId())
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		answer, err := answerOf(item, text)
		if err != nil {
			return nil, err
		}
		response.Answers = append(response.Answers, answer)
	}
	return response, nil
}

// answerOf reads one cell.
func answerOf(item *cmiv1.Item, text string) (*cmiv1.Answer, error) {
	answer := &cmiv1.Answer{ItemId: item.GetItemId()}
	if item.GetChoice() != nil {
		answer.Value = &cmiv1.Answer_Choice{Choice: text}
		return answer, nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("column %s: %q is not a number", item.GetItemId(), text)
	}
	if item.GetMetric() == cmiv1.Metric_METRIC_NPS {
		number-- // The file codes the answers 0..10 as 1..11.
	}
	answer.Value = &cmiv1.Answer_Number{Number: number}
	return answer, nil
}
