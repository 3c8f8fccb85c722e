package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// hotelFile has an item of every scale that a customer answers.
const hotelFile = `
questionnaireId: hotel
title: Hotel guests
items:
  - {itemId: trust, prompt: I trust this hotel, pillar: PILLAR_ECI, facet: trust, required: true, rating: {min: 1, max: 10, step: 1}}
  - {itemId: mood, prompt: How are you?, pillar: PILLAR_ECI, rating: {min: 0, max: 100}}
  - {itemId: visits, prompt: How often did you come?, pillar: PILLAR_BEI, count: {saturation: 52}}
  - {itemId: card, prompt: Which card?, pillar: PILLAR_BEI, choice: {options: [{value: Blue, points: 0}, {value: Gold, points: 100}]}}
  - {itemId: used, prompt: What did you use?, pillar: PILLAR_BEI, multipleChoice: {target: 2, options: [{value: spa}, {value: bar}, {value: gym}]}}
  - {itemId: again, prompt: Will you come again?, pillar: PILLAR_FII, yesNo: {}}
  - {itemId: why, prompt: Why?, text: {}}
`

// hotel answers the questionnaire under an id.
func hotel(t *testing.T, id string) *cmiv1.Questionnaire {
	t.Helper()
	q, err := questionnaire.Read("hotel.yaml", []byte(hotelFile))
	if err != nil {
		t.Fatal(err)
	}
	q.QuestionnaireId = id
	return q
}

// openHotel starts a service with a published questionnaire, a draft and an archived one.
func openHotel(t *testing.T, options ...option) *running {
	t.Helper()
	r := start(t, options...)
	r.publish(t, hotel(t, "hotel"))
	if _, err := r.questionnaires().CreateQuestionnaire(t.Context(), &cmiv1.CreateQuestionnaireRequest{Questionnaire: hotel(t, "hotel-draft")}); err != nil {
		t.Fatal(err)
	}
	r.publish(t, hotel(t, "hotel-old"))
	if _, err := r.questionnaires().ArchiveQuestionnaire(t.Context(), &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "hotel-old"}); err != nil {
		t.Fatal(err)
	}
	return r
}

// guest is a good response to the hotel's questionnaire.
func guest(id string) *cmiv1.Response {
	return &cmiv1.Response{
		ResponseId: id, CustomerId: "guest", Channel: cmiv1.Channel_CHANNEL_ONLINE,
		SubmittedAt: timestamppb.New(time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)),
		Answers: []*cmiv1.Answer{
			{ItemId: "trust", Value: &cmiv1.Answer_Number{Number: 8}},
			{ItemId: "mood", Value: &cmiv1.Answer_Number{Number: 77.5}},
			{ItemId: "visits", Value: &cmiv1.Answer_Number{Number: 12}},
			{ItemId: "card", Value: &cmiv1.Answer_Choice{Choice: "Gold"}},
			{ItemId: "used", Value: &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: []string{"spa", "gym"}}}},
			{ItemId: "again", Value: &cmiv1.Answer_Yes{Yes: true}},
			{ItemId: "why", Value: &cmiv1.Answer_Text{Text: "The view"}, Topics: []string{"room"}},
		},
	}
}

// asked is what a call asks for, whatever its door.
type asked struct {
	questionnaireID string
	version         int32
	dryRun          bool
	// responses are one for the doors that take one, and else a bad one between two good ones.
	responses []*cmiv1.Response
}

// badInput is one row: what is wrong, and how every door says so.
type badInput struct {
	name string
	// spoil makes a good response bad; ask makes the rest of the request bad.
	spoil func(*cmiv1.Response)
	ask   func(*asked)
	// before happens first, given the id of the response.
	before func(t *testing.T, r *running, id string)

	want refusal
	// field is where the fault is within the response, or, after a slash, within the request.
	field string
	says  string

	// whole says that a bulk call fails as a whole, all that each of its responses is refused alike.
	whole, all bool
	// single says that only doors for one response can be asked this, binary that JSON cannot say it: it is then malformed,
	// and stands in the table of badinput_json_test.go.
	single, binary bool
}

