package errs_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	secret := errors.New("pq: password authentication failed for /var/lib/secret")
	for name, c := range map[string]struct {
		err     error
		code    codes.Code
		reason  string
		message string
	}{
		"refusal": {
			fault.New(cmiv1.ErrorReason_RESPONSE_EXISTS, "r1 is recorded with other content.").Because(secret),
			codes.AlreadyExists, "RESPONSE_EXISTS", "r1 is recorded with other content.",
		},
		"wrapped refusal": {
			fmt.Errorf("score: %w", fault.New(cmiv1.ErrorReason_STALE_ETAG, "Stale.")), codes.Aborted, "STALE_ETAG", "Stale.",
		},
		"refusal over a cancelled context": {
			fault.New(cmiv1.ErrorReason_SERVER_DRAINING, "Bye.").Because(context.Canceled), codes.Unavailable, "SERVER_DRAINING", "Bye.",
		},
		"internal refusal": {
			fault.New(cmiv1.ErrorReason_INTERNAL_ERROR, "in /var/lib/secret"), codes.Internal, "INTERNAL_ERROR", "Internal error.",
		},
		"refusal without a reason":  {&fault.Error{Message: "secret"}, codes.Internal, "INTERNAL_ERROR", "Internal error."},
		"store unavailable":         {fmt.Errorf("%w: %w", store.ErrUnavailable, secret), codes.Unavailable, "STORE_UNAVAILABLE", "The store does not answer; try again."},
		"store gave up on time":     {fmt.Errorf("%w: %w", store.ErrUnavailable, context.DeadlineExceeded), codes.Unavailable, "STORE_UNAVAILABLE", "The store does not answer; try again."},
		"store has no such thing":   {fmt.Errorf("secret: %w", store.ErrNotFound), codes.NotFound, "", "There is no such thing."},
		"out of time":               {fmt.Errorf("secret: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "The call ran out of time."},
		"cancelled":                 {context.Canceled, codes.Canceled, "CALL_CANCELLED", "The call was cancelled."},
		"anything else":             {secret, codes.Internal, "INTERNAL_ERROR", "Internal error."},
		"a library's refusal":       {status.Error(codes.NotFound, "unknown service"), codes.NotFound, "", "unknown service"},
		"a wrapped status":          {fmt.Errorf("secret: %w", status.Error(codes.NotFound, "unknown service")), codes.NotFound, "", "unknown service"},
		"a library's failure":       {status.Error(codes.Internal, "secret"), codes.Internal, "INTERNAL_ERROR", "Internal error."},
		"a library's unknown":       {status.Error(codes.Unknown, "secret"), codes.Internal, "INTERNAL_ERROR", "Internal error."},
		"a library's cancel":        {status.Error(codes.Canceled, "context canceled"), codes.Canceled, "CALL_CANCELLED", "The call was cancelled."},
		"a library's deadline":      {status.Error(codes.DeadlineExceeded, "x"), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "The call ran out of time."},
		"an unknown method":         {status.Error(codes.Unimplemented, "unknown method X"), codes.Unimplemented, "UNKNOWN_METHOD", "unknown method X"},
		"a message too large":       {status.Error(codes.ResourceExhausted, "grpc: received message larger than max (9 vs. 4)"), codes.ResourceExhausted, "REQUEST_TOO_LARGE", "The message is larger than the service takes."},
		"a message not of protobuf": {status.Error(codes.Internal, "grpc: failed to unmarshal the received message: x"), codes.InvalidArgument, "INVALID_REQUEST", "The message cannot be decoded as the request of this method."},
		"our own status":            {errs.Status(fault.New(cmiv1.ErrorReason_STALE_ETAG, "Stale.")).Err(), codes.Aborted, "STALE_ETAG", "Stale."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := errs.Status(c.err)
			if st.Code() != c.code || st.Message() != c.message {
				t.Errorf("got %s %q, want %s %q", st.Code(), st.Message(), c.code, c.message)
			}
			info := infoOf(st)
			if info.GetReason() != c.reason {
				t.Errorf("reason %q, want %q", info.GetReason(), c.reason)
			}
			if c.reason != "" && info.GetDomain() != "cmi" {
				t.Errorf("domain %q", info.GetDomain())
			}
			if strings.Contains(st.String(), "secret") {
				t.Errorf("%s tells of the inside", st)
			}
			code, reason := errs.Classify(c.err)
			if code != st.Code() || reason != errs.Reason(st) {
				t.Errorf("Classify says %s %s", code, reason)
			}
		})
	}
}

