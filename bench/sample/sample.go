// Package sample makes what is sent: one response of 12 answers of all kinds to a built-in questionnaire, under ids that
// never repeat. Messages are encoded once and only their ids are written anew, so that making requests costs a client next
// to nothing.
package sample

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Questionnaire is the built-in one that is answered. It has 12 items.
const Questionnaire = "builtin-inactive-online"

// Answers is how many answers each response has.
const Answers = 12

const (
	responseID = "response-000000000000"
	customerID = "customer-00000000"
	// customers is how many customers there are.
	customers = 100_000
)

// Response makes the response under its placeholder ids.
func Response() *cmiv1.Response {
	number := func(id string, n float64) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: n}}
	}
	choice := func(id, value string) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Choice{Choice: value}}
	}
	choices := func(id string, values ...string) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: values}}}
	}
	return &cmiv1.Response{
		ResponseId: responseID,
		CustomerId: customerID,
		Channel:    cmiv1.Channel_CHANNEL_ONLINE,
		Answers: []*cmiv1.Answer{
			choice("recency", "quarter"),
			number("frequency", 3),
			choices("diversity", "website", "app"),
			choice("features", "half"),
			choice("reason", "cost"),
			number("trust", 7),
			number("doubts", 4),
			number("attachment", 6),
			choices("barriers", "time", "unsure"),
			number("return", 8),
			number("recommend", 7),
			{ItemId: "why", Value: &cmiv1.Answer_Text{Text: "The price went up twice in one year."}},
		},
	}
}

// Request asks to score the response.
func Request(dryRun bool) *cmiv1.ScoreCustomerRequest {
	return &cmiv1.ScoreCustomerRequest{QuestionnaireId: Questionnaire, DryRun: dryRun, Response: Response()}
}

// Config opens a stream.
func Config(dryRun bool) *cmiv1.StreamScoresRequest {
	return &cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{
		Config: &cmiv1.StreamScoresConfig{QuestionnaireId: Questionnaire, DryRun: dryRun},
	}}
}