func number(i int, x float64) func(*cmiv1.Response) {
	return func(r *cmiv1.Response) { r.Answers[i].Value = &cmiv1.Answer_Number{Number: x} }
}

func badInputs() []badInput {
	long := strings.Repeat("é", 10_001)
	return []badInput{
		{name: "0 on a rating of 1..10", spoil: number(0, 0), want: invalidResponse, field: "answers[0].number",
			says: `item "trust": 0 is not allowed; whole steps of 1 from 1 to 10 are`},
		{name: "above the rating", spoil: number(0, 11), want: invalidResponse, field: "answers[0].number", says: "11 is not allowed"},
		{name: "NaN", spoil: number(1, math.NaN()), want: invalidResponse, field: "answers[1].number",
			says: `item "mood": NaN is not allowed; numbers from 0 to 100 are`},
		{name: "Infinity", spoil: number(2, math.Inf(1)), want: invalidResponse, field: "answers[2].number", says: "+Inf is not allowed"},
		{name: "-Infinity", spoil: number(2, math.Inf(-1)), want: invalidResponse, field: "answers[2].number", says: "-Inf is not allowed"},
		{name: "-99", spoil: number(2, -99), want: invalidResponse, field: "answers[2].number",
			says: `item "visits": -99 is not allowed; numbers of 0 or more are`},
		{name: "off the step", spoil: number(0, 7.5), want: invalidResponse, field: "answers[0].number", says: "7.5 is not allowed; whole steps of 1"},
		{name: "an item twice", spoil: func(r *cmiv1.Response) { r.Answers[1].ItemId = "trust" }, want: invalidResponse,
			field: "answers[1].item_id", says: `item "trust": a second answer is not allowed`},
		{name: "unknown item", spoil: func(r *cmiv1.Response) { r.Answers[1].ItemId = "truts" }, want: invalidResponse,
			field: "answers[1].item_id", says: `item "truts" is not in questionnaire "hotel" version 1; its items are "trust"`},
		{name: "no item", spoil: func(r *cmiv1.Response) { r.Answers[1].ItemId = "" }, want: invalidResponse, field: "answers[1].item_id", says: `item "" is not in`},
		{name: "answer without value", spoil: func(r *cmiv1.Response) { r.Answers[0].Value = nil }, want: invalidResponse, field: "answers[0]",
			says: `item "trust": an answer without a value is not allowed`},
		{name: "choice for a number", spoil: func(r *cmiv1.Response) { r.Answers[0].Value = &cmiv1.Answer_Choice{Choice: "8"} }, want: invalidResponse,
			field: "answers[0].choice", says: `the choice "8" is not allowed; whole steps`},
		{name: "number for yes or no", spoil: number(5, 1), want: invalidResponse, field: "answers[5].number", says: "the number 1 is not allowed; yes or no is"},
		{name: "topics without a text", spoil: func(r *cmiv1.Response) { r.Answers[0].Topics = []string{"price"} }, want: invalidResponse,
			field: "answers[0].topics", says: "topics are not allowed here"},
		{name: "unknown option", spoil: func(r *cmiv1.Response) { r.Answers[3].Value = &cmiv1.Answer_Choice{Choice: "gold"} }, want: invalidResponse,
			field: "answers[3].choice", says: `"gold" is not allowed; one of "Blue", "Gold" is`},
		{name: "unknown option of several", spoil: func(r *cmiv1.Response) { r.Answers[4].GetChoices().Values[1] = "pool" }, want: invalidResponse,
			field: "answers[4].choices.values[1]", says: `"pool" is not allowed`},
		{name: "an option twice", spoil: func(r *cmiv1.Response) { r.Answers[4].GetChoices().Values[1] = "spa" }, want: invalidResponse,
			field: "answers[4].choices.values[1]", says: `"spa" is chosen twice`},
		{name: "NO_ANSWER_UNSPECIFIED", spoil: func(r *cmiv1.Response) { r.Answers[1].Value = &cmiv1.Answer_NoAnswer{} }, want: invalidResponse,
			field: "answers[1].no_answer", says: "NO_ANSWER_UNSPECIFIED is not allowed; NO_ANSWER_NOT_APPLICABLE"},
		{name: "unknown number of no_answer", spoil: func(r *cmiv1.Response) { r.Answers[1].Value = &cmiv1.Answer_NoAnswer{NoAnswer: 77} },
			want: invalidResponse, field: "answers[1].no_answer", says: "77 is not allowed"},
		{name: "unknown number of channel", spoil: func(r *cmiv1.Response) { r.Channel = 9 }, want: invalidResponse, field: "channel",
			says: "9 is not allowed; CHANNEL_FACE_TO_FACE"},
		{name: "required item skipped", spoil: func(r *cmiv1.Response) { r.Answers = r.Answers[1:] }, want: invalidResponse, field: "answers",
			says: `item "trust": skipping is not allowed, the item is required`},
		{name: "bad response id", spoil: func(r *cmiv1.Response) { r.ResponseId = "a b" }, want: invalidResponse, field: "response_id",
			says: `"a b" is not allowed; a letter or digit`},
		{name: "long response id", spoil: func(r *cmiv1.Response) { r.ResponseId = strings.Repeat("x", 129) }, want: invalidResponse, field: "response_id",
			says: "x…\" is not allowed"},
		{name: "bad customer id", spoil: func(r *cmiv1.Response) { r.CustomerId = "../etc" }, want: invalidResponse, field: "customer_id",
			says: `"../etc" is not allowed`},
		{name: "no response id, recorded", spoil: func(r *cmiv1.Response) { r.ResponseId = "" }, want: invalidResponse, field: "response_id",
			says: "a response to record needs an id"},
		{name: "no response", ask: func(a *asked) { a.responses = []*cmiv1.Response{nil} }, want: invalidResponse, field: "/response",
			says: "there is no response to score", single: true},
		{name: "NUL in a text", spoil: func(r *cmiv1.Response) { r.Answers[6].Value = &cmiv1.Answer_Text{Text: "a\x00b"} }, want: invalidResponse,
			field: "answers[6].text", says: "contains U+0000"},
		{name: "text too long", spoil: func(r *cmiv1.Response) { r.Answers[6].Value = &cmiv1.Answer_Text{Text: long} }, want: invalidResponse,
			field: "answers[6].text", says: "10001 characters are too many; at most 10000 are allowed"},
		{name: "submitted after the year 9999", spoil: func(r *cmiv1.Response) { r.SubmittedAt = &timestamppb.Timestamp{Seconds: 253_402_300_800} },
			want: invalidResponse, field: "submitted_at", says: "times from year 1 to 9999", binary: true},
		{name: "submitted at no nanosecond", spoil: func(r *cmiv1.Response) { r.SubmittedAt = &timestamppb.Timestamp{Nanos: -1} },
			want: invalidResponse, field: "submitted_at", says: "nanos -1 are not allowed", binary: true},
		{name: "negative behaviour", spoil: func(r *cmiv1.Response) { r.Behaviour = &cmiv1.Behaviour{Rate: proto.Float64(-1)} }, want: invalidResponse,
			field: "behaviour.rate", says: "-1 is not allowed"},
		{name: "the id with other content", spoil: number(0, 3), want: responseExists, field: "response_id", says: "is recorded with other content",
			before: func(t *testing.T, r *running, id string) {
				t.Helper()
				if _, err := r.scoring().ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{QuestionnaireId: "hotel", Response: guest(id)}); err != nil {
					t.Fatal(err)
				}
			}},

		{name: "unknown questionnaire", ask: func(a *asked) { a.questionnaireID = "motel" }, want: noQuestionnaire, field: "/questionnaire_id",
			says: `there is no questionnaire "motel"`, whole: true},
		{name: "unknown version", ask: func(a *asked) { a.version = 9 }, want: noQuestionnaire, field: "/version",
			says: `there is no version 9 of questionnaire "hotel"`, whole: true},
		{name: "negative version", ask: func(a *asked) { a.version = -1 }, want: invalidRequest, field: "/version", says: "-1 is not a version", whole: true},
		{name: "no questionnaire and no customer", ask: func(a *asked) { a.questionnaireID, a.responses[0].CustomerId = "", "" }, want: invalidRequest, field: "/questionnaire_id",
			says: "name the questionnaire", whole: true},
		{name: "bad questionnaire id", ask: func(a *asked) { a.questionnaireID = "a/b" }, want: invalidRequest, field: "/questionnaire_id",
			says: `"a/b" is not an id`, whole: true},
		{name: "a draft as the latest", ask: func(a *asked) { a.questionnaireID = "hotel-draft" }, want: noQuestionnaire, field: "/questionnaire_id",
			says: "is not published yet; publish it, or name its draft, version 1", whole: true},
		{name: "a draft, recorded", ask: func(a *asked) { a.questionnaireID, a.version = "hotel-draft", 1 }, want: isDraft, field: "/version",
			says: `version 1 of "hotel-draft" is a draft: publish it, or score it as a dry run`, all: true},
		{name: "archived", ask: func(a *asked) { a.questionnaireID = "hotel-old" }, want: isArchived, field: "/questionnaire_id",
			says: `"hotel-old" is archived`, all: true},
		{name: "archived, dry", ask: func(a *asked) { a.questionnaireID, a.dryRun = "hotel-old", true }, want: isArchived, field: "/questionnaire_id",
			says: `"hotel-old" is archived`, all: true},
	}
}

