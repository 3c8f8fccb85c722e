package gateway

import (
	"context"
	"errors"
	"net/http"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// pages is what is served besides the calls: probes, metrics, the document and the page to try it. None of it is traced, and
// none of it asks for a key.
type pages struct {
	refusals refusals
	ready    func(context.Context) error
	metrics  http.Handler
	document []byte
	docs     *docs
}

func newPages(opts Options, refusals refusals) (*pages, error) {
	p := &pages{refusals: refusals, ready: opts.Ready, metrics: opts.Metrics}
	if len(opts.OpenAPI) == 0 {
		return p, nil
	}
	var err error
	if p.document, err = describe(opts.OpenAPI, opts.Version); err != nil {
		return nil, err
	}
	p.docs, err = newDocs()
	return p, err
}

// serveProbe answers /healthz and /readyz, whatever name they are asked by: whoever probes often knows only an address of its
// own, and there is nothing to learn from the answers.
func (p *pages) serveProbe(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/healthz":
		if p.reads(w, r) {
			writeJSON(w, []byte(`{"status":"SERVING"}`))
		}
	case "/readyz":
		if p.reads(w, r) {
			p.serveReady(w, r)
		}
	default:
		return false
	}
	return true
}

// serveReady answers 503 where Ready says no, and repeats only what was meant for clients.
func (p *pages) serveReady(w http.ResponseWriter, r *http.Request) {
	err := p.ready(r.Context())
	if err == nil {
		writeJSON(w, []byte(`{"status":"SERVING"}`))
		return
	}
	f, meant := errors.AsType[*fault.Error](err)
	if !meant {
		f = fault.New(cmiv1.ErrorReason_STORE_UNAVAILABLE, "The service is not ready.").Because(err)
	}
	p.refusals.writeAs(w, r, f, http.StatusServiceUnavailable)
}

// serve answers the other pages.
func (p *pages) serve(w http.ResponseWriter, r *http.Request) bool {
	path := r.URL.Path
	switch {
	case path == "/metrics" && p.metrics != nil:
		if p.reads(w, r) {
			p.metrics.ServeHTTP(w, r)
		}
	case path == "/openapi.json" && p.document != nil:
		if p.reads(w, r) {
			writeJSON(w, p.document)
		}
	case (path == "/" || path == "/docs") && p.docs != nil:
		if p.reads(w, r) {
			http.Redirect(w, r, docsPath, http.StatusFound)
		}
	case p.docs.has(path):
		if p.reads(w, r) {
			p.docs.serve(w, r)
		}
	default:
		return false
	}
	return true
}

// reads lets GET and HEAD through and refuses the rest.
func (p *pages) reads(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	p.refusals.write(w, r, fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "%.60s takes GET or HEAD, not %.20s.", r.URL.Path, r.Method))
	return false
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", typeJSON)
	_, _ = w.Write(body) // the client may have gone
}