func TestStatusOfNilIsNil(t *testing.T) {
	t.Parallel()
	if st := errs.Status(nil); st != nil || st.Err() != nil || errs.ForCall(t.Context(), nil) != nil {
		t.Errorf("got %v", st)
	}
	if code, _ := errs.Classify(nil); code != codes.OK {
		t.Errorf("Classify(nil) is %s", code)
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	e := fault.Field(cmiv1.ErrorReason_INVALID_RESPONSE, "response.answers[3].number", "11 is above 10.")
	e.RetryAfter = 1500 * time.Millisecond
	var bad *errdetails.BadRequest
	var retry *errdetails.RetryInfo
	for _, d := range errs.Status(e).Details() {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			bad = d
		case *errdetails.RetryInfo:
			retry = d
		}
	}
	if v := bad.GetFieldViolations(); len(v) != 1 || v[0].GetField() != "response.answers[3].number" || v[0].GetDescription() != "11 is above 10." {
		t.Errorf("violations %v", v)
	}
	if got := retry.GetRetryDelay().AsDuration(); got != e.RetryAfter {
		t.Errorf("retry delay %s", got)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	ctx := requestid.With(t.Context(), "r1")
	bare := errs.Status(fault.New(cmiv1.ErrorReason_STALE_ETAG, "Stale."))
	for name, st := range map[string]*status.Status{
		"With":    errs.With(ctx, bare),
		"ForCall": errs.ForCall(ctx, fault.New(cmiv1.ErrorReason_STALE_ETAG, "Stale.")),
		"as is":   errs.ForCall(ctx, bare.Err()),
	} {
		if got := infoOf(st).GetMetadata()["request_id"]; got != "r1" {
			t.Errorf("%s: request id %q", name, got)
		}
	}
	if got := infoOf(bare).GetMetadata(); len(got) != 0 {
		t.Errorf("With changed the status it was given: %v", got)
	}
	foreign := status.New(codes.NotFound, "x")
	if errs.With(ctx, foreign) != foreign || errs.With(ctx, nil) != nil || errs.With(t.Context(), bare) != bare {
		t.Error("With made something of nothing")
	}
}

// TestTheWorstCaseFitsIntoTrailers measures a status as HTTP/2 carries it.
func TestTheWorstCaseFitsIntoTrailers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":    strings.Repeat("x", 100_000),
		"umlauts":  strings.Repeat("ü", 100_000),
		"invalid":  strings.Repeat("\xff", 100_000),
		"percents": strings.Repeat("%", 100_000),
		"short":    "ü",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := fault.New(cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS, "%s", text)
			for range 5000 {
				e.Violations = append(e.Violations, fault.Violation{Field: text, Description: text})
			}
			e.RetryAfter = time.Hour
			st := errs.ForCall(requestid.With(t.Context(), strings.Repeat("r", 128)), e)
			wire, err := proto.Marshal(st.Proto())
			if err != nil {
				t.Fatal(err)
			}
			size := len("grpc-status-details-bin") + base64.RawStdEncoding.EncodedLen(len(wire)) + 32 +
				len("grpc-message") + percentEncoded(st.Message()) + 32
			if size > 8000 {
				t.Errorf("%d bytes of trailers", size)
			}
			shown := 0
			for _, d := range st.Details() {
				bad, ok := d.(*errdetails.BadRequest)
				if !ok {
					continue
				}
				shown = len(bad.GetFieldViolations())
				last := bad.GetFieldViolations()[shown-1]
				if want := fmt.Sprintf("… and %d more.", 5000-(shown-1)); last.GetDescription() != want {
					t.Errorf("the last of %d violations is %q, want %q", shown, last.GetDescription(), want)
				}
			}
			if shown == 0 || shown > 20 {
				t.Errorf("%d violations shown", shown)
			}
			if !utf8.ValidString(st.Message()) {
				t.Error("the message is not valid UTF-8")
			}
		})
	}
}

func TestTwentyViolationsAreShownWhole(t *testing.T) {
	t.Parallel()
	e := fault.New(cmiv1.ErrorReason_INVALID_RESPONSE, "Invalid.")
	for i := range 20 {
		e.Violations = append(e.Violations, fault.Violation{Field: fmt.Sprintf("response.answers[%d].number", i), Description: "is above the maximum of 10."})
	}
	for _, d := range errs.Status(e).Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			v := bad.GetFieldViolations()
			if len(v) != 20 || v[19].GetField() != "response.answers[19].number" {
				t.Errorf("%d violations, the last %v", len(v), v[len(v)-1])
			}
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	for reason, want := range map[cmiv1.ErrorReason]int{
		cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE: 415,
		cmiv1.ErrorReason_REQUEST_TOO_LARGE:        413,
		cmiv1.ErrorReason_UNKNOWN_METHOD:           404,
		cmiv1.ErrorReason_STALE_ETAG:               409,
		cmiv1.ErrorReason_SERVER_DRAINING:          503,
	} {
		if got := errs.HTTPStatus(errs.Status(fault.New(reason, "x"))); got != want {
			t.Errorf("%s is HTTP %d, want %d", reason, got, want)
		}
	}
	for code, want := range map[codes.Code]int{codes.OK: 200, codes.Unimplemented: 501, codes.DataLoss: 500} {
		if got := errs.HTTPStatus(status.New(code, "x")); got != want {
			t.Errorf("%s is HTTP %d, want %d", code, got, want)
		}
	}
}

func infoOf(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// percentEncoded is the size of a message in grpc-message.
func percentEncoded(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= ' ' && s[i] <= '~' && s[i] != '%' {
			n++
		} else {
			n += 3
		}
	}
	return n
}