// said is how a door answered.
type said struct {
	// status is that of HTTP, 0 over gRPC; failed is the error of the whole call.
	status    int
	failed    *spb.Status
	requestID string
	results   []*cmiv1.ScoreResult
}

// door is one way into the service.
type door struct {
	name string
	bulk bool
	json bool
	// streams says that errors come after the answer began, and so without a status of HTTP.
	streams bool
	// response is where the bad response stands in the request, plan where the questionnaire is named.
	response, plan string
	call           func(t *testing.T, r *running, a asked) said
}

func doors(t *testing.T) []door {
	t.Helper()
	all := []door{
		{name: "ScoreCustomer", response: "response", call: callScoreCustomer},
		{name: "BatchScoreCustomers", bulk: true, response: "responses[1]", call: callBatch},
		{name: "StreamScores", bulk: true, streams: true, response: "chunk.responses[1]", plan: "config.", call: callStream},
	}
	for name, client := range clients(t) {
		all = append(all,
			door{name: "POST scores " + name, json: true, response: "response", call: func(t *testing.T, r *running, a asked) said {
				t.Helper()
				return postAsked(t, r, client, "/v1/scores", scoreRequest(a), new(cmiv1.ScoreCustomerResponse))
			}},
			door{name: "POST batch " + name, json: true, bulk: true, response: "responses[1]", call: func(t *testing.T, r *running, a asked) said {
				t.Helper()
				reply := new(cmiv1.BatchScoreCustomersResponse)
				got := postAsked(t, r, client, "/v1/scores:batch", batchRequest(a), reply)
				got.results = reply.GetResults()
				return got
			}},
			door{name: "POST stream " + name, json: true, bulk: true, streams: true, response: "chunk.responses[1]", plan: "config.",
				call: func(t *testing.T, r *running, a asked) said {
					t.Helper()
					got, _ := postLines(t, r, client, lines(t, streamRequests(a)...))
					return got
				}},
		)
	}
	return all
}

