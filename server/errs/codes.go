package errs

import (
	"net/http"

	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Code answers the gRPC code of a reason, as errors.proto documents it. A reason that is not listed is a fault of the
// service, so that a new one cannot leave unnoticed.
func Code(reason cmiv1.ErrorReason) codes.Code {
	switch reason {
	case cmiv1.ErrorReason_INVALID_REQUEST,
		cmiv1.ErrorReason_MALFORMED_JSON,
		cmiv1.ErrorReason_INVALID_QUERY_PARAMETER,
		cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE,
		cmiv1.ErrorReason_INVALID_PAGE_TOKEN,
		cmiv1.ErrorReason_RESERVED_ID,
		cmiv1.ErrorReason_INVALID_RESPONSE,
		cmiv1.ErrorReason_INVALID_INTERACTION,
		cmiv1.ErrorReason_INVALID_OUTCOME,
		cmiv1.ErrorReason_ITEM_NOT_FOUND,
		cmiv1.ErrorReason_STREAM_PROTOCOL,
		cmiv1.ErrorReason_SEQUENCE_GAP:
		return codes.InvalidArgument
	case cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS,
		cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED,
		cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT,
		cmiv1.ErrorReason_NOTHING_TO_PUBLISH,
		cmiv1.ErrorReason_NOT_ENOUGH_RESPONSES,
		cmiv1.ErrorReason_NOT_COMPARABLE,
		cmiv1.ErrorReason_OPERATION_NOT_DONE,
		cmiv1.ErrorReason_TOO_MANY_GROUPS,
		cmiv1.ErrorReason_CUSTOMER_ERASED:
		return codes.FailedPrecondition
	case cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND,
		cmiv1.ErrorReason_RESPONSE_NOT_FOUND,
		cmiv1.ErrorReason_NO_QUESTIONNAIRE_FITS,
		cmiv1.ErrorReason_CUSTOMER_NOT_FOUND,
		cmiv1.ErrorReason_OPERATION_NOT_FOUND:
		return codes.NotFound
	case cmiv1.ErrorReason_QUESTIONNAIRE_EXISTS,
		cmiv1.ErrorReason_RESPONSE_EXISTS,
		cmiv1.ErrorReason_INTERACTION_EXISTS,
		cmiv1.ErrorReason_OUTCOME_EXISTS,
		cmiv1.ErrorReason_OPERATION_EXISTS:
		return codes.AlreadyExists
	case cmiv1.ErrorReason_STALE_ETAG:
		return codes.Aborted
	case cmiv1.ErrorReason_KEY_MISSING,
		cmiv1.ErrorReason_KEY_INVALID:
		return codes.Unauthenticated
	case cmiv1.ErrorReason_SCOPE_MISSING,
		cmiv1.ErrorReason_NO_ACCESS_RULE,
		cmiv1.ErrorReason_HOST_REFUSED,
		cmiv1.ErrorReason_ORIGIN_REFUSED:
		return codes.PermissionDenied
	case cmiv1.ErrorReason_REQUEST_TOO_LARGE,
		cmiv1.ErrorReason_ANSWERS_NOT_READ:
		return codes.ResourceExhausted
	case cmiv1.ErrorReason_STREAM_IDLE,
		cmiv1.ErrorReason_DEADLINE_EXCEEDED:
		return codes.DeadlineExceeded
	case cmiv1.ErrorReason_SERVER_DRAINING,
		cmiv1.ErrorReason_STORE_UNAVAILABLE:
		return codes.Unavailable
	case cmiv1.ErrorReason_UNKNOWN_METHOD:
		return codes.Unimplemented
	case cmiv1.ErrorReason_CALL_CANCELLED,
		cmiv1.ErrorReason_OPERATION_CANCELLED:
		return codes.Canceled
	default:
		return codes.Internal
	}
}

// HTTPStatus answers the HTTP status of an error: that of its reason where HTTP has a better one than its code, else that
// of its code.
func HTTPStatus(st *status.Status) int {
	return httpStatus(Reason(st), st.Code())
}

func httpStatus(reason cmiv1.ErrorReason, code codes.Code) int {
	switch reason {
	case cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE:
		return http.StatusUnsupportedMediaType
	case cmiv1.ErrorReason_REQUEST_TOO_LARGE:
		return http.StatusRequestEntityTooLarge
	case cmiv1.ErrorReason_UNKNOWN_METHOD:
		return http.StatusNotFound
	}
	switch code {
	case codes.OK:
		return http.StatusOK
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return http.StatusBadRequest
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted:
		return http.StatusConflict
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Canceled:
		return statusClientClosedRequest
	case codes.Unimplemented:
		return http.StatusNotImplemented
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}

// statusClientClosedRequest is what proxies log when the client went away; HTTP itself has no number for it.
const statusClientClosedRequest = 499

// CodeName answers a code as the API spells it, such as INVALID_ARGUMENT.
func CodeName(code codes.Code) string { return rpccode.Code(code).String() }
