package gateway

import (
	"mime"
	"net/http"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	typeJSON   = "application/json"
	typeNDJSON = "application/x-ndjson"
)

// checkContentType asks for a body of the given type, in UTF-8, as it is. A page of another origin cannot send these types
// without being asked for first, which is why they are insisted on.
func checkContentType(h http.Header, want string) error {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fault.New(cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE,
			"The body says Content-Encoding: %.40s; send it as it is, without compression.", coding)
	}
	given := h["Content-Type"]
	switch {
	case len(given) == 1 && given[0] == want:
		return nil
	case len(given) == 0 || given[0] == "":
		return fault.New(cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE, "The body does not say what it is: send Content-Type: %s.", want)
	case len(given) == 1 && sameType(given[0], want):
		return nil
	default:
		return fault.New(cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE,
			"The body says Content-Type: %.80s; this method takes %s, in UTF-8.", strings.Join(given, ", "), want)
	}
}

func sameType(given, want string) bool {
	kind, params, err := mime.ParseMediaType(given)
	if err != nil || kind != want {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// checkNoBody refuses a body where none is read: it would be a mistake that nobody notices.
func checkNoBody(r *http.Request) error {
	if r.ContentLength == 0 {
		r.Body = http.NoBody
		return nil
	}
	return fault.New(cmiv1.ErrorReason_INVALID_REQUEST, "%s takes no body here; what it asks goes into the path and the query.", r.Method)
}
