package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway"
)

func document(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../gen/openapi/cmi.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestProbes(t *testing.T) {
	t.Parallel()
	var ready error
	at := start(t, &services{}, func(o *gateway.Options) {
		o.Ready = func(context.Context) error { return ready }
	})
	c := client(t, "HTTP/1.1")
	for _, path := range []string{"/healthz", "/readyz"} {
		if answer := at.do(t, c, "GET", path, "", "Host", "pod.cluster.example", "Origin", "https://evil.example"); answer.code != 200 ||
			answer.body != `{"status":"SERVING"}` {
			t.Errorf("%s: %d %s", path, answer.code, answer.body)
		}
	}
	ready = errors.New("dial tcp secret:5432")
	if answer := at.do(t, c, "GET", "/readyz", ""); answer.code != 503 || strings.Contains(answer.body, "secret") || !strings.Contains(answer.body, "not ready") {
		t.Errorf("%d %s", answer.code, answer.body)
	}
	ready = fault.New(cmiv1.ErrorReason_SERVER_DRAINING, "The service is shutting down.")
	if answer := at.do(t, c, "GET", "/readyz", ""); answer.code != 503 || answer.reason(t) != "SERVER_DRAINING" {
		t.Errorf("%d %s", answer.code, answer.body)
	}
	if answer := at.do(t, c, "GET", "/healthz", ""); answer.code != 200 {
		t.Errorf("%d %s", answer.code, answer.body)
	}
}

func TestMetricsAreServedWhereGiven(t *testing.T) {
	t.Parallel()
	without := start(t, &services{}, nil)
	if answer := without.do(t, client(t, "HTTP/1.1"), "GET", "/metrics", ""); answer.code != 404 {
		t.Errorf("%d %s", answer.code, answer.body)
	}
	with := start(t, &services{}, func(o *gateway.Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	})
	if answer := with.do(t, client(t, "HTTP/1.1"), "GET", "/metrics", ""); answer.code != 200 || answer.body != "up 1\n" {
		t.Errorf("%d %s", answer.code, answer.body)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) {
		o.OpenAPI = document(t)
		o.Version = "1.2.3"
	})
	answer := at.do(t, client(t, "HTTP/1.1"), "GET", "/openapi.json", "")
	var doc struct {
		Info                map[string]string
		SecurityDefinitions map[string]map[string]string
		Paths               map[string]map[string]struct{ Consumes, Produces []string }
	}
	if err := json.Unmarshal([]byte(answer.body), &doc); err != nil || answer.code != 200 {
		t.Fatal(answer.code, err)
	}
	if doc.Info["version"] != "1.2.3" || doc.Info["title"] != "Customer Momentum Index" || doc.SecurityDefinitions["Bearer"]["name"] != "Authorization" {
		t.Error(doc.Info, doc.SecurityDefinitions)
	}
	if got := doc.Paths["/v1/scores:stream"]["post"].Consumes; len(got) != 1 || got[0] != "application/x-ndjson" {
		t.Error(got)
	}
	for _, b := range bindings(t) {
		path := regexp.MustCompile(`_[a-z]`).ReplaceAllStringFunc(b.path, func(s string) string { return strings.ToUpper(s[1:]) })
		if _, there := doc.Paths[path][strings.ToLower(b.method)]; !there {
			t.Errorf("the document lacks %s %s", b.method, path)
		}
	}
	if strings.Index(answer.body, `"/v1/questionnaires"`) > strings.Index(answer.body, `"/v1/scores"`) {
		t.Error("the order is not that of the contract")
	}
}

func TestThePageFetchesNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) { o.OpenAPI = document(t) })
	c := client(t, "HTTP/1.1")
	for _, path := range []string{"/", "/docs"} {
		if answer := at.do(t, c, "GET", path, ""); answer.code != 302 || answer.header.Get("Location") != "/docs/" {
			t.Errorf("%s: %d %v", path, answer.code, answer.header)
		}
	}
	page := at.do(t, c, "GET", "/docs/", "")
	if page.code != 200 || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatal(page.code, page.header)
	}
	policy := page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "http") {
		t.Error(policy)
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.body, -1)
	if len(links) < 4 || strings.Contains(page.body, "<script>") || strings.Contains(page.body, "<style>") {
		t.Error(page.body)
	}
	for _, link := range links {
		if strings.Contains(link[1], "/") {
			t.Errorf("%s leads elsewhere", link[1])
		}
		for _, coding := range []string{"gzip", "identity"} {
			file := at.do(t, c, "GET", "/docs/"+link[1], "", "Accept-Encoding", coding)
			if file.code != 200 || file.body == "" || file.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d", link[1], file.code)
			}
		}
	}
	if start := at.do(t, c, "GET", "/docs/start.js", ""); strings.Contains(start.body, "http") || !strings.Contains(start.body, "validatorUrl: null") {
		t.Error(start.body)
	}
	for _, path := range []string{"/docs/nothing", "/docs/../x", "/docs/swagger-ui-bundle.js.gz"} {
		if answer := at.do(t, c, "GET", path, ""); answer.code != 404 {
			t.Errorf("%s: %d", path, answer.code)
		}
	}
}

func TestWithoutADocumentThereIsNoPage(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	for _, path := range []string{"/", "/docs", "/docs/", "/openapi.json"} {
		if answer := at.do(t, client(t, "HTTP/1.1"), "GET", path, ""); answer.code != 404 || answer.reason(t) != "UNKNOWN_METHOD" {
			t.Errorf("%s: %d %s", path, answer.code, answer.body)
		}
	}
}

func TestADocumentThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[]", "{", `{"paths":[]}`, "x"} {
		if _, err := gateway.New(gateway.Options{Conn: (&services{}).channel(), OpenAPI: []byte(text)}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
