package errs

import (
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// ofStatus judges an error that is a gRPC status already: one that this package made earlier, or one of the gRPC library
// or of a service that comes with it (health, reflection). The library gives no reasons, so the ones that clients branch on
// are added; and it puts causes into its messages, so unexplained failures are not shown.
func ofStatus(st *status.Status) verdict {
	if info := infoOf(st); info != nil {
		reason := cmiv1.ErrorReason(cmiv1.ErrorReason_value[info.GetReason()])
		return verdict{code: st.Code(), reason: reason, asIs: st}
	}
	switch st.Code() {
	case codes.OK, codes.Unknown, codes.Internal, codes.DataLoss:
		if strings.Contains(st.Message(), "failed to unmarshal") {
			return plain(cmiv1.ErrorReason_INVALID_REQUEST, "The message cannot be decoded as the request of this method.")
		}
		return internal()
	case codes.Canceled:
		return plain(cmiv1.ErrorReason_CALL_CANCELLED, "The call was cancelled.")
	case codes.DeadlineExceeded:
		return plain(cmiv1.ErrorReason_DEADLINE_EXCEEDED, "The call ran out of time.")
	case codes.Unimplemented:
		return plain(cmiv1.ErrorReason_UNKNOWN_METHOD, st.Message())
	case codes.ResourceExhausted:
		if strings.Contains(st.Message(), "larger than max") {
			return plain(cmiv1.ErrorReason_REQUEST_TOO_LARGE, "The message is larger than the service takes.")
		}
	}
	return verdict{code: st.Code(), asIs: st}
}

// infoOf finds the ErrorInfo of this service among the details.
func infoOf(st *status.Status) *errdetails.ErrorInfo {
	for _, detail := range st.Proto().GetDetails() {
		var info errdetails.ErrorInfo
		if detail.MessageIs(&info) && detail.UnmarshalTo(&info) == nil && info.GetDomain() == Domain {
			return &info
		}
	}
	return nil
}

// Reason answers the reason that a status carries, ERROR_REASON_UNSPECIFIED when it carries none of this service's.
func Reason(st *status.Status) cmiv1.ErrorReason {
	return cmiv1.ErrorReason(cmiv1.ErrorReason_value[infoOf(st).GetReason()])
}