// TestBadInputAtEveryDoor tries every door with every row. Beside a bad response good ones are scored and recorded, and of
// the bad one nothing is.
func TestBadInputAtEveryDoor(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	all := doors(t)
	t.Run("doors", func(t *testing.T) {
		for d, door := range all {
			t.Run(door.name, func(t *testing.T) {
				t.Parallel()
				for i, row := range badInputs() {
					if row.single && door.bulk || row.binary && door.json {
						continue
					}
					t.Run(row.name, func(t *testing.T) { tryDoor(t, r, door, row, fmt.Sprintf("d%d-r%d", d, i)) })
				}
			})
		}
	})
}

func tryDoor(t *testing.T, r *running, door door, row badInput, id string) {
	t.Helper()
	bad := guest(id + "-bad")
	if row.before != nil {
		row.before(t, r, bad.GetResponseId())
	}
	if row.spoil != nil {
		row.spoil(bad)
	}
	a := asked{questionnaireID: "hotel", responses: []*cmiv1.Response{bad}}
	if door.bulk {
		a.responses = []*cmiv1.Response{guest(id + "-first"), bad, guest(id + "-last")}
	}
	if row.ask != nil {
		row.ask(&a)
	}
	field, ofRequest := strings.CutPrefix(row.field, "/")
	switch {
	case !ofRequest:
		field = door.response + "." + field
	case !row.single:
		field = door.plan + field
	}
	got := door.call(t, r, a)
	if !door.bulk || row.whole {
		if want := row.want.status; got.status != 0 && !door.streams && got.status != want {
			t.Errorf("HTTP %d, want %d", got.status, want)
		}
		checkStatus(t, got.failed, row.want.overHTTP(), field, row.says, got.requestID)
		if len(got.results) > 0 {
			t.Errorf("and results: %v", got.results)
		}
		return
	}
	if got.failed != nil || got.status != 0 && got.status != http.StatusOK || len(got.results) != len(a.responses) {
		t.Fatalf("%d %v, %d results", got.status, got.failed, len(got.results))
	}
	for i, result := range got.results {
		if i == 1 || row.all {
			checkStatus(t, result.GetError(), row.want, field, row.says, got.requestID)
			if result.GetResponseId() != a.responses[i].GetResponseId() {
				t.Errorf("the refusal is of response %q, want %q", result.GetResponseId(), a.responses[i].GetResponseId())
			}
			continue
		}
		if score := result.GetScore(); score.GetResponseId() != a.responses[i].GetResponseId() || score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED {
			t.Errorf("the good response %d was not scored: %v", i, result)
		}
		wantRecorded(t, r, a.responses[i].GetResponseId(), true)
	}
	if row.before == nil {
		wantRecorded(t, r, id+"-bad", false)
	}
}

