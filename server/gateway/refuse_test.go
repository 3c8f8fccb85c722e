package gateway_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway"
)

func TestBadBodiesAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for name, tc := range map[string]struct {
		body string
		says []string
	}{
		"unknown field":     {`{"questionnaireID":"q"}`, []string{"line 1, column 2", "questionnaireID", "there is no such field", "questionnaireId"}},
		"unknown, nested":   {"{\n \"response\":{\"answers\":[{},{\"numbr\":1}]}}", []string{"line 2, column", "response.answers[1].numbr"}},
		"given twice":       {`{"version":1,"version":2}`, []string{"version", "twice"}},
		"two of a oneof":    {`{"response":{"answers":[{"number":1,"yes":true}]}}`, []string{"response.answers[0].yes", "number is given already"}},
		"wrong kind":        {`{"version":"x"}`, []string{"version", "a whole number"}},
		"fraction":          {`{"version":1.5}`, []string{"version", "a whole number"}},
		"too large":         {`{"version":3000000000}`, []string{"version", "a whole number"}},
		"string for bool":   {`{"dryRun":"true"}`, []string{"dryRun", "true or false"}},
		"number for string": {`{"questionnaireId":1}`, []string{"questionnaireId", "a string"}},
		"unknown enum":      {`{"response":{"channel":"PHONE"}}`, []string{"response.channel", "CHANNEL_ONLINE", "PHONE"}},
		"bad time":          {`{"response":{"submittedAt":"yesterday"}}`, []string{"response.submittedAt", "RFC 3339"}},
		"object for array":  {`{"response":{"answers":{}}}`, []string{"response.answers", "array"}},
		"array for object":  {`{"response":[]}`, []string{"response", "object"}},
		"null in an array":  {`{"response":{"answers":[null]}}`, []string{"response.answers[0]", "object"}},
		"array":             {`[]`, []string{"object is expected"}},
		"string":            {`"x"`, []string{"object is expected"}},
		"null":              {`null`, []string{"object is expected"}},
		"trailing":          {`{} {}`, []string{"nothing may follow", "line 1, column 4"}},
		"trailing garbage":  {`{}x`, []string{"line 1, column 3"}},
		"cut":               {`{"version":`, []string{"ends in the middle"}},
		"blank":             {" \n", []string{"nothing here"}},
		"no JSON":           {`{version:1}`, []string{"line 1, column 2", "not JSON"}},
		"single quotes":     {`{'version':1}`, []string{"not JSON"}},
		"comma at the end":  {`{"version":1,}`, []string{"line 1", "not JSON"}},
		"byte order mark":   {"\ufeff{}", []string{"byte order mark"}},
		"bad UTF-8":         {"{\"questionnaireId\":\"a\xffb\"}", []string{"line 1, column 22", "UTF-8"}},
		"lone surrogate":    {`{"questionnaireId":"\ud800"}`, []string{"questionnaireId"}},
		"control character": {"{\"questionnaireId\":\"a\x01\"}", []string{"line 1"}},
		"deep":              {`{"response":` + strings.Repeat("[", 100_000), []string{"response", "object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", tc.body)
			if answer.code != 400 || answer.reason(t) != "MALFORMED_JSON" {
				t.Fatalf("%d %s", answer.code, answer.body)
			}
			text := strings.ReplaceAll(answer.body, `\"`, `"`)
			for _, want := range tc.says {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in %s", want, text)
				}
			}
			for _, leak := range []string{"proto:", "\u00a0", "cmi.v1", "protojson", "int32 field"} {
				if strings.Contains(text, leak) {
					t.Errorf("%q in %s", leak, text)
				}
			}
		})
	}
	if s.count() > 0 {
		t.Error("something was called")
	}
}

