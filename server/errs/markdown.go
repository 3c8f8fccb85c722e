package errs

import (
	"fmt"
	"strings"
)

// Markdown answers docs/errors.md, made from Table, so that the page cannot lag behind the service.
func Markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("| Reason | gRPC | HTTP | What happened | What to do |\n|---|---|---|---|---|\n")
	for _, r := range Table() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %d | %s | %s |\n", r.Reason, CodeName(r.Code), r.HTTP, r.Means, r.Do)
	}
	return b.String()
}

const preface = "<!-- Made from server/errs by `go test ./server/errs -run Docs -update`. Do not edit. -->\n" + `
# Errors

Every error is a ` + "`google.rpc.Status`" + `, by gRPC and as JSON over HTTP, and so is the error of one response in a bulk call:

` + "```json" + `
{
  "code": 3,
  "message": "response.answers[0].number: 11 is above the maximum of 10.",
  "details": [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      "reason": "INVALID_RESPONSE",
      "domain": "cmi",
      "metadata": {"request_id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b"}
    },
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      "fieldViolations": [
        {"field": "response.answers[0].number", "description": "11 is above the maximum of 10."}
      ]
    }
  ]
}
` + "```" + `

- Branch on ` + "`reason`" + ` (with ` + "`domain`" + ` ` + "`cmi`" + `). The message is for people and may change.
- ` + "`BadRequest`" + ` comes with bad input and lists the fields at fault, at most 20; the last entry then says how many more there are.
- ` + "`RetryInfo`" + ` comes where a repetition after ` + "`retryDelay`" + ` may help. Scoring calls with a response id are safe to repeat whatever happened:
  the same id with the same content answers the recorded score.
- ` + "`request_id`" + ` names the call, as the header ` + "`x-request-id`" + ` of the answer does. Send that header to choose the id yourself (up to 128
  letters, digits and ` + "`-_.:/+=@`" + `).
- When a limit of the gRPC library itself stops a call (a message larger than ` + "`max-message-bytes`" + `, a message that
  is not Protocol Buffers), the status has the code alone and no details.

gRPC clients repeat by themselves what may be repeated, when they are given this service config. With the addresses of all replicas
(` + "`" + `round_robin` + "`" + `), a replica that stops or restarts costs no call:

` + "`" + `` + "`" + `` + "`" + `json
{
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{}],
    "waitForReady": true,
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.1s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
}
` + "`" + `` + "`" + `` + "`" + `

Every call that writes is idempotent by an id of the caller's: responses, interactions, outcomes, customers. A response without an id gets a
new one with each repetition, so give it one.

`
