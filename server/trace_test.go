package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// traced makes a server whose spans can be looked at once it has stopped.
func traced(t *testing.T) (*tracetest.SpanRecorder, option) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	tel, err := telemetry.Start(t.Context(), telemetry.Options{SpanProcessors: []sdktrace.SpanProcessor{recorder}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return recorder, func(_ *settings.Settings, o *server.Options) { o.Telemetry = tel }
}

// origin is a trace that a client begins: one for each call, told apart by a number.
type origin struct{ trace, span string }

func newOrigin(n int) origin {
	return origin{trace: fmt.Sprintf("%031x%x", 0xabc, n), span: fmt.Sprintf("%016x", 0x500+n)}
}

func (c origin) traceparent() string { return "00-" + c.trace + "-" + c.span + "-01" }

// The ids and words that no trace may hold.
const (
	tracedResponse = "RESPONSE-4711"
	tracedCustomer = "CUSTOMER-0815"
	tracedText     = "because-of-LUMBAGO"
)

// Whichever way a response comes in, the client's trace goes on through the door, the use case, the engine and the store, as
// one tree; it says what was scored and how that went, and nothing about who answered what.
func TestOneTraceForEveryDoor(t *testing.T) {
	t.Parallel()
	recorder, option := traced(t)
	r := start(t, option)
	r.publish(t, whyQuestionnaire("acme"))
	response := func(n int) *cmiv1.Response {
		return why(fmt.Sprintf("%s-%d", tracedResponse, n), tracedCustomer, 5, tracedText)
	}
	single := func(n int) *cmiv1.ScoreCustomerRequest {
		return &cmiv1.ScoreCustomerRequest{QuestionnaireId: "why", Response: response(n)}
	}
	setUp := func(n int) []*cmiv1.StreamScoresRequest {
		first := config(false)
		first.GetConfig().QuestionnaireId = "why"
		bad := response(1000)
		bad.Answers[0].Value = &cmiv1.Answer_Number{Number: 98765.4321}
		return []*cmiv1.StreamScoresRequest{first, chunk(0, response(n), response(n+1)), chunk(1, response(n+2), bad)}
	}
	outgoing := func(c origin) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "traceparent", c.traceparent())
	}
	web := clients(t)

	type expectation struct {
		door   string
		chunks int
		call   func(c origin)
	}
	calls := []expectation{
		{"cmi.v1.ScoringService/ScoreCustomer", 0, func(c origin) {
			if _, err := r.scoring().ScoreCustomer(outgoing(c), single(1)); err != nil {
				t.Error(err)
			}
		}},
		{"cmi.v1.ScoringService/StreamScores", 2, func(c origin) {
			stream, err := r.scoring().StreamScores(outgoing(c))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range setUp(10) {
				if err := stream.Send(m); err != nil {
					t.Error(err)
				}
			}
			if err := stream.CloseSend(); err != nil {
				t.Error(err)
			}
			for err == nil {
				_, err = stream.Recv()
			}
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}},
	}
	for i, version := range []string{"HTTP/1.1", "HTTP/2"} {
		calls = append(calls,
			expectation{"POST /v1/scores", 0, func(c origin) {
				r.traced(t, web[version], c, http.MethodPost, "/v1/scores", "application/json", lines(t, single(20+i)))
			}},
			expectation{"POST /v1/scores:stream", 2, func(c origin) {
				var body strings.Builder
				for _, m := range setUp(30 + 10*i) {
					body.WriteString(lines(t, m))
				}
				r.traced(t, web[version], c, http.MethodPost, "/v1/scores:stream", "application/x-ndjson", body.String())
			}},
			expectation{"GET /v1/scores/{response_id}", -1, func(c origin) {
				r.traced(t, web[version], c, http.MethodGet, "/v1/scores/"+tracedResponse+"-1?", "", "")
			}},
			expectation{"GET /v1/scores", -1, func(c origin) {
				r.traced(t, web[version], c, http.MethodGet, "/v1/scores?customerId="+tracedCustomer, "", "")
			}},
		)
	}
	for n, c := range calls {
		c.call(newOrigin(n))
	}
	// What serves the operation of the service leaves no trace.
	silent := newOrigin(15)
	if _, err := healthpb.NewHealthClient(r.conn).Check(outgoing(silent), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"} {
		r.traced(t, web["HTTP/1.1"], silent, http.MethodGet, path, "", "")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}

	byTrace := map[string][]sdktrace.ReadOnlySpan{}
	for _, s := range recorder.Ended() {
		id := s.SpanContext().TraceID().String()
		byTrace[id] = append(byTrace[id], s)
		checkDiscreet(t, s)
	}
	if started, ended := len(recorder.Started()), len(recorder.Ended()); started != ended {
		t.Errorf("%d spans were begun, %d ended", started, ended)
	}
	if spans := byTrace[silent.trace]; len(spans) > 0 {
		t.Errorf("%d spans of probes and pages, the first is %s", len(spans), spans[0].Name())
	}
	for n, c := range calls {
		checkTree(t, newOrigin(n), byTrace[newOrigin(n).trace], c.door, c.chunks)
	}
}

