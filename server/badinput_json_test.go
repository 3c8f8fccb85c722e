package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// badJSON is one row of what is wrong with a body itself, before anybody asks what it means.
type badJSON struct {
	name string
	// response spoils the JSON of a response, message the JSON of the message around it.
	response, message func(string) string
	// field is where the fault is within the response or, after a slash, within the message; empty: nowhere in particular.
	field string
	says  string
	// unary says that there is no such thing as a line of a stream, bulk that it takes a list.
	unary, bulk bool
}

// badJSONs are all malformed: 400, MALFORMED_JSON, with line and column.
func badJSONs() []badJSON {
	swap := func(old, with string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, with, 1) }
	}
	return []badJSON{
		{name: "typo at the top", message: swap(`{`, `{"xplain":true,`), field: "/xplain", says: "there is no such field"},
		{name: "typo in the response", response: swap(`"answers"`, `"answerz"`), field: "answerz",
			says: "there is no such field; Response has responseId, customerId, channel, submittedAt, answers"},
		{name: "typo in an answer", response: swap(`"number":8`, `"nubmer":8`), field: "answers[0].nubmer", says: "there is no such field; Answer has itemId, number"},
		{name: "word for a number", response: swap(`"number":8`, `"number":"eight"`), field: "answers[0].number", says: `must be a number, not "eight"`},
		{name: "true for a number", response: swap(`"number":8`, `"number":true`), field: "answers[0].number", says: "must be a number, not true"},
		{name: "bare NaN", response: swap(`"number":8`, `"number":NaN`), field: "answers[0].number", says: "not JSON"},
		{name: "number too large for a double", response: swap(`"number":8`, `"number":1e999`), field: "answers[0].number", says: "must be a number"},
		{name: "number for an id", response: swap(`"customerId":"guest"`, `"customerId":17`), field: "customerId", says: "must be a string, not 17"},
		{name: "list for a response", response: func(r string) string { return "[" + r + "]" }, field: ".", says: "must be an object"},
		{name: "object for the answers", response: swap(`"answers":[`, `"answers":{},"x":[`), field: "answers", says: "must be an array"},
		{name: "null for an answer", response: swap(`"answers":[`, `"answers":[null,`), field: "answers[0]", says: "must be an object"},
		{name: "null for a response", response: func(string) string { return "null" }, field: ".", says: "must be an object", bulk: true},
		{name: "key twice", response: swap(`"customerId":"guest"`, `"customerId":"guest","customerId":"other"`), field: "customerId", says: "given twice"},
		{name: "key twice, spelled in two ways", response: swap(`"customerId":"guest"`, `"customerId":"guest","customer_id":"guest"`),
			field: "customer_id", says: "given twice"},
		{name: "two values", response: swap(`"number":8`, `"number":8,"yes":true`), field: "answers[0].yes", says: "number is given already"},
		{name: "unknown channel", response: swap(`CHANNEL_ONLINE`, `ONLINE`), field: "channel",
			says: `must be one of CHANNEL_UNSPECIFIED, CHANNEL_FACE_TO_FACE, CHANNEL_ONLINE, CHANNEL_MOBILE_APP, not "ONLINE"`},
		{name: "unknown reason of no answer", response: swap(`"number":8`, `"noAnswer":"NO_ANSWER_MAYBE"`), field: "answers[0].noAnswer", says: "NO_ANSWER_DECLINED"},
		{name: "no time", response: swap(`2026-10-01T12:00:00Z`, `yesterday`), field: "submittedAt", says: "RFC 3339"},
		{name: "no zone", response: swap(`2026-10-01T12:00:00Z`, `2026-10-01T12:00:00`), field: "submittedAt", says: "RFC 3339"},
		{name: "year 10000", response: swap(`2026-10-01T12:00:00Z`, `10000-01-01T00:00:00Z`), field: "submittedAt", says: "RFC 3339"},
		{name: "year 0", response: swap(`2026-10-01T12:00:00Z`, `0000-01-01T00:00:00Z`), field: "submittedAt", says: "RFC 3339"},
		{name: "a number too much", message: func(m string) string { return m + "1" }, says: "nothing may follow the object"},
		{name: "two objects", message: func(m string) string { return m + m }, says: "nothing may follow the object"},
		{name: "an array", message: func(m string) string { return "[" + m + "]" }, says: "a JSON object is expected"},
		{name: "a string", message: func(string) string { return `"hotel"` }, says: "a JSON object is expected"},
		{name: "null", message: func(string) string { return "null" }, says: "a JSON object is expected"},
		{name: "no JSON", message: func(string) string { return "questionnaireId=hotel" }, says: "a JSON object is expected"},
		{name: "cut off", message: func(m string) string { return m[:len(m)-1] }, says: "the JSON ends in the middle"},
		{name: "a byte order mark", message: func(m string) string { return "\ufeff" + m }, says: "byte order mark"},
		{name: "Latin-1", response: swap(`The view`, "Caf\xe9"), says: "not valid UTF-8"},
		{name: "half a surrogate", response: swap(`The view`, `\ud83d`), field: "answers[6].text", says: "must be a string"},
		{name: "a bare control character", response: swap(`The view`, "The\x00view"), field: "answers[6].text", says: "not JSON"},
		{name: "nothing", message: func(string) string { return "" }, says: "there is nothing here", unary: true},
		{name: "white space", message: func(string) string { return " \r\n" }, says: "there is nothing here", unary: true},
		{name: "very deep", message: func(string) string { return `{"x":` + strings.Repeat(`[`, 200_000) }, field: "/x", says: "there is no such field"},
		{name: "very deep, known", response: swap(`"answers":[`, `"answers":[`+strings.Repeat(`[`, 200_000)), field: "answers[0]", says: "must be an object"},
	}
}

