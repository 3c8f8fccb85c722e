package server_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// refusal is a kind of error as the contract promises it, written down here by hand: what the service says of itself
// (package errs) is what is under test.
type refusal struct {
	reason string
	code   codes.Code
	// status is that of HTTP. Where body is not 0, the body over HTTP has that code in place of code.
	status int
	body   codes.Code
}

var (
	invalidRequest   = refusal{reason: "INVALID_REQUEST", code: codes.InvalidArgument, status: 400}
	invalidResponse  = refusal{reason: "INVALID_RESPONSE", code: codes.InvalidArgument, status: 400}
	malformedJSON    = refusal{reason: "MALFORMED_JSON", code: codes.InvalidArgument, status: 400}
	badQuery         = refusal{reason: "INVALID_QUERY_PARAMETER", code: codes.InvalidArgument, status: 400}
	badContentType   = refusal{reason: "UNSUPPORTED_CONTENT_TYPE", code: codes.InvalidArgument, status: 415}
	tooLarge         = refusal{reason: "REQUEST_TOO_LARGE", code: codes.ResourceExhausted, status: 413}
	badPageToken     = refusal{reason: "INVALID_PAGE_TOKEN", code: codes.InvalidArgument, status: 400}
	unknownPath      = refusal{reason: "UNKNOWN_METHOD", code: codes.Unimplemented, status: 404, body: codes.NotFound}
	wrongMethod      = refusal{reason: "UNKNOWN_METHOD", code: codes.Unimplemented, status: 405, body: codes.NotFound}
	noQuestionnaire  = refusal{reason: "QUESTIONNAIRE_NOT_FOUND", code: codes.NotFound, status: 404}
	hasFaults        = refusal{reason: "QUESTIONNAIRE_HAS_FAULTS", code: codes.FailedPrecondition, status: 400}
	isDraft          = refusal{reason: "QUESTIONNAIRE_IS_DRAFT", code: codes.FailedPrecondition, status: 400}
	isArchived       = refusal{reason: "QUESTIONNAIRE_ARCHIVED", code: codes.FailedPrecondition, status: 400}
	questionnaireIs  = refusal{reason: "QUESTIONNAIRE_EXISTS", code: codes.AlreadyExists, status: 409}
	staleEtag        = refusal{reason: "STALE_ETAG", code: codes.Aborted, status: 409}
	reservedID       = refusal{reason: "RESERVED_ID", code: codes.InvalidArgument, status: 400}
	nothingToPublish = refusal{reason: "NOTHING_TO_PUBLISH", code: codes.FailedPrecondition, status: 400}
	responseExists   = refusal{reason: "RESPONSE_EXISTS", code: codes.AlreadyExists, status: 409}
	noResponse       = refusal{reason: "RESPONSE_NOT_FOUND", code: codes.NotFound, status: 404}
	customerErased   = refusal{reason: "CUSTOMER_ERASED", code: codes.FailedPrecondition, status: 400}
	noOperation      = refusal{reason: "OPERATION_NOT_FOUND", code: codes.NotFound, status: 404}
	operationIs      = refusal{reason: "OPERATION_EXISTS", code: codes.AlreadyExists, status: 409}
	noCustomer       = refusal{reason: "CUSTOMER_NOT_FOUND", code: codes.NotFound, status: 404}
	notComparable    = refusal{reason: "NOT_COMPARABLE", code: codes.FailedPrecondition, status: 400}
	noItem           = refusal{reason: "ITEM_NOT_FOUND", code: codes.InvalidArgument, status: 400}
	notEnough        = refusal{reason: "NOT_ENOUGH_RESPONSES", code: codes.FailedPrecondition, status: 400}
	streamProtocol   = refusal{reason: "STREAM_PROTOCOL", code: codes.InvalidArgument, status: 400}
	sequenceGap      = refusal{reason: "SEQUENCE_GAP", code: codes.InvalidArgument, status: 400}
	streamIdle       = refusal{reason: "STREAM_IDLE", code: codes.DeadlineExceeded, status: 504}
)

// internals are what no client may ever read: of the store, of the machine, of Go, of the libraries.
var internals = []string{"sql", "/root", "/tmp", "goroutine", ".go:", "proto:", "protojson", "panic", "runtime error", "cmiv1", "\u00a0"}

// checkSafe checks that a text shows nothing of the inside.
func checkSafe(t *testing.T, text string) {
	t.Helper()
	for _, leak := range internals {
		if strings.Contains(strings.ToLower(text), leak) {
			t.Errorf("%q in %s", leak, text)
		}
	}
}

// checkStatus checks that an error is of the kind, names the field, says the words, and names its call. An empty field means
// that the error is over no field in particular.
func checkStatus(t *testing.T, got *spb.Status, want refusal, field, says, requestID string) {
	t.Helper()
	if got == nil {
		t.Errorf("no error, want %s", want.reason)
		return
	}
	text := statusText(got)
	checkSafe(t, text)
	if codes.Code(got.GetCode()) != want.code {
		t.Errorf("code %s, want %s: %s", codes.Code(got.GetCode()), want.code, text)
	}
	info, bad := detailsOf(t, got)
	if info.GetReason() != want.reason || info.GetDomain() != "cmi" {
		t.Errorf("reason %s of %s, want %s: %s", info.GetReason(), info.GetDomain(), want.reason, text)
	}
	if id := info.GetMetadata()["request_id"]; id == "" || id != requestID {
		t.Errorf("request id %q, and the header says %q: %s", id, requestID, text)
	}
	if !strings.Contains(got.GetMessage(), says) {
		t.Errorf("%q is missing in %s", says, got.GetMessage())
	}
	if field == "" {
		if len(bad.GetFieldViolations()) > 0 {
			t.Errorf("fields, and none is at fault: %s", text)
		}
		return
	}
	for _, v := range bad.GetFieldViolations() {
		if v.GetField() == field && strings.Contains(v.GetDescription(), says) {
			return
		}
	}
	t.Errorf("no violation of %s that says %q: %s", field, says, text)
}

// overHTTP answers the kind as the body over HTTP has it.
func (r refusal) overHTTP() refusal {
	if r.body != codes.OK {
		r.code = r.body
	}
	return r
}

func detailsOf(t *testing.T, st *spb.Status) (*errdetails.ErrorInfo, *errdetails.BadRequest) {
	t.Helper()
	info, bad := new(errdetails.ErrorInfo), new(errdetails.BadRequest)
	for _, detail := range st.GetDetails() {
		for _, into := range []protoreflect.ProtoMessage{info, bad} {
			if !detail.MessageIs(into) {
				continue
			}
			if err := detail.UnmarshalTo(into); err != nil {
				t.Errorf("%v: %v", detail, err)
			}
		}
	}
	return info, bad
}

func statusText(st *spb.Status) string {
	text, err := protojson.Marshal(st)
	if err != nil {
		return st.String()
	}
	return string(text)
}