// traced makes an HTTP call within a trace, which must go well.
func (r *running) traced(t *testing.T, client *http.Client, c origin, method, path, kind, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.HTTP+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("traceparent", c.traceparent())
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
}

// checkTree checks that the spans of one call are one tree under the span of its client. chunks is how many the call had: 0
// for one response, and below 0 for a call that scores nothing.
func checkTree(t *testing.T, c origin, spans []sdktrace.ReadOnlySpan, door string, chunks int) {
	t.Helper()
	byID, names := map[trace.SpanID]sdktrace.ReadOnlySpan{}, map[string]int{}
	for _, s := range spans {
		byID[s.SpanContext().SpanID()] = s
		names[s.Name()]++
	}
	roots := 0
	for _, s := range spans {
		if parent := s.Parent().SpanID(); parent.String() == c.span {
			roots++
			if s.Name() != door || s.SpanKind() != trace.SpanKindServer {
				t.Errorf("the span at the door is %q (%v), want %q", s.Name(), s.SpanKind(), door)
			}
		} else if byID[parent] == nil {
			t.Errorf("%s: the span %s hangs in the air", door, s.Name())
		}
	}
	if roots != 1 {
		t.Errorf("%s: %d spans under that of the client, want 1 of %v", door, roots, names)
	}
	if chunks < 0 {
		return
	}
	scored := max(chunks, 1)
	for name, want := range map[string]int{"scores.Score": scored, "scoring.Score": scored, "store.Record": scored} {
		if names[name] != want {
			t.Errorf("%s: %d spans %s, want %d; there are %v", door, names[name], name, want, names)
		}
	}
	for _, s := range spans {
		parent := ""
		if above := byID[s.Parent().SpanID()]; above != nil {
			parent = above.Name()
		}
		switch s.Name() {
		case "scores.Score":
			checkScored(t, s, chunks)
			if !strings.Contains(parent, "Score") {
				t.Errorf("%s: scores.Score is under %q", door, parent)
			}
		case "scoring.Score", "store.Record":
			if parent != "scores.Score" {
				t.Errorf("%s: %s is under %q", door, s.Name(), parent)
			}
		}
	}
}

// checkScored checks what the span of the use case says.
func checkScored(t *testing.T, s sdktrace.ReadOnlySpan, chunks int) {
	t.Helper()
	said := map[attribute.Key]string{}
	for _, kv := range s.Attributes() {
		said[kv.Key] = kv.Value.String()
	}
	want := map[attribute.Key]string{"cmi.questionnaire": "why", "cmi.questionnaire_version": "1", "cmi.dry_run": "false"}
	switch {
	case chunks == 0:
		want["cmi.responses"], want["cmi.status"] = "1", "SCORE_STATUS_SCORED"
	case said["cmi.refused"] == "1":
		want["cmi.responses"], want["cmi.count.SCORE_STATUS_SCORED"], want["cmi.replayed"] = "2", "1", "0"
	default:
		want["cmi.responses"], want["cmi.count.SCORE_STATUS_SCORED"], want["cmi.refused"] = "2", "2", "0"
	}
	for key, value := range want {
		if said[key] != value {
			t.Errorf("the span says %s=%q, want %q; all of it: %v", key, said[key], value, said)
		}
	}
}