// guestJSON is guest as a client writes it.
func guestJSON(id string) string {
	return `{"responseId":"` + id + `","customerId":"guest","channel":"CHANNEL_ONLINE","submittedAt":"2026-10-01T12:00:00Z","answers":[` +
		`{"itemId":"trust","number":8},{"itemId":"mood","number":77.5},{"itemId":"visits","number":12},{"itemId":"card","choice":"Gold"},` +
		`{"itemId":"used","choices":{"values":["spa","gym"]}},{"itemId":"again","yes":true},{"itemId":"why","text":"The view","topics":["room"]}]}`
}

// TestMalformedJSON tries each of the three doors of JSON with every row, over both versions of HTTP. A call is refused as a
// whole and records nothing; of a stream, what came before the malformed line is answered and recorded, and nothing after.
func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	all := clients(t)
	t.Run("clients", func(t *testing.T) {
		for version, client := range all {
			t.Run(version, func(t *testing.T) {
				t.Parallel()
				for i, row := range badJSONs() {
					id := fmt.Sprintf("%s-%d", version[len("HTTP/"):], i)
					if !row.bulk {
						t.Run(row.name+", one", func(t *testing.T) {
							body := row.spoil(`{"questionnaireId":"hotel","response":%s}`, guestJSON(id))
							row.check(t, r.postJSON(t, client, "/v1/scores", body), "response")
							wantRecorded(t, r, id, false)
						})
					}
					t.Run(row.name+", batch", func(t *testing.T) {
						body := row.spoil(`{"questionnaireId":"hotel","responses":[`+guestJSON(id+"-first")+`,%s]}`, guestJSON(id))
						row.check(t, r.postJSON(t, client, "/v1/scores:batch", body), "responses[1]")
						wantRecorded(t, r, id+"-first", false)
						wantRecorded(t, r, id, false)
					})
					if !row.unary {
						t.Run(row.name+", stream", func(t *testing.T) { row.stream(t, r, client, id) })
					}
				}
			})
		}
	})
}

func (row badJSON) spoil(around, response string) string {
	if row.response != nil {
		response = row.response(response)
	}
	message := fmt.Sprintf(around, response)
	if row.message != nil {
		message = row.message(message)
	}
	return message
}

func (row badJSON) check(t *testing.T, got said, prefix string) {
	t.Helper()
	if got.status != malformedJSON.status {
		t.Errorf("HTTP %d", got.status)
	}
	checkStatus(t, got.failed, malformedJSON, row.at(prefix), row.says, got.requestID)
}

func (row badJSON) at(prefix string) string {
	ofMessage, isOfMessage := strings.CutPrefix(row.field, "/")
	switch {
	case row.field == "":
		return ""
	case row.field == ".":
		return prefix
	case isOfMessage:
		return ofMessage
	default:
		return prefix + "." + row.field
	}
}

func (row badJSON) stream(t *testing.T, r *running, client *http.Client, id string) {
	t.Helper()
	line := func(sequence int, responses string) string {
		return fmt.Sprintf(`{"chunk":{"sequence":%d,"responses":[%s]}}`, sequence, responses)
	}
	body := strings.Join([]string{
		`{"config":{"questionnaireId":"hotel"}}`,
		line(1, guestJSON(id+"-before")),
		row.spoil(`{"chunk":{"sequence":2,"responses":[%s]}}`, guestJSON(id+"-in")),
		line(3, guestJSON(id+"-after")),
	}, "\n") + "\n"
	got, answers := postLines(t, r, client, body)
	if got.status != http.StatusOK || len(answers) != 1 || answers[0].GetChunk().GetSequence() != 1 || len(got.results) != 1 || got.results[0].GetScore() == nil {
		t.Errorf("HTTP %d, what came before the malformed line is answered by %v", got.status, answers)
	}
	checkStatus(t, got.failed, malformedJSON, row.at("chunk.responses[0]"), row.says, got.requestID)
	if !strings.Contains(got.failed.GetMessage(), "line 3, column ") {
		t.Errorf("the line is not named: %s", got.failed.GetMessage())
	}
	wantRecorded(t, r, id+"-before", true)
	wantRecorded(t, r, id+"-in", false)
	wantRecorded(t, r, id+"-after", false)
}

// postJSON posts a body as it is.
func (r *running) postJSON(t *testing.T, client *http.Client, path, body string) said {
	t.Helper()
	got, _ := r.exchange(t, client, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, strings.NewReader(body))
	return got
}
