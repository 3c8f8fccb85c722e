package gateway

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// refusals writes errors: always a google.rpc.Status in JSON, whoever refused and why.
type refusals struct{ log *slog.Logger }

// write answers with an error and says which status code it was given.
func (f refusals) write(w http.ResponseWriter, r *http.Request, err error) int {
	return f.writeAs(w, r, err, 0)
}

// writeAs is write with a status code that the error itself would not have; 0 leaves it to the error.
func (f refusals) writeAs(w http.ResponseWriter, r *http.Request, err error, code int) int {
	h := w.Header()
	st, body := errorBody(h.Get(requestid.Header), err)
	if code == 0 {
		code = errs.HTTPStatus(st)
	}
	if code == http.StatusNotFound && h.Get("Allow") != "" {
		code = http.StatusMethodNotAllowed
	}
	if code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="cmi"`)
	}
	if code == http.StatusUnsupportedMediaType {
		h.Set("Accept-Encoding", "identity")
	}
	if wait := retryAfter(st); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(wait))
	}
	if r.ProtoMajor == 1 && r.ContentLength != 0 && unread(code) {
		h.Set("Connection", "close") // what is left of the body is not worth reading
	}
	h.Set("Content-Type", typeJSON)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	f.log.LogAttrs(r.Context(), slog.LevelDebug, "answered with an error", slog.String("method", r.Method),
		slog.Int("status", code), slog.String("reason", errs.Reason(st).String()),
		slog.String("remote", r.RemoteAddr), slog.String("request_id", h.Get(requestid.Header)))
	w.WriteHeader(code)
	_, _ = w.Write(body) //nolint:gosec // JSON, said to be JSON and not to be sniffed; and the client may have gone
	if r.ProtoMajor >= 2 && unread(code) && !strings.HasPrefix(r.Header.Get("Content-Type"), typeNDJSON) {
		hearOut(w, r) // a stream does so by itself
	}
	return code
}

const (
	// heardBytes and heardFor bound how much of an unwanted body is read, and for how long.
	heardBytes = 256 << 20
	heardFor   = 10 * time.Second
)

// hearOut sends the answer and drops what still comes of the body. On HTTP/2 returning before its end resets the stream, and
// clients (curl among them) then lose the answer that was already on its way to them.
func hearOut(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	if rc.Flush() != nil || rc.SetReadDeadline(time.Now().Add(heardFor)) != nil {
		return
	}
	var in io.Reader = r.Body
	if b, ok := r.Body.(*body); ok {
		in = b.in
	}
	_, _ = io.CopyN(io.Discard, in, heardBytes) // its end, or that of patience: either will do
}

// unread tells whether an answer of this kind leaves a body unread.
func unread(code int) bool {
	return code == http.StatusRequestEntityTooLarge || code == http.StatusGatewayTimeout
}

// fromMux answers for the gateway library, which has only the text left of an error that the body met.
func (f refusals) fromMux(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if b, ok := r.Body.(*body); ok && b.err != nil {
		err = b.err
	}
	f.write(w, r, err)
}

// fromRouting answers for a path that the routes of the descriptors have and the generated ones do not, which a test excludes.
func (f refusals) fromRouting(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	f.write(w, r, fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "There is nothing at %.200s.", r.URL.Path))
}

// errorBody makes the status and its JSON. The request id goes into the details as well, for whoever keeps only the body.
func errorBody(id string, err error) (*status.Status, []byte) {
	st := errs.ForCall(requestid.With(context.Background(), id), err)
	p := st.Proto()
	if errs.Reason(st) == cmiv1.ErrorReason_UNKNOWN_METHOD {
		p = proto.CloneOf(p)
		p.Code = int32(codes.NotFound)
	}
	body, err := protojson.Marshal(p)
	if err != nil { // a detail of a kind that this program does not know
		p = proto.CloneOf(p)
		p.Details = nil
		body, _ = protojson.Marshal(p)
	}
	return st, body
}

// retryAfter answers how many seconds to wait, rounded up; 0 when nothing was said.
func retryAfter(st *status.Status) int {
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return int(math.Ceil(retry.GetRetryDelay().AsDuration().Seconds()))
		}
	}
	return 0
}