// checkDiscreet checks that a span says nothing of who answered what.
func checkDiscreet(t *testing.T, s sdktrace.ReadOnlySpan) {
	t.Helper()
	text := s.Name() + " " + s.Status().Description + " " + s.SpanContext().TraceState().String()
	attributes := slices.Clone(s.Attributes())
	for _, event := range s.Events() {
		text += " " + event.Name
		attributes = append(attributes, event.Attributes...)
	}
	for _, link := range s.Links() {
		attributes = append(attributes, link.Attributes...)
	}
	for _, kv := range attributes {
		text += fmt.Sprintf(" %s=%s", kv.Key, kv.Value.String())
	}
	for _, secret := range []string{tracedResponse, tracedCustomer, "LUMBAGO", "98765"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the span %s", secret, text)
		}
	}
}

// The metrics tell calls apart by what they called and how it ended, never by customer, and names that clients make up do not
// make them grow.
func TestMetricsStayBounded(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publish(t, whyQuestionnaire("acme"))
	const made = 400
	web := clients(t)
	for n := range made {
		err := r.conn.Invoke(t.Context(), fmt.Sprintf("/made.up.Service%d/Method%d", n, n), &cmiv1.GetScoreRequest{}, &cmiv1.GetScoreResponse{})
		if status.Code(err) != codes.Unimplemented {
			t.Fatal(err)
		}
		for _, method := range []string{http.MethodGet, fmt.Sprintf("VERB%d", n)} {
			if code, body := r.do(t, web["HTTP/1.1"], method, fmt.Sprintf("/made/up/%d", n), "", nil); code != http.StatusNotFound {
				t.Fatalf("%d %s", code, body)
			}
		}
		id := fmt.Sprintf("%s-%d", tracedResponse, n)
		request := &cmiv1.ScoreCustomerRequest{QuestionnaireId: "why", Response: why(id, fmt.Sprintf("%s-%d", tracedCustomer, n), 5, tracedText)}
		if n%2 == 0 {
			request.Response.Answers[0].ItemId = fmt.Sprintf("LUMBAGO-%d", n) // refused, and quoted in the refusal
		}
		if n%4 < 2 {
			_, _ = r.scoring().ScoreCustomer(t.Context(), request) // half of them are refused
		} else {
			_, _ = r.send(t, web["HTTP/2"], "/v1/scores", request)
		}
		if code, _ := r.do(t, web["HTTP/1.1"], http.MethodGet, "/v1/scores/"+id, "", nil); code != http.StatusOK && code != http.StatusNotFound {
			t.Fatal(code)
		}
	}
	code, body := r.do(t, web["HTTP/1.1"], http.MethodGet, "/metrics", "", nil)
	if code != http.StatusOK {
		t.Fatal(code)
	}
	text := string(body)
	for _, want := range []string{
		`rpc_server_call_duration_seconds_count{`, `http_server_request_duration_seconds_count{`, `cmi_server_calls_total{`, `cmi_server_active_calls{`,
		`rpc_method="cmi.v1.ScoringService/ScoreCustomer"`, `http_route="/v1/scores/{response_id}"`, `cmi_reason="INVALID_RESPONSE"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not among the metrics", want)
		}
	}
	for _, secret := range []string{tracedResponse, tracedCustomer, "LUMBAGO", "made.up", "made/up", "VERB"} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%s is in the metrics: %s", secret, text[max(0, at-100):min(len(text), at+100)])
		}
	}
	series := map[string]int{}
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, "{"); ok && !strings.HasSuffix(name, "_bucket") {
			series[name]++
		}
	}
	const most = 100
	for name, n := range maps.All(series) {
		if n > most {
			t.Errorf("%d series %s, want at most %d", n, name, most)
		}
	}
	t.Logf("%d bytes of metrics after %d made-up methods, paths and customers", len(body), made)
}