// wantRecorded checks whether a response is on record.
func wantRecorded(t *testing.T, r *running, id string, want bool) {
	t.Helper()
	_, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: id})
	if want && err != nil || !want && status.Code(err) != codes.NotFound {
		t.Errorf("response %q is recorded: want %t, got %v", id, want, err)
	}
}

func scoreRequest(a asked) *cmiv1.ScoreCustomerRequest {
	return &cmiv1.ScoreCustomerRequest{QuestionnaireId: a.questionnaireID, Version: a.version, DryRun: a.dryRun, Response: a.responses[0]}
}

func batchRequest(a asked) *cmiv1.BatchScoreCustomersRequest {
	return &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: a.questionnaireID, Version: a.version, DryRun: a.dryRun, Responses: a.responses}
}

func streamRequests(a asked) []proto.Message {
	plan := &cmiv1.StreamScoresConfig{QuestionnaireId: a.questionnaireID, Version: a.version, DryRun: a.dryRun}
	return []proto.Message{
		&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{Config: plan}}, chunk(4, a.responses...),
	}
}

// ofGRPC fills in how a gRPC call ended.
func ofGRPC(t *testing.T, err error, header metadata.MD) said {
	t.Helper()
	var got said
	if ids := header.Get("x-request-id"); len(ids) == 1 {
		got.requestID = ids[0]
	} else {
		t.Errorf("the request ids are %q, want one", ids)
	}
	if err != nil {
		got.failed = status.Convert(err).Proto()
	}
	return got
}

func callScoreCustomer(t *testing.T, r *running, a asked) said {
	t.Helper()
	var header metadata.MD
	_, err := r.scoring().ScoreCustomer(t.Context(), scoreRequest(a), grpc.Header(&header))
	return ofGRPC(t, err, header)
}

