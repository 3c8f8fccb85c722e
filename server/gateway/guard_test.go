package gateway_test

import (
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/gateway"
)

func TestHost(t *testing.T) {
	t.Parallel()
	open := start(t, &services{}, nil)
	named := start(t, &services{}, func(o *gateway.Options) { o.AllowedHosts = []string{"CMI.example.com", "internal:8080"} })
	keyed := start(t, &services{}, func(o *gateway.Options) { o.HasKeys = true })
	both := start(t, &services{}, func(o *gateway.Options) { o.HasKeys = true; o.AllowedHosts = []string{"cmi.example.com"} })
	for _, tc := range []struct {
		at   site
		host string
		fine bool
	}{
		{open, "localhost", true}, {open, "LocalHost:1", true}, {open, "localhost.:80", true}, {open, "app.localhost:80", true},
		{open, "127.0.0.1:8080", true}, {open, "[::1]:8080", true}, {open, "[::1]", true}, {open, "192.168.1.10", true},
		{open, "evil.example", false}, {open, "127.0.0.1.evil.example", false}, {open, "localhost.evil.example:80", false},
		{open, "evillocalhost", false}, {open, "cmi.example.com", false}, {open, "0x7f.1", false},
		{named, "cmi.example.com", true}, {named, "cmi.example.com:443", true}, {named, "internal", true}, {named, "evil.example", false},
		{keyed, "evil.example", true}, {both, "cmi.example.com", true}, {both, "evil.example", false},
	} {
		answer := tc.at.do(t, client(t, "HTTP/1.1"), "GET", "/v1/scores", "", "Host", tc.host)
		if tc.fine && answer.code != 200 || !tc.fine && (answer.code != 403 || answer.reason(t) != "HOST_REFUSED") {
			t.Errorf("%s: %d %s", tc.host, answer.code, answer.body)
		}
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	s := &services{}
	closed := start(t, s, nil)
	listed := start(t, s, func(o *gateway.Options) { o.CORSOrigins = []string{"https://app.example.com", "http://localhost:3000"} })
	any := start(t, s, func(o *gateway.Options) { o.CORSOrigins = []string{"*"}; o.HasKeys = true })
	own := strings.TrimPrefix(closed.url, "http://")
	for _, tc := range []struct {
		at           site
		host, origin string
		fine         bool
		allowed      string
	}{
		{closed, own, "", true, ""},
		{closed, own, "http://" + own, true, ""},
		{closed, own, "https://" + own, true, ""}, // behind a proxy that ends TLS
		{closed, "localhost", "http://localhost", true, ""},
		{closed, "localhost:80", "http://localhost", true, ""},
		{closed, "localhost:443", "https://localhost", true, ""},
		{closed, "localhost:8080", "http://localhost:3000", false, ""},
		{closed, own, "https://evil.example", false, ""},
		{closed, own, "null", false, ""},
		{closed, own, "http://" + own + ".evil.example", false, ""},
		{listed, own, "https://app.example.com", true, "https://app.example.com"},
		{listed, own, "http://app.example.com", false, ""},
		{listed, own, "https://app.example.com:444", false, ""},
		{listed, own, "http://localhost:3000", true, "http://localhost:3000"},
		{any, own, "https://evil.example", true, "*"},
		{any, own, "null", true, "*"},
	} {
		headers := []string{"Host", tc.host}
		if tc.origin != "" {
			headers = append(headers, "Origin", tc.origin)
		}
		answer := tc.at.do(t, client(t, "HTTP/1.1"), "POST", "/v1/scores", "{}", headers...)
		if tc.fine && answer.code != 200 || !tc.fine && (answer.code != 403 || answer.reason(t) != "ORIGIN_REFUSED") {
			t.Errorf("%s from %s: %d %s", tc.host, tc.origin, answer.code, answer.body)
		}
		if got := answer.header.Get("Access-Control-Allow-Origin"); got != tc.allowed {
			t.Errorf("%s: allowed %q", tc.origin, got)
		}
		if tc.allowed != "" && (answer.header.Get("Vary") != "Origin" || !strings.Contains(answer.header.Get("Access-Control-Expose-Headers"), "X-Request-Id")) {
			t.Error(answer.header)
		}
		if answer.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("credentials are allowed")
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, func(o *gateway.Options) { o.CORSOrigins = []string{"https://app.example.com"} })
	answer := at.do(t, client(t, "HTTP/1.1"), "OPTIONS", "/v1/scores:stream", "", "Origin", "https://app.example.com",
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
	h := answer.header
	if answer.code != 204 || h.Get("Access-Control-Allow-Methods") != "POST" || h.Get("Access-Control-Max-Age") == "" {
		t.Errorf("%d %v", answer.code, h)
	}
	for _, name := range []string{"Authorization", "Content-Type", "X-Request-Id", "traceparent"} {
		if !strings.Contains(h.Get("Access-Control-Allow-Headers"), name) {
			t.Errorf("%s is missing", name)
		}
	}
	answer = at.do(t, client(t, "HTTP/1.1"), "OPTIONS", "/v1/scores", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	if answer.code != 403 || answer.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", answer.code, answer.header)
	}
	if s.count() > 0 {
		t.Error("something was called")
	}
}

func TestOriginsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"*", "app.example.com", "https://app.example.com/", "ftp://x", "", "https://", "https://a/b"} {
		if _, err := gateway.New(gateway.Options{Conn: (&services{}).channel(), CORSOrigins: []string{origin}}); err == nil {
			t.Errorf("%q was taken", origin)
		}
	}
	if _, err := gateway.New(gateway.Options{}); err == nil {
		t.Error("no connection was taken")
	}
}
