// Package errs turns what went wrong inside into what a client may see: a google.rpc.Status with an ErrorInfo and, for bad
// input, a BadRequest. It is the one place that does so, for every door, so that no door can say more than another and
// nothing of the inside (SQL, file names, panics) is said by any.
package errs

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// Domain is the ErrorInfo domain of every error of this service.
const Domain = "cmi"

// internalMessage is all that a client learns of a fault of the service.
const internalMessage = "Internal error."

// storeRetry is when a client may come back after the store did not answer.
const storeRetry = time.Second

// Status answers what a client may see of err; nil for nil. A *fault.Error shows all but its cause; errors of the store and
// of contexts have their reasons; a gRPC status stands as it is, unless it is an unexplained failure; anything else is
// "Internal error." and not a word more. The messages are valid UTF-8 and the whole is small enough for HTTP/2 trailers.
func Status(err error) *status.Status {
	if err == nil {
		return nil
	}
	return judge(err).status("")
}

// With answers the status with the request id of ctx in its ErrorInfo, where both are there: a client that reports the
// error then reports the line in the log as well.
func With(ctx context.Context, st *status.Status) *status.Status {
	if st == nil || st.Code() == codes.OK {
		return st
	}
	return withRequestID(st, requestid.From(ctx))
}

// ForCall is With(ctx, Status(err)) in one step, for the door that has both at hand.
func ForCall(ctx context.Context, err error) *status.Status {
	if err == nil {
		return nil
	}
	return judge(err).status(requestid.From(ctx))
}

// Classify answers the code and reason that Status would give, without building it: for the log and the metrics. The reason
// is ERROR_REASON_UNSPECIFIED for a gRPC status that carries none.
func Classify(err error) (codes.Code, cmiv1.ErrorReason) {
	if err == nil {
		return codes.OK, cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED
	}
	v := judge(err)
	return v.code, v.reason
}

// verdict is what was decided about an error before any message is built.
type verdict struct {
	code       codes.Code
	reason     cmiv1.ErrorReason
	message    string
	violations []fault.Violation
	retryAfter time.Duration
	// asIs, where set, is shown as it is.
	asIs *status.Status
}

// judge looks for the most telling error in the chain. A refusal in our own words comes first: whoever made it knew what
// lay behind it. The store's words come before those of contexts, since it may have given up on a deadline of its own.
func judge(err error) verdict {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return ofFault(refusal)
	}
	switch {
	case errors.Is(err, store.ErrUnavailable):
		v := plain(cmiv1.ErrorReason_STORE_UNAVAILABLE, "The store does not answer; try again.")
		v.retryAfter = storeRetry
		return v
	case errors.Is(err, store.ErrNotFound):
		// The use cases say what was not found. Where one did not, the code still holds and no reason is made up.
		return verdict{code: codes.NotFound, message: "There is no such thing."}
	}
	if foreign, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err); ok {
		return ofStatus(foreign.GRPCStatus())
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return plain(cmiv1.ErrorReason_DEADLINE_EXCEEDED, "The call ran out of time.")
	case errors.Is(err, context.Canceled):
		return plain(cmiv1.ErrorReason_CALL_CANCELLED, "The call was cancelled.")
	default:
		return internal()
	}
}

// ofFault shows a refusal, unless it is a fault of the service: of that even the message stays inside.
func ofFault(e *fault.Error) verdict {
	code := Code(e.Reason)
	if code == codes.Internal {
		return internal()
	}
	return verdict{code: code, reason: e.Reason, message: e.Message, violations: e.Violations, retryAfter: e.RetryAfter}
}

func plain(reason cmiv1.ErrorReason, message string) verdict {
	return verdict{code: Code(reason), reason: reason, message: message}
}

func internal() verdict {
	return plain(cmiv1.ErrorReason_INTERNAL_ERROR, internalMessage)
}