func TestGoodBodies(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for name, body := range map[string]string{
		"camel case":   `{"questionnaireId":"q","dryRun":true,"response":{"answers":[{"itemId":"a","number":3}]}}`,
		"snake case":   `{"questionnaire_id":"q","dry_run":true,"response":{"answers":[{"item_id":"a","number":3}]}}`,
		"white space":  "\r\n\t {\"questionnaireId\" : \"q\" , \"dryRun\":true,\"response\":{\"answers\":[{\"itemId\":\"a\",\"number\":3.0}]}}\n",
		"null, quoted": `{"questionnaireId":"q","version":null,"dryRun":true,"response":{"answers":[{"itemId":"a","number":"3"}]}}`,
		"escapes":      `{"questionnaireId":"\u0071","dryRun":true,"response":{"answers":[{"itemId":"\u0061","number":3e0}]}}`,
	} {
		answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", body)
		if answer.code != 200 {
			t.Errorf("%s: %d %s", name, answer.code, answer.body)
			continue
		}
		r := s.last(t).request.(*cmiv1.ScoreCustomerRequest)
		if r.GetQuestionnaireId() != "q" || !r.GetDryRun() || r.GetResponse().GetAnswers()[0].GetNumber() != 3 {
			t.Errorf("%s: %v", name, r)
		}
	}
	answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", `{"response":{"answers":[{"itemId":"a","number":"NaN"}]}}`)
	if n := s.last(t).request.(*cmiv1.ScoreCustomerRequest).GetResponse().GetAnswers()[0].GetNumber(); answer.code != 200 || n == n {
		t.Errorf("%d %v: NaN is for the engine to refuse", answer.code, n)
	}
}

func TestPathAndBodyMustAgree(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	c := client(t, "HTTP/1.1")
	for _, tc := range []struct {
		method, path, body string
		code               int
	}{
		{"POST", "/v1/questionnaires/a:publish", `{"questionnaireId":"b"}`, 400},
		{"POST", "/v1/questionnaires/a:publish", `{"questionnaireId":"a","etag":"e"}`, 200},
		{"PATCH", "/v1/questionnaires/a", `{"questionnaire":{"questionnaireId":"b"},"updateMask":"title"}`, 400},
		{"PATCH", "/v1/questionnaires/a", `{"questionnaire":{"title":"T"},"updateMask":"title"}`, 200},
		{"PATCH", "/v1/questionnaires/a", `{"updateMask":"title"}`, 200},
	} {
		answer := at.do(t, c, tc.method, tc.path, tc.body)
		if answer.code != tc.code {
			t.Errorf("%s %s %s: %d %s", tc.method, tc.path, tc.body, answer.code, answer.body)
		}
		if tc.code == 400 && answer.reason(t) != "INVALID_REQUEST" {
			t.Error(answer.body)
		}
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	for _, tc := range []struct {
		path, kind string
		code       int
	}{
		{"/v1/scores", "application/json", 200},
		{"/v1/scores", "application/json; charset=utf-8", 200},
		{"/v1/scores", "Application/JSON;charset=UTF-8", 200},
		{"/v1/scores", "application/json; charset=latin1", 415},
		{"/v1/scores", "application/json; version=2", 415},
		{"/v1/scores", "text/plain", 415},
		{"/v1/scores", "application/x-www-form-urlencoded", 415},
		{"/v1/scores", "multipart/form-data; boundary=x", 415},
		{"/v1/scores", "application/x-ndjson", 415},
		{"/v1/scores", "application/json, text/plain", 415},
		{"/v1/scores", ";", 415},
		{"/v1/scores:stream", "application/json", 415},
		{"/v1/scores:stream", "text/plain", 415},
		{"/v1/scores:stream", "application/x-ndjson; charset=utf-8", 200},
	} {
		answer := at.do(t, client(t, "HTTP/1.1"), "POST", tc.path, "{}", "Content-Type", tc.kind)
		if answer.code != tc.code || tc.code == 415 && answer.reason(t) != "UNSUPPORTED_CONTENT_TYPE" {
			t.Errorf("%s %q: %d %s", tc.path, tc.kind, answer.code, answer.body)
		}
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte("{}"))
	_ = w.Close()
	answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", zipped.String(), "Content-Encoding", "gzip")
	if answer.code != 415 || !strings.Contains(answer.body, "gzip") {
		t.Errorf("%d %s", answer.code, answer.body)
	}
	answer = at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", "")
	if answer.code != 400 || answer.reason(t) != "MALFORMED_JSON" || !strings.Contains(answer.body, "empty") {
		t.Errorf("%d %s", answer.code, answer.body)
	}
	answer = at.do(t, client(t, "HTTP/1.1"), "GET", "/v1/scores", "{}")
	if answer.code != 400 || answer.reason(t) != "INVALID_REQUEST" {
		t.Errorf("%d %s", answer.code, answer.body)
	}
}

func TestTooLargeBodies(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, func(o *gateway.Options) { o.MaxBodyBytes = 1000 })
	fits := `{"questionnaireId":"` + strings.Repeat("x", 1000-22) + `"}`
	overBoth(t, func(t *testing.T, c *http.Client) {
		if answer := at.do(t, c, "POST", "/v1/scores", fits); answer.code != 200 {
			t.Errorf("%d %s", answer.code, answer.body)
		}
		for _, body := range []io.Reader{
			strings.NewReader(fits + " "),
			io.MultiReader(strings.NewReader(fits), strings.NewReader(strings.Repeat(" ", 1<<20))), // of no declared length
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.url+"/v1/scores", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			resp, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge || reasonOf(t, string(text)) != "REQUEST_TOO_LARGE" {
				t.Errorf("%s %s", resp.Status, text)
			}
		}
	})
}