func callBatch(t *testing.T, r *running, a asked) said {
	t.Helper()
	var header metadata.MD
	// The call goes well, whatever became of its responses, so it answers the id that it brought.
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine")
	reply, err := r.scoring().BatchScoreCustomers(ctx, batchRequest(a), grpc.Header(&header))
	got := ofGRPC(t, err, header)
	got.results = reply.GetResults()
	return got
}

func callStream(t *testing.T, r *running, a asked) said {
	t.Helper()
	got, _ := converse(t, r, streamRequests(a))
	return got
}

// converse sends messages by gRPC and reads all answers.
func converse(t *testing.T, r *running, messages []proto.Message) (said, []*cmiv1.StreamScoresResponse) {
	t.Helper()
	stream, err := r.scoring().StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := stream.Send(m.(*cmiv1.StreamScoresRequest)); err != nil {
			break // the call has ended, and receiving says why
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var answers []*cmiv1.StreamScoresResponse
	for {
		answer, err := stream.Recv()
		if err == nil {
			answers = append(answers, answer)
			continue
		}
		header, failed := stream.Header()
		if failed != nil {
			t.Fatal(failed)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		got := ofGRPC(t, err, header)
		got.results = resultsOf(answers)
		return got, answers
	}
}

func resultsOf(answers []*cmiv1.StreamScoresResponse) []*cmiv1.ScoreResult {
	var all []*cmiv1.ScoreResult
	for _, answer := range answers {
		all = append(all, answer.GetChunk().GetResults()...)
	}
	return all
}

// postAsked posts a message; what is not 200 must be a status.
func postAsked(t *testing.T, r *running, client *http.Client, path string, message, reply proto.Message) said {
	t.Helper()
	body, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	got, answer := r.exchange(t, client, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body))
	if got.failed == nil {
		if err := protojson.Unmarshal(answer, reply); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
	}
	return got
}

// exchange makes one HTTP call and answers how it ended, and the body.
func (r *running) exchange(t *testing.T, client *http.Client, method, path string, header http.Header, body io.Reader) (said, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.HTTP+path, body)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, header)
	return send(t, client, request)
}

// send makes one HTTP call. Whatever is not 200 must be a google.rpc.Status.
func send(t *testing.T, client *http.Client, request *http.Request) (said, []byte) {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := said{status: response.StatusCode, requestID: response.Header.Get("X-Request-Id")}
	if response.StatusCode == http.StatusOK {
		return got, answer
	}
	got.failed = new(spb.Status)
	if err := protojson.Unmarshal(answer, got.failed); err != nil {
		t.Fatalf("%s: the body is not a status: %s", response.Status, answer)
	}
	if kind := response.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("an error in %s", kind)
	}
	return got, answer
}

// postLines posts JSON lines and reads the answers. An error of the stream is its last line.
func postLines(t *testing.T, r *running, client *http.Client, text string) (said, []*cmiv1.StreamScoresResponse) {
	t.Helper()
	got, body := r.exchange(t, client, http.MethodPost, "/v1/scores:stream", http.Header{"Content-Type": {"application/x-ndjson"}}, strings.NewReader(text))
	if got.failed != nil {
		return got, nil
	}
	all := slices.Collect(strings.Lines(string(body)))
	var answers []*cmiv1.StreamScoresResponse
	for i, line := range all {
		if !strings.HasSuffix(line, "\n") {
			t.Errorf("line %d has no end: %s", i+1, line)
		}
		var failed struct{ Error json.RawMessage }
		if err := json.Unmarshal([]byte(line), &failed); err != nil {
			t.Fatalf("line %d: %s: %v", i+1, line, err)
		}
		if failed.Error != nil {
			got.failed = new(spb.Status)
			if err := protojson.Unmarshal(failed.Error, got.failed); err != nil || i != len(all)-1 {
				t.Fatalf("line %d of %d: %s: %v", i+1, len(all), line, err)
			}
			continue
		}
		answer := new(cmiv1.StreamScoresResponse)
		if err := protojson.Unmarshal([]byte(line), answer); err != nil {
			t.Fatalf("line %d: %s: %v", i+1, line, err)
		}
		answers = append(answers, answer)
	}
	got.results = resultsOf(answers)
	return got, answers
}
