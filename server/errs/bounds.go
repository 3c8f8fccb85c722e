package errs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/customer-momentum/cmi/server/fault"
)

// A status travels in HTTP/2 trailers, twice: the message percent-encoded (up to three times its size) in grpc-message, and
// all of it in base64 in grpc-status-details-bin. Many clients take 8 KiB of them and drop the whole answer beyond. These
// bounds keep the worst case just under that.
const (
	maxMessage     = 800  // bytes of the message
	maxField       = 200  // bytes of one field path
	maxDescription = 500  // bytes of one description
	maxViolations  = 20   // violations
	maxDetail      = 2400 // bytes of all violations together
	perViolation   = 8    // bytes that the encoding of one adds
)

// clip answers s as valid UTF-8 of at most limit bytes, cut between characters and marked where it was cut.
func clip(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	const mark = "…"
	end := limit - len(mark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

// fieldViolations lists the violations, at most maxViolations of them and not more than fit; the last then says how many
// more there are, so that nobody takes the list for the whole.
func fieldViolations(all []fault.Violation) []*errdetails.BadRequest_FieldViolation {
	shown := make([]*errdetails.BadRequest_FieldViolation, 0, min(len(all), maxViolations))
	size := 0
	for i, v := range all {
		one := &errdetails.BadRequest_FieldViolation{
			Field:       clip(v.Field, maxField),
			Description: clip(v.Description, maxDescription),
		}
		size += len(one.GetField()) + len(one.GetDescription()) + perViolation
		last := len(shown) == maxViolations-1 && i < len(all)-1
		if last || size > maxDetail {
			return append(shown, more(len(all)-i))
		}
		shown = append(shown, one)
	}
	return shown
}

func more(n int) *errdetails.BadRequest_FieldViolation {
	return &errdetails.BadRequest_FieldViolation{Description: fmt.Sprintf("… and %d more.", n)}
}
