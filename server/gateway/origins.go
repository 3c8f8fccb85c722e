package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	anyOrigin = "*"
	// corsHeaders are what a page may send, exposedHeaders what it may read, beyond what browsers allow by themselves.
	corsHeaders    = "Authorization, Content-Type, X-Api-Key, X-Request-Id, Grpc-Timeout, traceparent, tracestate, baggage"
	exposedHeaders = "X-Request-Id, Retry-After"
	preflightAge   = "600"
)

// checkOrigins refuses what could not be meant. Every origin is safe only where a page needs a key to be let in.
func checkOrigins(all []string, hasKeys bool) error {
	for _, origin := range all {
		if origin == anyOrigin {
			if !hasKeys {
				return fmt.Errorf("the origin * lets every page that a user visits call this service, which asks for no key: name the origins, or set up keys")
			}
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || origin != u.Scheme+"://"+u.Host {
			return fmt.Errorf("%q is no origin: write it like https://app.example.com or http://localhost:3000", origin)
		}
	}
	return nil
}

// origins are the pages that may call besides the service's own.
type origins struct {
	any     bool
	allowed map[string]bool
}

func newOrigins(all []string) origins {
	o := origins{any: slices.Contains(all, anyOrigin), allowed: make(map[string]bool)}
	for _, origin := range all {
		o.allowed[strings.ToLower(origin)] = true
	}
	return o
}

// check refuses pages of others, answers the question that browsers ask beforehand (done is then true), and tells them what
// a page that is let in may see.
func (o origins) check(w http.ResponseWriter, r *http.Request, routes *routes) (done bool, err error) {
	if len(o.allowed) > 0 {
		w.Header().Add("Vary", "Origin")
	}
	given := r.Header["Origin"]
	if len(given) == 0 {
		return false, nil
	}
	origin := given[0]
	switch {
	case len(given) == 1 && sameOrigin(origin, r.Host):
		return false, nil
	case len(given) > 1 || !o.any && !o.allowed[strings.ToLower(origin)]:
		return false, fault.New(cmiv1.ErrorReason_ORIGIN_REFUSED,
			"The Origin header says %.100q: pages from there may not call this service, unless that origin is configured.", origin)
	}
	h := w.Header()
	if o.any {
		h.Set("Access-Control-Allow-Origin", anyOrigin)
	} else {
		h.Set("Access-Control-Allow-Origin", origin)
	}
	h.Set("Access-Control-Expose-Headers", exposedHeaders)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false, nil
	}
	allowed := routes.methods(r.URL.Path)
	if len(allowed) == 0 {
		allowed = []string{http.MethodGet}
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(allowed, ", "))
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
	return true, nil
}

// sameOrigin tells whether the page came from the host that it calls. The scheme is left out of it, because a proxy that
// ends TLS hides it; the port is not.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(withPort(u.Host, u.Scheme), withPort(host, u.Scheme))
}

func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if scheme == "https" {
		return net.JoinHostPort(host, "443")
	}
	return net.JoinHostPort(host, "80")
}