// TestDeclaredLengthIsEnough refuses a body of which nothing has been sent yet.
func TestDeclaredLengthIsEnough(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(at.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", 17<<20)
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge || !resp.Close {
		t.Errorf("%v %v", resp, err)
	}
	resp.Body.Close()
}

func TestErrorsOfCalls(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err    error
		code   int
		reason string
	}{
		{fault.New(cmiv1.ErrorReason_RESPONSE_NOT_FOUND, "There is no such response."), 404, "RESPONSE_NOT_FOUND"},
		{fault.New(cmiv1.ErrorReason_RESPONSE_EXISTS, "Other content."), 409, "RESPONSE_EXISTS"},
		{fault.New(cmiv1.ErrorReason_STALE_ETAG, "Changed since."), 409, "STALE_ETAG"},
		{fault.New(cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS, "Faults."), 400, "QUESTIONNAIRE_HAS_FAULTS"},
		{fault.New(cmiv1.ErrorReason_KEY_INVALID, "Unknown key."), 401, "KEY_INVALID"},
		{fault.New(cmiv1.ErrorReason_SCOPE_MISSING, "No scope."), 403, "SCOPE_MISSING"},
		{fault.New(cmiv1.ErrorReason_REQUEST_TOO_LARGE, "Too large."), 413, "REQUEST_TOO_LARGE"},
		{&fault.Error{Reason: cmiv1.ErrorReason_STORE_UNAVAILABLE, Message: "Later.", RetryAfter: time.Second}, 503, "STORE_UNAVAILABLE"},
		{fault.New(cmiv1.ErrorReason_DEADLINE_EXCEEDED, "Too slow."), 504, "DEADLINE_EXCEEDED"},
		{errors.New("SELECT secret"), 500, "INTERNAL_ERROR"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			t.Parallel()
			at := start(t, &services{err: tc.err}, nil)
			answer := at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", "{}", "X-Request-Id", "req-1")
			if answer.code != tc.code || answer.reason(t) != tc.reason || strings.Contains(answer.body, "secret") {
				t.Errorf("%d %s", answer.code, answer.body)
			}
			h := answer.header
			if h.Get("X-Request-Id") != "req-1" || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Error(h)
			}
			if tc.code == 401 && h.Get("WWW-Authenticate") == "" || tc.code == 503 && h.Get("Retry-After") != "1" {
				t.Error(h)
			}
			if !strings.Contains(answer.body, "req-1") {
				t.Errorf("the request id is not in %s", answer.body)
			}
		})
	}
}

func TestAPanicIsAnError(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, func(o *gateway.Options) {
		o.Ready = func(context.Context) error { panic("secret") }
	})
	answer := at.do(t, client(t, "HTTP/1.1"), "GET", "/readyz", "")
	if answer.code != 500 || answer.reason(t) != "INTERNAL_ERROR" || strings.Contains(answer.body, "secret") {
		t.Errorf("%d %s", answer.code, answer.body)
	}
}
