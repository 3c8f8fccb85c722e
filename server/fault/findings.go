package fault

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Findings gathers all that is wrong with one message, to be said at once.
type Findings struct {
	reason cmiv1.ErrorReason
	path   string
	all    []Violation
}

// Examine starts on a message that stands at path, which is refused for a reason.
func Examine(reason cmiv1.ErrorReason, path string) *Findings {
	return &Findings{reason: reason, path: path}
}

// Check notes what a field of the message must be, unless it is ok.
func (f *Findings) Check(ok bool, field, format string, args ...any) {
	if !ok {
		f.all = append(f.all, Violation{Field: f.path + "." + field, Description: fmt.Sprintf(format, args...)})
	}
}

// Add takes over what was found in another message that is refused for the same reason.
func (f *Findings) Add(other *Findings) { f.all = append(f.all, other.all...) }

// Refusal is nil where nothing was found.
func (f *Findings) Refusal() error {
	if len(f.all) == 0 {
		return nil
	}
	first := f.all[0]
	refused := New(f.reason, "%s: %s", first.Field, first.Description)
	if more := len(f.all) - 1; more > 0 {
		refused.Message += fmt.Sprintf(" (and %d more)", more)
	}
	refused.Violations = f.all
	return refused
}
