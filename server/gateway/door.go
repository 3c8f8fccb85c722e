package gateway

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"google.golang.org/grpc/peer"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// door is what every request passes, in this order: it gets a name, it says whom it calls (Host) and from where (Origin),
// and only then is looked at for what it wants.
type door struct {
	log      *slog.Logger
	refusals refusals
	hosts    hosts
	origins  origins
	observer *observer
	bodies   *bodies
	routes   *routes
	pages    *pages
	streams  *scoreStreams
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(requestid.Header)
	if !requestid.Sane(id) {
		id = requestid.New(time.Now())
	}
	w.Header().Set(requestid.Header, id)
	defer d.recover(w, r)

	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if d.pages.serveProbe(w, r) {
		return
	}
	if err := d.hosts.check(r.Host); err != nil {
		d.refusals.write(w, r, err)
		return
	}
	done, err := d.origins.check(w, r, d.routes)
	switch {
	case err != nil:
		d.refusals.write(w, r, err)
	case done:
	case d.pages.serve(w, r):
	default:
		d.call(w, r, id)
	}
}

// call serves what reaches a service.
func (d *door) call(w http.ResponseWriter, r *http.Request, id string) {
	found, values, err := d.routes.find(w, r)
	if err != nil {
		d.observer.unrouted(r, d.refusals.write(w, r, err))
		return
	}
	tidyHeaders(r.Header, id)
	ctx := peer.NewContext(requestid.With(r.Context(), id), peerOf(r))
	ctx, out, done := d.observer.begin(ctx, w, r, found)
	defer done()
	r = r.WithContext(ctx)
	if err := d.admit(r, found, values); err != nil {
		d.refusals.write(out, r, err)
		return
	}
	if found.rpc == cmiv1.ScoringService_StreamScores_FullMethodName {
		d.streams.serve(out, r, found)
		return
	}
	found.mux.ServeHTTP(out, r)
}

// admit checks what can be told from the head of the request, and puts the body behind its bounds.
func (d *door) admit(r *http.Request, found *route, values []string) error {
	if err := checkTimeout(r.Header); err != nil {
		return err
	}
	if err := found.query.apply(r); err != nil {
		return err
	}
	if !found.body {
		return checkNoBody(r)
	}
	if found.streaming {
		return checkContentType(r.Header, typeNDJSON)
	}
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return fault.New(cmiv1.ErrorReason_MALFORMED_JSON,
			"The body is empty; send a JSON object, {} at least, with Content-Type: application/json.")
	}
	if err := checkContentType(r.Header, typeJSON); err != nil {
		return err
	}
	return d.bodies.bound(r, found, values)
}

// recover turns a panic into an error of the service. One that was meant to cut the connection goes on doing so.
func (d *door) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == any(http.ErrAbortHandler) { // thrown as it is, never wrapped
		panic(p)
	}
	d.log.ErrorContext(r.Context(), "panic at the HTTP door", "panic", p, "method", r.Method, "path", r.URL.Path,
		"request_id", w.Header().Get(requestid.Header), "stack", string(debug.Stack()))
	d.refusals.write(w, r, fault.New(cmiv1.ErrorReason_INTERNAL_ERROR, "Internal error."))
}
