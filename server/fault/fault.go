// Package fault is the one form in which the service says no: a reason that clients branch on, a sentence for people, the
// fields at fault. The doors map it to a status; the use cases and the stores only name it.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Violation is one field that is not as it must be.
type Violation struct {
	// Field is the path within the request, such as response.answers[3].number.
	Field string
	// Description says the item, the value and what is allowed.
	Description string
}

// Error is a refusal. Everything in it but Cause may be shown to the client.
type Error struct {
	Reason     cmiv1.ErrorReason
	Message    string
	Violations []Violation
	// RetryAfter, where positive, says when to come back.
	RetryAfter time.Duration
	// Cause goes to the log and never to a client.
	Cause error
}

// New makes a refusal with a sentence.
func New(reason cmiv1.ErrorReason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Field makes a refusal over one field of the request.
func Field(reason cmiv1.ErrorReason, field, format string, args ...any) *Error {
	text := fmt.Sprintf(format, args...)
	return &Error{Reason: reason, Message: field + ": " + text, Violations: []Violation{{Field: field, Description: text}}}
}

// Within puts a refusal's fields under path, for a message that holds the one which was refused. Other errors stay as they
// are.
func Within(path string, err error) error {
	inner, ok := errors.AsType[*Error](err)
	if !ok || path == "" || len(inner.Violations) == 0 {
		return err
	}
	outer := *inner
	outer.Violations = make([]Violation, len(inner.Violations))
	for i, v := range inner.Violations {
		outer.Violations[i] = Violation{Field: path + "." + v.Field, Description: v.Description}
	}
	if strings.HasPrefix(inner.Message, inner.Violations[0].Field+": ") {
		outer.Message = path + "." + inner.Message
	}
	return &outer
}

// Because attaches what lies behind the refusal, for the log.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// Error gives the whole story, cause included: for logs and tests, not for clients.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Reason, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Reason, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// ReasonOf answers the reason of the first refusal in err's chain, ERROR_REASON_UNSPECIFIED when there is none.
func ReasonOf(err error) cmiv1.ErrorReason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED
}
