package errs

import (
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// requestIDKey is where the request id stands in ErrorInfo.metadata.
const requestIDKey = "request_id"

// status builds what the client sees.
func (v verdict) status(requestID string) *status.Status {
	if v.asIs != nil {
		return withRequestID(v.asIs, requestID)
	}
	out := &spb.Status{Code: int32(v.code), Message: clip(v.message, maxMessage)}
	if v.reason != cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		info := &errdetails.ErrorInfo{Reason: v.reason.String(), Domain: Domain}
		if requestID != "" {
			info.Metadata = map[string]string{requestIDKey: requestID}
		}
		attach(out, info)
	}
	if len(v.violations) > 0 {
		attach(out, &errdetails.BadRequest{FieldViolations: fieldViolations(v.violations)})
	}
	if v.retryAfter > 0 {
		attach(out, &errdetails.RetryInfo{RetryDelay: durationpb.New(v.retryAfter)})
	}
	return status.FromProto(out)
}

// attach adds a detail. Packing one of these messages cannot fail; were it to, the status without it still says the truth.
func attach(st *spb.Status, detail proto.Message) {
	if packed, err := anypb.New(detail); err == nil {
		st.Details = append(st.Details, packed)
	}
}

// withRequestID answers a copy of st that names the call in its ErrorInfo, or st itself when it has none to put it in.
func withRequestID(st *status.Status, requestID string) *status.Status {
	info := infoOf(st)
	if requestID == "" || info == nil || st.Code() == codes.OK {
		return st
	}
	if info.Metadata == nil {
		info.Metadata = map[string]string{}
	}
	info.Metadata[requestIDKey] = requestID
	packed, err := anypb.New(info)
	if err != nil {
		return st
	}
	out := st.Proto()
	out.Details = slices.Clone(out.GetDetails())
	for i, detail := range out.GetDetails() {
		if detail.MessageIs(info) {
			out.Details[i] = packed
			break
		}
	}
	return status.FromProto(out)
}
