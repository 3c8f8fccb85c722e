package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/gateway/ndjson"
	"github.com/customer-momentum/cmi/server/gateway/spool"
)

// spoolMemory is how many bytes of answers a stream keeps in memory while nobody reads them.
const spoolMemory = 1 << 20

// scoreStreams serves StreamScores as lines of JSON, both ways. The generated handler will not do: it takes a malformed line
// for the end of the input and loses what follows without a word, reads lines without bound, and on HTTP/1.1 cannot answer
// before the body ends.
//
// Three goroutines share a conversation: one reads lines and sends them into the call, one receives answers into a spool, and
// the handler's own writes from the spool to the client. The spool is what lets a client write everything before it reads.
type scoreStreams struct {
	client   cmiv1.ScoringServiceClient
	mux      *runtime.ServeMux
	refusals refusals
	log      *slog.Logger
	lines    ndjson.Buffers
	maxLine  int
	limits   spool.Limits
	hold     time.Duration
	stall    time.Duration
}

func newScoreStreams(opts Options, refusals refusals) *scoreStreams {
	return &scoreStreams{
		client:   cmiv1.NewScoringServiceClient(opts.Conn),
		mux:      newMux(refusals),
		refusals: refusals,
		log:      opts.Logger,
		maxLine:  opts.MaxLineBytes,
		limits:   spool.Limits{Memory: int(min(spoolMemory, opts.SpoolBytes)), Total: opts.SpoolBytes, Dir: opts.SpoolDir},
		hold:     opts.HeaderHold,
		stall:    opts.Stall,
	}
}

func (s *scoreStreams) serve(w http.ResponseWriter, r *http.Request, found *route) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	ctx, err := runtime.AnnotateContext(ctx, s.mux, r, found.rpc, runtime.WithHTTPPathPattern(found.template))
	if err != nil {
		s.refusals.write(w, r, err)
		return
	}
	out := newOutlet(w, s.stall)
	if err := out.open(r); err != nil {
		s.refusals.write(w, r, err)
		return
	}
	call, err := s.client.StreamScores(ctx)
	if err != nil {
		s.refusals.write(w, r, err)
		return
	}
	c := &conversation{
		log:      s.log,
		call:     call,
		cancel:   cancel,
		body:     r.Body,
		lines:    s.lines.NewReader(&watched{in: r.Body, out: out}, s.maxLine),
		maxLine:  s.maxLine,
		spool:    spool.New(s.limits),
		limit:    s.limits.Total,
		out:      out,
		id:       w.Header().Get("X-Request-Id"),
		began:    make(chan struct{}),
		ended:    make(chan struct{}),
		read:     make(chan struct{}),
		received: make(chan struct{}),
	}
	go c.send()
	go c.receive()
	defer c.finish()
	if refused := c.awaitHeader(s.hold); refused != nil {
		s.refusals.write(w, r, refused)
		return
	}
	h := w.Header()
	h.Set("Content-Type", typeNDJSON)
	h.Set("X-Accel-Buffering", "no") // asks a proxy to pass answers on as they come
	w.WriteHeader(http.StatusOK)
	c.deliver()
}

// awaitHeader waits until the call was let in, and answers the error of one that was not, which then gets an HTTP status of
// its own. It does not wait for ever: a client may want the headers before it sends anything, and a call may want something
// sent before it says anything. From 200 on, an error is the last line.
func (c *conversation) awaitHeader(hold time.Duration) error {
	timer := time.NewTimer(hold)
	defer timer.Stop()
	select {
	case <-c.began:
		return nil
	case <-timer.C:
		return nil
	case <-c.ended:
	}
	select {
	case <-c.began: // both at once: it was let in
		return nil
	default:
		return c.final
	}
}

// errGone says that the client does not take answers any more.
var errGone = errors.New("gateway: the client is gone")
